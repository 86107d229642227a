import type * as Flaskoa from 'flaskoa'
import { resolve } from 'node:path'

/** The compiled package, as users install it. */
export const flaskoa = require(resolve(__dirname, process.env.FLASKOA_DIST ?? '../../dist')) as typeof Flaskoa

/** Makes a decorated method: their number is known only at run time. */
export function define(target: new () => object, name: string, decorator: unknown, value: unknown): void {
  const descriptor = { value, writable: true, configurable: true }
  Object.defineProperty(target.prototype, name, descriptor)
  ;(decorator as MethodDecorator)(target.prototype as object, name, descriptor)
}
