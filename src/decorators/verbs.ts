import type { DeclaredRoute, RouteFacts } from './route-options'
import type { RouteDecorator, VerbDecorator } from './view-decorators'
import { badCall } from './bad-call'
import { recorded } from './recorder'
import { ROUTE } from './route-key'
import { isRecord } from '../util/is-record'

// Without reflect-metadata and Node: `flaskoa/contract` has these decorators in a browser.

/**
 * Makes a method the view of a URL rule in Flask's syntax, `/users/<int:id>`.
 *
 * @param rule starts with `/`; in a blueprint, the prefix is put in front
 * @param options methods (default GET), endpoint, strictSlashes, defaults, provideAutomaticOptions; schemas of its input and
 *   its responses
 * @see docs/rules.md [4]
 */
export const Route = route('@Route') as RouteDecorator

/** `@Route` for GET and HEAD. */
export const Get = route('@Get', 'GET') as VerbDecorator<'GET'>
/** `@Route` for POST. */
export const Post = route('@Post', 'POST') as VerbDecorator<'POST'>
/** `@Route` for PUT. */
export const Put = route('@Put', 'PUT') as VerbDecorator<'PUT'>
/** `@Route` for PATCH. */
export const Patch = route('@Patch', 'PATCH') as VerbDecorator<'PATCH'>
/** `@Route` for DELETE. */
export const Delete = route('@Delete', 'DELETE') as VerbDecorator<'DELETE'>

function route(name: string, verb?: string) {
  return (rule: unknown, options: DeclaredRoute = {}) => {
    if (typeof rule !== 'string' || !isRecord(options)) {
      throw badCall(name, 'a URL rule, and an object if it has options', `${name}('/users/<int:id>')`)
    }
    const decorator = recorded(name, { kind: 'route', rule, options, verb })
    return Object.defineProperty(decorator, ROUTE, { value: factsOf(rule, options, verb) })
  }
}

const factsOf = (rule: string, options: DeclaredRoute, verb = firstOf(options.methods)): RouteFacts => ({
  verb,
  rule,
  options,
})

/** A list that is none is recorded: `bootstrap` refuses it. */
const firstOf = (methods: unknown) => (Array.isArray(methods) && methods.length > 0 ? String(methods[0]) : 'GET')
