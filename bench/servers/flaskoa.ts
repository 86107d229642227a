import { application } from './flaskoa-controllers'
import { flaskoa } from './flaskoa-module'
import { bodyParser } from './koa-by-hand'
import { host, port } from './support'

const { controller, options } = application
const middleware = application.bodyParser === true ? [bodyParser()] : []

flaskoa.bootstrap(controller, { ...options, middleware, logger: false }).listen(port, host)
