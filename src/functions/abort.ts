import createError from 'http-errors'
import { describe, isError } from '../errors/describe'
import { isErrorCode, ThrownResponse, type HttpError } from '../errors/http-error'
import { httpErrorWithoutStack, withoutStack } from '../errors/without-stack'
import { runningContext } from '../request/storage'
import type { KoaResponse } from '../types'
import { isRecord } from '../util/is-record'
import { isFetchResponse } from '../util/web-body'

/**
 * Ends the request with an HTTP error. The error handler for the code or its class answers; without one, the default
 * error page is sent.
 *
 * @param code a status from 400 to 599 that HTTP names
 * @param message shown to the client for codes below 500. Default: the status text
 * @param properties set on the error; `headers` are sent with its default page
 * @throws always: an `HttpError`, below 500 without a stack unless `debug`, `testing` or `trapHttpExceptions` is set, or a
 * TypeError when `code` is not an HTTP error code
 */
export function abort(code: number, message?: string, properties?: Record<string, unknown>): never
/** Ends the request with a finished response, `makeResponse(...)` or fetch's `Response`. Error handlers do not run. */
export function abort(response: KoaResponse | globalThis.Response): never
export function abort(answer: unknown, message?: string | null, properties: Record<string, unknown> = {}): never {
  if (isResponse(answer)) {
    const respond = () => new ThrownResponse('abort(response)', () => answer)
    throw needsNoStack() ? withoutStack(respond) : respond()
  }
  if (!isErrorCode(answer)) throw new TypeError(`abort(${describe(answer)}): ${expectedFor(answer)}`)
  checkDetails(answer, message, properties)
  const text = message ?? undefined
  const make = answer < 500 && needsNoStack() ? httpErrorWithoutStack : createHttpError
  throw createError(make(answer, text), properties)
}

const createHttpError = (status: number, message?: string): HttpError =>
  message === undefined ? createError(status) : createError(status, message)

/** Where the error is an answer. In `debug` and `testing` the stack says which `abort` it was. */
const needsNoStack = (): boolean => runningContext()?.needsNoStack() === true

/** http-errors would take these in any order, and an error instead of making one. */
function checkDetails(code: number, message: unknown, properties: unknown): void {
  const call = `abort(${code}, message, properties)`
  if (message !== undefined && message !== null && typeof message !== 'string')
    throw new TypeError(`${call}: the message must be a text, not ${describe(message)}. Write ${fixFor(code, message)}`)
  if (!isRecord(properties) || isError(properties))
    throw new TypeError(`${call}: the properties must be an object, not ${describe(properties)}`)
}

const fixFor = (code: number, message: unknown): string =>
  isError(message) ? `abort(${code}, message, { cause: error })` : `abort(${code}, undefined, { code: 'NO_PAGE' })`

/** Whether a value is a finished response: any other object would be sent as JSON with the status 200. */
function isResponse(value: unknown): boolean {
  if (isFetchResponse(value)) return true
  return typeof value === 'object' && (value as Partial<KoaResponse> | null)?.ctx?.response === value
}

function expectedFor(value: unknown): string {
  if (value instanceof Error) return 'throw the error itself, so that its handler answers'
  const expected = 'expected an HTTP error code from 400 to 599 that HTTP names, or a response'
  return typeof value === 'object' && value !== null ? `${expected}, as makeResponse(value, status) makes it` : expected
}
