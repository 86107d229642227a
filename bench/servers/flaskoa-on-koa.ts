// lifecycle() as a middleware in a plain Koa application.
import { application } from './flaskoa-controllers'
import { flaskoa } from './flaskoa-module'
import { bodyParser, createKoa } from './koa-by-hand'
import { host, port } from './support'

const { controller, options } = application
const app = createKoa()
app.silent = true
if (application.bodyParser === true) app.use(bodyParser())
app.use(flaskoa.lifecycle(controller, options)).listen(port, host)
