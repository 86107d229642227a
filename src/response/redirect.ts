import statuses from 'statuses'
import { describe } from '../errors/describe'
import type { Context } from '../types'

/** Throws for a status that does not redirect. */
export function assertRedirect(url: string, code: number): void {
  if (!statuses.redirect[code])
    throw new TypeError(`redirect(${describe(url)}, ${code}): ${code} is no redirect status`)
}

/** Sends the client elsewhere; Koa escapes the URL and writes the body. */
export function applyRedirect(ctx: Context, url: string, code: number): void {
  ctx.status = code
  ctx.redirect(url)
}
