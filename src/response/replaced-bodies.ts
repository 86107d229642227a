import type Koa from 'koa'
import { bodyReplaced } from '../connection/body-streams'
import { Application } from '../engine/application'

/** Has the responses of a Koa of another make cancel web streams in `ctx.body` that are replaced, as flaskoa's own do. */
export function cancelReplacedBodies(app: Koa): void {
  const { response } = app
  // Done before, or the application has a body of its own kind.
  if (app instanceof Application || Object.hasOwn(response, 'body')) return
  const koas = Object.getPrototypeOf(response) as object
  Object.defineProperty(response, 'body', {
    get(this: Koa.Response): unknown {
      return Reflect.get(koas, 'body', this)
    },
    set(this: Koa.Response, value: unknown) {
      const before: unknown = this.body
      Reflect.set(koas, 'body', value, this)
      bodyReplaced(this.res, before, value)
    },
    configurable: true,
    enumerable: true,
  })
}
