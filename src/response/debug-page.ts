import type Koa from 'koa'
import escapeHtml from 'escape-html'
import { isClientDisconnect } from '../connection/abort-signal'
import { page } from './error-page'
import { readable, stackOf, toError } from '../errors/describe'

/** In debug mode, sends errors that leave the lifecycle to the client, with their causes. */
export const debugPage: Koa.Middleware = async (ctx, next) => {
  try {
    await next()
  } catch (thrown) {
    const error = toError(readable(thrown))
    if (ctx.headerSent) throw error
    if (!isClientDisconnect(ctx, error)) ctx.app.emit('error', error, ctx)
    ctx.remove('Content-Length')
    ctx.status = 500
    ctx.type = 'html'
    ctx.set('X-Content-Type-Options', 'nosniff')
    ctx.body = page(
      `${error.name}: ${error.message}`,
      `<h1>${escapeHtml(error.name)}</h1>\n${causes(error).map(section).join('\n')}`,
    )
  }
}

function causes(error: Error): Error[] {
  const chain: Error[] = []
  let cause: unknown = error
  while (cause instanceof Error && !chain.includes(cause)) {
    chain.push(cause)
    cause = readable(cause.cause)
  }
  return chain
}

function section(error: Error): string {
  return `<p>${escapeHtml(error.message)}</p>\n<pre>${escapeHtml(stackOf(error))}</pre>`
}
