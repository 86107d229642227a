import type Koa from 'koa'

/** The error of a request, and whether an error handler or an HTTP error's default page has answered it. */
export interface RequestFailure {
  readonly error: Error
  readonly handled: boolean
  /** Whether the page of the error was left to outer middleware, which may have answered in its place. */
  readonly isDeferred?: boolean
}

/** On a ctx, whose request may have several lifecycles, or none yet: the error that Koa answered. */
const LATE_ERROR = Symbol('flaskoa:lateError')

/** On a ctx: the error that a lifecycle could not answer. With several lifecycles, that of the last one. */
const UNHANDLED = Symbol('flaskoa:unhandled')

/** On a ctx, while an error of the stream that the response sends is reported. */
const IN_BODY = Symbol('flaskoa:inBody')

type FailedContext = Koa.Context & {
  [LATE_ERROR]?: Error | undefined
  [UNHANDLED]?: Error | undefined
  [IN_BODY]?: boolean
}

/** Notes an error that came up outside of the lifecycle, for instance while the response was written. */
export function noteLateError(ctx: FailedContext, error: Error): void {
  ctx[LATE_ERROR] ??= error
}

export const lateErrorOf = (ctx: FailedContext): Error | undefined => ctx[LATE_ERROR]

/** Notes an error that no handler of its own has answered: if exceptions propagate, it leaves the lifecycle. */
export function noteUnhandled(ctx: FailedContext, error: Error): void {
  ctx[UNHANDLED] = error
}

export const isUnhandled = (ctx: FailedContext, error: Error): boolean => ctx[UNHANDLED] === error

/** Calls `report` for an error of a body stream, which no method has thrown: the log says so. */
export function reportBodyError(ctx: FailedContext, report: () => void): void {
  ctx[IN_BODY] = true
  report()
  ctx[IN_BODY] = false
}

export const isBodyError = (ctx: FailedContext): boolean => ctx[IN_BODY] === true
