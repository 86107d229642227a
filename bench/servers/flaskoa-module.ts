import type * as Flaskoa from 'flaskoa'
import { resolve } from 'node:path'

/** Compiled, as users have it. */
export const flaskoa = require(resolve(__dirname, process.env.FLASKOA_DIST ?? '../../dist')) as typeof Flaskoa

/** Makes a decorated method, where their number is not known before. */
export function define(target: new () => object, name: string, decorator: unknown, value: unknown): void {
  const descriptor = { value, writable: true, configurable: true }
  Object.defineProperty(target.prototype, name, descriptor)
  ;(decorator as MethodDecorator)(target.prototype as object, name, descriptor)
}
