import escapeHtml from 'escape-html'
import statuses from 'statuses'
import type { Context } from '../types'

/**
 * The page of an HTTP error without a handler: its status, and its message where it is meant for the client.
 *
 * `{ status: 404, expose: true, message: 'no such user' }` gives a page headed "Not Found" that says "no such user".
 */
export function errorPage(error: { status: number; expose?: boolean; message: string }): string {
  const name = statuses.message[error.status] ?? 'Error'
  const explained = error.expose === true && error.message !== '' && error.message !== name
  return page(`${error.status} ${name}`, `<h1>${name}</h1>${explained ? `\n<p>${escapeHtml(error.message)}</p>` : ''}`)
}

/** Stops browsers from guessing another type for the page. */
export function forbidSniffing(ctx: Context): void {
  if (!ctx.res.hasHeader('X-Content-Type-Options')) ctx.set('X-Content-Type-Options', 'nosniff')
}

/** A whole HTML document. `body` is HTML, `title` is text. */
export function page(title: string, body: string): string {
  return `<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n<title>${escapeHtml(title)}</title>\n${body}\n</html>\n`
}
