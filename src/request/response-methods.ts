import type Koa from 'koa'
import { deleteCookie, setCookie } from '../response/cookies'
import type { ResponseMethods } from '../response/response-methods'
import type { Context, Response } from '../types'
import { addProperty } from './add-property'

type Arguments<Name extends keyof ResponseMethods> = Parameters<ResponseMethods[Name]>

const methods = {
  setCookie(this: Response, ...given: Arguments<'setCookie'>) {
    setCookie(this.ctx as Context, ...given)
    return this
  },
  deleteCookie(this: Response, ...given: Arguments<'deleteCookie'>) {
    deleteCookie(this.ctx as Context, ...given)
    return this
  },
}

const PLACE = {
  name: 'response',
  instead: 'response.setCookie() and response.deleteCookie() write cookies.',
} as const

/**
 * Adds the methods that write cookies to an application's responses.
 *
 * @throws SetupError if another library has put something of such a name there
 */
export function addResponseMethods({ response }: Koa): void {
  for (const [name, value] of Object.entries(methods)) addProperty(response, name, { value, writable: true }, PLACE)
}
