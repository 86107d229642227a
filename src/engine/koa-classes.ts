import Koa from 'koa'

/** What applications of Koa inherit from, as classes to extend: reached over an application, since Koa exports none of it. */
const app = new Koa()

export const KoaContext = classOf<Koa.Context>(app.context)
export const KoaRequest = classOf<Koa.Request>(app.request)
export const KoaResponse = classOf<Koa.Response>(app.response)

function classOf<T>(extended: object): new () => T {
  const constructor = function () {
    // Koa makes its objects with Object.create: there is nothing to construct.
  } as unknown as { prototype: unknown }
  constructor.prototype = Object.getPrototypeOf(extended)
  return constructor as unknown as new () => T
}
