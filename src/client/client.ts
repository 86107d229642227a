import type { RouteGroup } from '../contract/route-group'
import type { DeclaredRoute, RouteFacts } from '../decorators/route-options'
import { ROUTE } from '../decorators/route-key'
import { joinRules } from '../routing/join-rules'
import { isRecord } from '../util/is-record'
import { answerOf, statusesOf } from './answer'
import { checkCall, checkedBase, checkNames, checkRoutes, isCallOption } from './arguments'
import { Path, type Converters } from './path'
import { requestOf, searchOf, type Input } from './request'
import { recordOf, type Values } from './texts'
import { inMemory, overFetch, type InMemoryClient, type Transport } from './transport'
import type { Client, Fetch, RouteCallOptions } from './types'

/** The options of `client`. */
export interface ClientOptions {
  /** Sends the requests. Default: `fetch` of the platform. */
  fetch?: Fetch | undefined
  /** Header fields of each request, or a function that returns them, for instance with a token. */
  headers?: Fields | (() => Fields | PromiseLike<Fields>) | undefined
  /** Converters of the application's own, as `bootstrap` has them. Their `toUrl` makes the text of a value. */
  converters?: Converters | undefined
}

type Fields = Readonly<Record<string, string>>

interface Settings {
  readonly base: string
  readonly transport: Transport
  readonly headers: () => Fields | PromiseLike<Fields>
  readonly converters: Converters
}

/**
 * Makes a client of the decorators themselves: one method for each route, typed by what the route declares.
 *
 * @param base the URL of the application, or in a browser its path; a `testClient` in tests
 * @param routes decorators and groups of them (`withPrefix`) by the names that the methods shall have
 */
export function client<Routes extends object>(
  base: string | URL | InMemoryClient,
  routes: Routes,
  options: ClientOptions = {},
): Client<Routes> {
  checkNames(options, ['fetch', 'headers', 'converters'] satisfies (keyof ClientOptions)[], 'client')
  const { fetch = (url, init) => globalThis.fetch(url, init), headers = {}, converters = {} } = options
  const target = checkedBase(base)
  const isUrl = typeof target === 'string'
  return callsOf(routes, '', '', {
    base: isUrl ? target : '',
    transport: isUrl ? overFetch(fetch) : inMemory(target),
    headers: typeof headers === 'function' ? headers : () => headers,
    converters,
  }) as Client<Routes>
}

function callsOf(routes: object, group: string, prefix: string, settings: Settings): Record<string, unknown> {
  const calls: Record<string, unknown> = {}
  for (const [name, each] of isRecord(routes) && !isGroup(routes) ? Object.entries(routes) : []) {
    const facts = typeof each === 'function' ? (each as { [ROUTE]?: RouteFacts })[ROUTE] : undefined
    if (facts !== undefined) calls[name] = callOf(name, { ...facts, rule: joinRules(prefix, facts.rule) }, settings)
    else if (isGroup(each)) calls[name] = callsOf(each['~routes'], name, joinRules(prefix, each['~prefix']), settings)
  }
  checkRoutes(routes, calls, group)
  return calls
}

const isGroup = (value: unknown): value is RouteGroup<string, object> => isRecord(value) && '~prefix' in value

const LOCATIONS = ['body', 'form', 'query', 'headers', 'cookies'] as const satisfies readonly (keyof DeclaredRoute)[]

function callOf(name: string, { verb, rule, options }: RouteFacts, settings: Settings) {
  const path = new Path(rule, options.defaults ?? {}, settings.converters)
  const locations = LOCATIONS.filter(location => options[location] !== undefined)
  const names = [...path.variables, ...locations]
  const methods = [...new Set([verb, ...(options.methods ?? [])].map(each => each.toUpperCase()))]
  const statuses = statusesOf(options)
  return async (given?: Values, call: RouteCallOptions = {}) => {
    const input = recordOf(given, `the input of ${name}`)
    const unknown = Object.keys(input).find(each => !names.includes(each))
    if (unknown !== undefined) throw unknownInput(name, unknown, names)
    checkCall(call, name, [...names, ...LOCATIONS])
    const method = methodOf(call, methods, name)
    // A route that declares no `query` may have a variable of this name.
    const located: Input = Object.fromEntries(locations.map(location => [location, input[location]]))
    const url = settings.base + path.of(input) + searchOf(located)
    const request = requestOf(method, located, await settings.headers(), call.headers)
    const init = call.signal === undefined ? request : { ...request, signal: call.signal }
    const transport = call.fetch === undefined ? settings.transport : overFetch(call.fetch)
    return answerOf(await transport(url, init), statuses, url, init)
  }
}

function unknownInput(name: string, unknown: string, names: readonly string[]): TypeError {
  const hint = isCallOption(unknown) ? '. It belongs in the second argument' : ''
  return new TypeError(`${name} takes no '${unknown}', only ${names.join(', ') || 'nothing'}${hint}`)
}

function methodOf({ method = '' }: RouteCallOptions, methods: readonly string[], name: string): string {
  const wanted = method === '' ? (methods[0] as string) : method.toUpperCase()
  // HEAD comes with GET.
  if (methods.includes(wanted) || (wanted === 'HEAD' && methods.includes('GET'))) return wanted
  throw new TypeError(`${name} has no method ${wanted}, only ${methods.join(', ')}`)
}
