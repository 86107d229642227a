import type { Context } from '../types'

/** Does `ctx.vary('Cookie')` [13.4]. That takes the field apart even if there is none. */
export function varyByCookie(ctx: Context): void {
  const { res } = ctx
  if (res.headersSent || res.hasHeader('Vary')) ctx.vary('Cookie')
  else res.setHeader('Vary', 'Cookie')
}
