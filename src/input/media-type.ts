import type { Context } from '../types'

/** `'application/json; charset=utf-8'` → `'application/json'`. Not `ctx.is`, for which HTTP/2 bodies without a length are none. */
export const mediaTypeOf = ({ req }: Context): string =>
  (req.headers['content-type'] ?? '').replace(/;.*$/s, '').trim().toLowerCase()
