const SLASH_CODE = 0x2f

/**
 * Whether `ctx.path` can be read. A client may send a malformed absolute URL (`GET http://[ HTTP/1.1`): Koa's `ctx.path`,
 * and all code that reads it, would throw.
 */
export function hasValidPath(ctx: { readonly req: { url?: string | undefined }; readonly path: string }): boolean {
  if ((ctx.req.url as string).charCodeAt(0) === SLASH_CODE) return true
  try {
    return typeof (ctx.path as unknown) === 'string'
  } catch {
    return false
  }
}
