import type Koa from 'koa'
import { bodyReplaced } from '../connection/body-streams'
import { Application } from '../engine/application'

/** Has the responses of a Koa of another make cancel web streams in `ctx.body` that are replaced, as flaskoa's own do. */
export function cancelReplacedBodies(app: Koa): void {
  const { response } = app
  // Done before, or the application has a body of its own kind.
  if (app instanceof Application || Object.hasOwn(response, 'body')) return
  // By `super`, which V8 makes as fast as a property. (`Reflect.get` and `Reflect.set` cost 1 % of a request.)
  /* eslint-disable @typescript-eslint/no-unsafe-member-access -- TypeScript has no type for `super` in an object */
  const own = {
    __proto__: Object.getPrototypeOf(response) as object,
    get body(): unknown {
      return super.body as unknown
    },
    set body(value: unknown) {
      const before: unknown = super.body
      super.body = value
      bodyReplaced((this as unknown as Koa.Response).res, before, value)
    },
  }
  /* eslint-enable @typescript-eslint/no-unsafe-member-access */
  Object.defineProperty(response, 'body', Object.getOwnPropertyDescriptor(own, 'body') as PropertyDescriptor)
}
