import escapeHtml from 'escape-html'
import statuses from 'statuses'
import { REQUEST } from '../lifecycle/request-key'
import type { Context } from '../types'
import { problemDetails, type PublicError } from './problem-details'

/** What is asked of the request's lifecycle. */
interface ProblemHost {
  readonly usesProblemDetails: boolean
}

/** What answers an HTTP error without a handler. */
export interface DefaultAnswer {
  readonly type: string
  readonly body: string
  /** Whether it depends on the client's `Accept`. */
  readonly varies: boolean
}

const HTML = 'text/html; charset=utf-8'
const PROBLEM = 'application/problem+json'

/** Problem details where the route has them and the client does not prefer HTML, else a page. */
export function defaultAnswer(ctx: Context & { readonly [REQUEST]?: ProblemHost }, error: PublicError): DefaultAnswer {
  const varies = ctx[REQUEST]?.usesProblemDetails === true
  return varies && ctx.accepts(PROBLEM, 'application/json', 'text/html') !== 'text/html'
    ? { type: PROBLEM, body: JSON.stringify(problemDetails(error)), varies }
    : { type: HTML, body: errorPage(error), varies }
}

/**
 * The page of an HTTP error without a handler: its status, and its message where it is meant for the client.
 *
 * `{ status: 404, expose: true, message: 'no such user' }` gives a page headed "Not Found" that says "no such user".
 */
function errorPage({ status, expose, message }: PublicError): string {
  const name = statuses.message[status]
  const isExplained = expose === true && message !== '' && message !== (name ?? 'Error')
  if (isExplained) return pageOf(status, `\n<p>${escapeHtml(message)}</p>`)
  return name === undefined ? pageOf(status) : (barePages[status] ??= pageOf(status))
}

/** Pages without a message, of statuses that HTTP names. */
const barePages: Record<number, string> = {}

function pageOf(status: number, explanation = ''): string {
  const name = statuses.message[status] ?? 'Error'
  return page(`${status} ${name}`, `<h1>${name}</h1>${explanation}`)
}

/** Stops browsers from guessing another type for the page. */
export function forbidSniffing(ctx: Context): void {
  if (!ctx.res.hasHeader('X-Content-Type-Options')) ctx.set('X-Content-Type-Options', 'nosniff')
}

/** A whole HTML document. `body` is HTML, `title` is text. */
export function page(title: string, body: string): string {
  return `<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n<title>${escapeHtml(title)}</title>\n${body}\n</html>\n`
}
