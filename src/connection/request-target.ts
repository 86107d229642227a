import type Koa from 'koa'

const SLASH = 0x2f

/**
 * Whether a request has a path. A client may send a whole URL, and one that is none (`GET http://[ HTTP/1.1`): Koa's
 * `ctx.path`, and all that asks for it, would throw.
 */
export function hasPath(ctx: Koa.BaseContext & Pick<Koa.Context, 'req'>): boolean {
  if ((ctx.req.url as string).charCodeAt(0) === SLASH) return true
  try {
    return typeof (ctx.path as unknown) === 'string'
  } catch {
    return false
  }
}
