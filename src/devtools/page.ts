import { randomBytes } from 'node:crypto'
import type Koa from 'koa'
import statuses from 'statuses'
import { nearRoutes } from '../inspect/near-routes'
import { problemDetails } from '../response/problem-details'
import type { HttpError } from '../types'
import { requestOf } from '../request/request-of'
import { factsOf, type PageFacts } from './facts'
import { htmlPage } from './html'
import { jsonPage } from './json'
import { Sources } from './sources'
import { textPage } from './text'
import { withoutSecretsInUrl } from './values'

/** The page for developers, in the format that the client prefers. This file is loaded with the first such page. */

export type PageFormat = 'html' | 'json' | 'text'

const MOST_EXCERPTS = 40

/** Puts the page of an error into the response, whose status is set already. */
export function showError(ctx: Koa.Context, error: Error, show: readonly string[]): void {
  const sources = new Sources(MOST_EXCERPTS)
  put(ctx, factsOf(ctx, error, sources, show), sources)
}

/** The same for the HTTP error of a URL that no rule matches, with the rules that come near. */
export function showUnmatched(ctx: Koa.Context, error: HttpError, show: readonly string[]): void {
  const request = requestOf(ctx)
  const { plan, usesProblemDetails } = request as NonNullable<typeof request>
  const nearest = nearRoutes(plan, ctx.method, ctx.path)
  ctx.status = error.status
  if (usesProblemDetails && ctx.accepts('application/problem+json', 'application/json', 'text/html') !== 'text/html') {
    setFields(ctx)
    ctx.type = 'application/problem+json'
    ctx.body = JSON.stringify({ ...problemDetails(error), nearest })
    return
  }
  const sources = new Sources(0)
  const shown = { name: statuses.message[error.status] as string, message: unmatchedText(ctx, error) }
  put(ctx, { ...factsOf(ctx, error, sources, show), error: shown, nearest }, sources)
}

function unmatchedText({ method, path, response }: Koa.Context, { status }: HttpError): string {
  const place = `${method} ${withoutSecretsInUrl(path)}`
  return status === 404
    ? `No rule matches ${place}.`
    : `No rule matches ${place}. This path takes ${response.get('Allow')}.`
}

function put(ctx: Koa.Context, facts: PageFacts, sources: Sources): void {
  setFields(ctx)
  const format = formatFor(ctx)
  ctx.type = format
  if (format === 'json') ctx.body = jsonPage(facts)
  else if (format === 'text') ctx.body = textPage(facts, sources)
  else {
    const nonce = randomBytes(16).toString('base64')
    ctx.set('Content-Security-Policy', policy(nonce))
    ctx.body = htmlPage(facts, sources, nonce)
  }
}

function setFields(ctx: Koa.Context): void {
  ctx.remove('Content-Length')
  ctx.vary('Accept')
  ctx.set({ 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' })
}

/** The icon of the page is empty and its own: a browser's request for /favicon.ico would run the teardown that waits. */
const policy = (nonce: string) =>
  `default-src 'none'; style-src 'nonce-${nonce}'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`

/** HTML where it is asked for by name, as browsers do. Text for all others, such as curl, that do not prefer JSON. */
function formatFor(ctx: Koa.Context): PageFormat {
  const json = ctx.accepts().filter(type => type.endsWith('+json'))
  const chosen = ctx.accepts('text/plain', 'text/html', 'application/json', ...json)
  if (chosen === false || chosen === 'text/plain') return 'text'
  return chosen === 'text/html' ? 'html' : 'json'
}
