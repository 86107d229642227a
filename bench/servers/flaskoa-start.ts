import { application } from './flaskoa-controllers'
import { flaskoa } from './flaskoa-module'
import { bodyParser, listen } from './koa-by-hand'

/** Starts the application of the workload, with more options of `bootstrap`. */
export function start(more: object): void {
  const { controller, options } = application
  const middleware = application.bodyParser === true ? [bodyParser()] : []
  listen(flaskoa.bootstrap(controller, { ...options, ...more, middleware, logger: false }))
}
