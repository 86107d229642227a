import Koa from 'koa'
import { bootstrap, lifecycle, type BootstrapOptions, type Class } from 'flaskoa'

type World = (controller: Class, middleware: readonly Koa.Middleware[], options?: BootstrapOptions) => Koa

/** Where middleware of others meets a lifecycle: in the application that `bootstrap` makes, and in one of Koa's own. */
export const worlds: [string, World][] = [
  [
    'in bootstrap',
    (controller, middleware, options) =>
      bootstrap(controller, { middleware: [...middleware], logger: false, ...options }),
  ],
  ['in plain Koa', (controller, middleware, options) => koaOf(...middleware, lifecycle(controller, options))],
]

/** A Koa application that writes no log. */
export function koaOf(...middleware: Koa.Middleware[]): Koa {
  const app = new Koa()
  app.silent = true
  for (const each of middleware) app.use(each)
  return app
}
