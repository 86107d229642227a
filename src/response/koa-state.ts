import type { Context } from '../types'

/**
 * What Koa keeps of a response besides Node's response: Koa has no public way back to a response without an answer. A Koa
 * that has other names for it is asked as far as its setters go.
 */
interface KoaState {
  _body: unknown
  _explicitStatus: boolean | undefined
  _explicitNullBody: boolean | undefined
}

const stateOf = (ctx: Context): KoaState => ctx.response as unknown as KoaState

/** Takes the body out of the response, and leaves its status and its fields. */
export function removeBody(ctx: Context): void {
  const state = stateOf(ctx)
  state._body = state._explicitNullBody = undefined
  if (ctx.body !== undefined) setUndefined(ctx)
}

/** Not for Koa as it is: this also removes `Transfer-Encoding`, after which Node no longer sends a stream in chunks. */
function setUndefined(ctx: Context): void {
  const { statusCode } = ctx.res
  ctx.remove('Content-Type') // Koa makes the text `null` of a JSON body that is removed
  ctx.body = undefined
  ctx.status = statusCode
}

/**
 * Makes the status the 404 that Koa begins with: it gives way to a 200 when a body is set.
 *
 * @returns false if this Koa keeps it
 */
export function resetStatus(ctx: Context): boolean {
  const state = stateOf(ctx)
  ctx.status = 404
  // HTTP/2 has no such text, and Node warns.
  if (ctx.req.httpVersionMajor < 2) ctx.res.statusMessage = ''
  if (state._explicitStatus !== true) return false
  state._explicitStatus = undefined
  return true
}

/** Keeps Koa from choosing a status for the body that is set next. */
export function keepStatus(ctx: Context): void {
  stateOf(ctx)._explicitStatus = true
}

/** Whether code has chosen the status since Koa or `forgetStatus` left that open. */
export const isStatusChosen = (ctx: Context): boolean => stateOf(ctx)._explicitStatus === true

/** Has Koa choose a status for the body that is set next, unless code chooses one. */
export function forgetStatus(ctx: Context): void {
  stateOf(ctx)._explicitStatus = undefined
}
