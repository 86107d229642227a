import escapeHtml from 'escape-html'
import statuses from 'statuses'
import { describe } from '../errors/describe'
import type { Context } from '../types'
import { page } from './error-page'

const BASE = 'http://localhost'

/** Throws for a target that is no URL, `undefined` for instance, and for a status that does not redirect. */
export function assertRedirect(url: unknown, code: unknown): void {
  const [target, status] = [describe(url), describe(code)]
  if (typeof url !== 'string' && !(url instanceof URL))
    throw new TypeError(`redirect(${target}): the URL must be a text`)
  if (typeof code !== 'number' || !statuses.redirect[code])
    throw new TypeError(`redirect(${target}, ${status}): ${status} is no redirect status`)
}

/**
 * Sends the client elsewhere. Koa encodes the URL; the page is not Koa's, which has no link (RFC 9110, 15.4) and depends on
 * `Accept` without a `Vary`.
 */
export function applyRedirect(ctx: Context, url: string, code: number): void {
  ctx.status = code
  ctx.redirect(url)
  ctx.type = 'html'
  ctx.body = redirectPage(ctx.response.get('Location'))
}

function redirectPage(location: string): string {
  const text = escapeHtml(location)
  const target = isSafeLink(location) ? `<a href="${text}">${text}</a>` : text
  return page('Redirecting...', `<h1>Redirecting...</h1>\n<p>Redirecting to ${target}.</p>`)
}

/** Browsers do not follow a `Location` that is a script or holds a document, so the page must not offer it for a click. */
const isSafeLink = (location: string): boolean =>
  URL.canParse(location, BASE) && !['javascript:', 'data:', 'vbscript:'].includes(new URL(location, BASE).protocol)
