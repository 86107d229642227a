// lifecycle() as a middleware in a plain Koa application.
import { application } from './flaskoa-controllers'
import { flaskoa } from './flaskoa-module'
import { bodyParser, createKoa, listen } from './koa-by-hand'

const { controller, options } = application
const app = createKoa()
app.silent = true
if (application.bodyParser === true) app.use(bodyParser())
listen(app.use(flaskoa.lifecycle(controller, options)))
