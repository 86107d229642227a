import Koa from 'koa'

/** The prototypes of Koa's context, request and response, as classes. Koa exports only applications, which have them. */
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
