import { METHODS } from 'node:http'
import { describe } from '../errors/describe'
import { SetupError } from '../errors/setup-error'
import type { View } from './controller'

/** The HTTP methods of a view. */
export function methodsOf({ options: { methods }, verb, decorator, call: { name } }: View): string[] {
  if (verb === undefined) return checkedMethods(name, methods)
  if (methods === undefined) return [verb]
  throw new SetupError('BAD_METHODS', `${name}: ${decorator} is for ${verb} only. Leave out methods, or use @Route.`)
}

/** Adds HEAD to GET, and OPTIONS if flaskoa answers it [4.1]. */
export function withAutomatic(methods: readonly string[], options: boolean): string[] {
  const automatic = [...(methods.includes('GET') ? ['HEAD'] : []), ...(options ? ['OPTIONS'] : [])]
  return [...new Set([...methods, ...automatic])]
}

function checkedMethods(name: string, methods: unknown = ['GET']): string[] {
  const problem = (why: string) =>
    new SetupError(
      'BAD_METHODS',
      `${name}: methods ${why}. Write a list of HTTP methods, for instance ['GET', 'POST'].`,
    )
  if (!Array.isArray(methods)) throw problem(`is ${describe(methods)}`)
  if (methods.length === 0) throw problem('is empty, so the view would never run')
  return [...new Set(methods.map(method => checkedMethod(method, problem)))]
}

function checkedMethod(method: unknown, problem: (why: string) => SetupError): string {
  const upper = typeof method === 'string' ? method.toUpperCase() : ''
  // Node emits CONNECT as an event of its own and never passes it to the application.
  if (METHODS.includes(upper) && upper !== 'CONNECT') return upper
  throw problem(`has ${describe(method)} in it, which Node's HTTP server does not receive`)
}
