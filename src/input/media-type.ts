import type { Context } from '../types'

/** `'application/json; charset=utf-8'` → `'application/json'`. Not `ctx.is`, for which HTTP/2 bodies without a length are none. */
export function mediaTypeOf({ req }: Context): string {
  const type = req.headers['content-type'] ?? ''
  return type === 'application/json' ? type : type.replace(/;.*$/s, '').trim().toLowerCase()
}
