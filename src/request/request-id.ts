import { randomUUID } from 'node:crypto'
import type Koa from 'koa'
import { asText } from '../errors/describe'

/** Safe in a log, a header field and a shell, which takes a text that begins with - for an option, and one with ~ for a folder. */
const SAFE_ID = /^[\w.:/+][\w.:/+=@~-]{0,127}$/

/** What `ctx.id` is. Made when it is first read, and then the same for the whole request. */
export function requestIdOf(ctx: Koa.Context): string {
  const known = ids.get(ctx)
  if (known !== undefined) return known
  const sent = ctx.get('X-Request-Id')
  const id = SAFE_ID.test(sent) ? sent : randomUUID()
  ids.set(ctx, id)
  return id
}

/** Not in a RequestContext: middleware around the lifecycle has ids in its logs, too. */
const ids = new WeakMap<Koa.Context, string>()

/** `ctx.id`, which other middleware may have set, for logs. Of a context without one, what it would be. */
export const shownIdOf = (ctx: Koa.Context): string => asText((ctx as { readonly id?: unknown }).id ?? requestIdOf(ctx))
