import { abortReasonNow } from '../connection/abort-signal'
import type { Context } from '../types'

/** Why a form is no longer read once its request has ended: the reason of `ctx.signal`, if that was aborted. */
export const requestEnded = (ctx: Context): Error =>
  abortReasonNow(ctx) ??
  new Error(`${ctx.method} ${ctx.path}: the request has ended, and with it the reading of its form`)
