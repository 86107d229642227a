import type { Context } from '../types'

/** What Koa keeps of a response besides Node's response: Koa has no public way back to a response without an answer. */
interface KoaState {
  _body: unknown
  _explicitStatus: true | undefined
  _explicitNullBody: true | undefined
}

const stateOf = (ctx: Context): KoaState => ctx.response as unknown as KoaState

/**
 * Takes the body out of the response, and nothing else. Koa's `ctx.body = undefined` also changes the status and removes
 * `Transfer-Encoding`, after which Node no longer sends a stream in chunks.
 */
export function removeBody(ctx: Context): void {
  const state = stateOf(ctx)
  state._body = state._explicitNullBody = undefined
}

/** Makes the status the 404 that Koa begins with: it gives way to a 200 when a body is set. */
export function resetStatus(ctx: Context): void {
  ctx.res.statusCode = 404
  // HTTP/2 has no such text, and Node warns.
  if (ctx.req.httpVersionMajor < 2) ctx.res.statusMessage = ''
  stateOf(ctx)._explicitStatus = undefined
}

/** Keeps Koa from setting another status with the next body. */
export function keepStatus(ctx: Context): void {
  stateOf(ctx)._explicitStatus = true
}
