import { describe, toError } from '../errors/describe'
import { nearestTo } from '../errors/did-you-mean'
import { encodeSegment } from './encode-segment'
import type { Rule } from './rule'
import type { Variable } from './rule-parser'
import { Search, type RouteEntry } from './search'

type UrlValues = Readonly<Record<string, unknown>>

/** The options of `buildUrl`. */
export interface BuildOptions {
  /** Use only rules for this method. Default: any, rules for GET first. */
  readonly method?: string | undefined
  readonly anchor?: string | undefined
  /** All endpoints, from which the error for an unknown endpoint suggests one. */
  readonly known?: Iterable<string> | undefined
  /** The blueprint of the caller, whose endpoints may be suggested with a dot before them. */
  readonly blueprint?: string | undefined
}

/** The error of `urlFor` when it can't build a URL: the endpoint is unknown, or no rule of it fits the values. */
export class BuildError extends Error {
  override readonly name = 'BuildError'

  constructor(
    problem: string,
    readonly endpoint: string,
    readonly values: UrlValues,
    readonly method: string | undefined,
    options?: ErrorOptions,
  ) {
    super(`Could not build a URL for the endpoint '${endpoint}': ${problem}`, options)
  }
}

/** Why a rule does not fit, with the error of its converter if there is one. */
class Misfit {
  constructor(
    readonly text: string,
    readonly options?: ErrorOptions,
  ) {}
}

/** Builds path and query from the first rule of an endpoint that fits. Values without a variable become the query. */
export function buildUrl<T>(
  endpoint: string,
  entries: readonly RouteEntry<T>[] | undefined,
  values: UrlValues,
  options: BuildOptions = {},
): string {
  const { method, anchor } = options
  const misfits: Misfit[] = []
  if (!entries?.length) misfits.push(new Misfit(`there is no such endpoint${suggestion(endpoint, options)}`))
  for (const entry of candidates(entries ?? [], method)) {
    const built = build(entry, values)
    if (typeof built === 'string') return anchor ? `${built}#${encodeAnchor(anchor)}` : built
    misfits.push(new Misfit(`${built.text} (rule '${entry.rule.source}')`, built.options))
  }
  const problem = misfits.map(({ text }) => text).join('; ') || `none of its rules takes ${method}`
  throw new BuildError(problem, endpoint, values, method, misfits.find(({ options }) => options)?.options)
}

/** The rules to try: first those with more arguments, then those with more defaults, then in the order of the class. */
function candidates<T>(entries: readonly RouteEntry<T>[], method: string | undefined): RouteEntry<T>[] {
  const sorted = [...entries].sort((a, b) => argumentsOf(b).size - argumentsOf(a).size || defaultsOf(b) - defaultsOf(a))
  const takes = (name: string) => (entry: RouteEntry<T>) => entry.methods.includes(name)
  if (method !== undefined) return sorted.filter(takes(method))
  return [...sorted.filter(takes('GET')), ...sorted.filter(entry => !takes('GET')(entry))]
}

const argumentsOf = <T>({ rule, defaults }: RouteEntry<T>): Set<string> =>
  new Set([...rule.variables.map(({ name }) => name), ...Object.keys(defaults ?? {})])

const defaultsOf = <T>({ defaults }: RouteEntry<T>): number => Object.keys(defaults ?? {}).length

const isGiven = (values: UrlValues, name: string): boolean =>
  Object.hasOwn(values, name) && values[name] !== undefined && values[name] !== null

/** Why an entry does not fit the values. A default fixes its variable: a value for it must be the same. */
function misfit<T>({ rule, defaults = {} }: RouteEntry<T>, values: UrlValues): string | undefined {
  const missing = rule.variables.filter(({ name }) => !Object.hasOwn(defaults, name) && !isGiven(values, name))
  if (missing.length > 0) return `no value for ${missing.map(({ name }) => `'${name}'`).join(', ')}`
  const other = Object.keys(defaults).find(name => isGiven(values, name) && values[name] !== defaults[name])
  return other && `'${other}' must be its default, ${String(defaults[other])}`
}

function build<T>(entry: RouteEntry<T>, values: UrlValues): string | Misfit {
  const problem = misfit(entry, values)
  if (problem !== undefined) return new Misfit(problem)
  let path = ''
  for (const piece of entry.rule.pieces) {
    const text = typeof piece === 'string' ? piece : textOf(piece, entry, values)
    if (text instanceof Misfit) return text
    path += text
  }
  return refusal(entry.rule, path) ?? encodeSegment(path).replaceAll('%2F', '/') + queryOf(entry, values)
}

function textOf<T>(variable: Variable, { defaults = {} }: RouteEntry<T>, values: UrlValues): string | Misfit {
  const { name, converter } = variable
  const text = attempt(variable, () => converter.toUrl(Object.hasOwn(defaults, name) ? defaults[name] : values[name]))
  if (text instanceof Misfit) return text
  const isFit = isTextOf(variable, text) && !(typeof values[name] === 'object' && isNoText(text))
  return isFit ? text : misfitting(variable, text)
}

/** Whether a text fits a variable. A lone surrogate has no UTF-8 form: `encodeURIComponent` would throw. */
const isTextOf = ({ converter }: Variable, text: string): boolean =>
  converter.accepts.test(text) && !/\p{Surrogate}/u.test(text)

const misfitting = ({ name, source }: Variable, text: string): Misfit =>
  new Misfit(`${JSON.stringify(text)} for '${name}' is not what ${source} matches`)

/** Runs a converter, whose error means that it can't convert this value. */
function attempt<V>({ name, source }: Variable, convert: () => V): V | Misfit {
  try {
    return convert()
  } catch (cause) {
    return new Misfit(`the converter of ${source} failed for '${name}': ${toError(cause).message}`, { cause })
  }
}

/** Why no request with this path reaches the rule that it was built from. */
function refusal({ parts, variables }: Rule, path: string): Misfit | undefined {
  const segments = path.slice(1).split('/')
  const dots = segments.find(segment => segment === '.' || segment === '..')
  if (dots !== undefined) return new Misfit(`clients remove the segment '${dots}' of '${path}'`)
  const texts = path.startsWith('//') ? undefined : new Search(segments, false, '').textsOf(parts)
  if (texts === undefined) return new Misfit(`the rule does not match '${path}'`)
  for (const [index, text] of texts.entries()) {
    const variable = variables[index] as Variable
    const value = attempt(variable, () => variable.converter.convert(text))
    if (value instanceof Misfit || value === undefined) return value ?? misfitting(variable, text)
  }
  return undefined
}

function queryOf<T>(entry: RouteEntry<T>, values: UrlValues): string {
  const used = argumentsOf(entry)
  const query = new URLSearchParams()
  for (const name of Object.keys(values).filter(key => !used.has(key) && isGiven(values, key))) {
    if (FLASK_OPTIONS.has(name)) throw new TypeError(notAValue(name, values[name]))
    for (const value of [values[name]].flat()) query.append(name, queryText(name, value))
  }
  return query.size > 0 ? `?${String(query)}` : ''
}

/** What Flask takes among the values, as options of `url_for`. */
const FLASK_OPTIONS: ReadonlySet<string> = new Set(['_external', '_anchor', '_scheme', '_method'])

const notAValue = (name: string, value: unknown): string =>
  `urlFor(): '${name}' among the values is Flask's name of an option. Options are the third argument: ` +
  `urlFor(endpoint, values, { ${name.slice(1)}: ${describe(value)} })`

/** @throws TypeError for a value without a text, such as a filter that was meant to be JSON */
function queryText(name: string, value: unknown): string {
  const text = String(value)
  if (typeof value !== 'object' || !isNoText(text)) return text
  throw new TypeError(
    `urlFor(): the value of '${name}' is ${describe(value)}: a query takes a text, or a list of texts`,
  )
}

/** Whether a text is what JavaScript makes of an object that has none. */
const isNoText = (text: string): boolean => /^\[object \w+\]$/.test(text)

/** Percent-encodes a text, except the characters that RFC 3986 allows in a fragment. */
function encodeAnchor(text: string): string {
  const encoded = encodeURIComponent(text.replace(/\p{Surrogate}/gu, '\uFFFD')) // as in the query
  return encoded.replace(/%(?:24|26|2B|2C|2F|3A|3B|3D|3F|40)/g, decodeURIComponent)
}

/** What the caller may have meant: first an endpoint of the same name in a blueprint. */
function suggestion(endpoint: string, { known = [], blueprint = '' }: BuildOptions): string {
  const names = [...known]
  if (names.includes(`${blueprint}.${endpoint}`)) return `, did you mean '.${endpoint}'?`
  const sameName = names.find(name => name.endsWith(`.${endpoint}`))
  // Flask has this endpoint without asking for it.
  if (sameName === undefined && /(?:^|\.)static$/.test(endpoint))
    return "; it comes with flaskoa/static: bootstrap(App, { extensions: [staticFiles('static')] })"
  const nearest = sameName ?? nearestTo(endpoint, names)
  return nearest === undefined ? '' : `, did you mean '${nearest}'?`
}
