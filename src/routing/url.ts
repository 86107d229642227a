import type { Variable } from './rule-parser'
import type { RouteEntry } from './search'

type UrlValues = Readonly<Record<string, unknown>>

/** The options of `buildUrl`. */
export interface BuildOptions {
  /** Use only rules for this method. Default: any, rules for GET first. */
  readonly method?: string | undefined
  readonly anchor?: string | undefined
  /** All endpoints, from which the error for an unknown endpoint suggests one. */
  readonly known?: Iterable<string> | undefined
}

/** The error of `urlFor` when it can't build a URL: the endpoint is unknown, or no rule of it fits the values. */
export class BuildError extends Error {
  override readonly name = 'BuildError'

  constructor(
    problem: string,
    readonly endpoint: string,
    readonly values: UrlValues,
    readonly method: string | undefined,
  ) {
    super(`Could not build a URL for the endpoint '${endpoint}': ${problem}`)
  }
}

/** Builds path and query from the first rule of an endpoint that fits. Values without a variable become the query. */
export function buildUrl<T>(
  endpoint: string,
  entries: readonly RouteEntry<T>[] | undefined,
  values: UrlValues,
  { method, anchor, known = [] }: BuildOptions = {},
): string {
  const problems: string[] = []
  if (!entries?.length) problems.push(`there is no such endpoint${suggestion(endpoint, known)}`)
  for (const entry of candidates(entries ?? [], method)) {
    const built = build(entry, values)
    if (typeof built === 'string') return anchor ? `${built}#${encodeSegment(anchor)}` : built
    problems.push(`${built.problem} (rule '${entry.rule.source}')`)
  }
  const problem = problems.join('; ') || `none of its rules takes ${method}`
  throw new BuildError(problem, endpoint, values, method)
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

function build<T>(entry: RouteEntry<T>, values: UrlValues): string | { problem: string } {
  const problem = misfit(entry, values)
  if (problem !== undefined) return { problem }
  let path = ''
  for (const piece of entry.rule.pieces) {
    const text = typeof piece === 'string' ? piece : textOf(piece, entry, values)
    if (typeof piece !== 'string' && !isTextOf(piece, text)) {
      return { problem: `${JSON.stringify(text)} for '${piece.name}' is not what ${piece.source} matches` }
    }
    path += encodeSegment(text).replaceAll('%2F', '/')
  }
  return path + queryOf(entry, values)
}

function textOf<T>({ name, converter }: Variable, { defaults = {} }: RouteEntry<T>, values: UrlValues): string {
  return converter.toUrl(Object.hasOwn(defaults, name) ? defaults[name] : values[name])
}

/** Whether a text fits a variable. A lone surrogate has no UTF-8 form: `encodeURIComponent` would throw. */
const isTextOf = ({ converter }: Variable, text: string): boolean =>
  converter.accepts.test(text) && !/\p{Surrogate}/u.test(text)

function queryOf<T>(entry: RouteEntry<T>, values: UrlValues): string {
  const used = argumentsOf(entry)
  const query = new URLSearchParams()
  for (const name of Object.keys(values).filter(key => !used.has(key) && isGiven(values, key))) {
    for (const value of [values[name]].flat()) query.append(name, String(value))
  }
  return query.size > 0 ? `?${String(query)}` : ''
}

/** Percent-encodes a text, except the characters that RFC 3986 allows in a segment of a path. */
export function encodeSegment(text: string): string {
  return encodeURIComponent(text).replace(/%(?:24|2B|2C|3A|3B)/g, decodeURIComponent)
}

function suggestion(endpoint: string, known: Iterable<string>): string {
  const [nearest] = [...known].sort((a, b) => distance(a, endpoint) - distance(b, endpoint))
  return nearest === undefined ? '' : `, did you mean '${nearest}'?`
}

/** The edit distance: how many characters must be added, removed or changed to turn one text into the other. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (const [i, letter] of [...a].entries()) {
    const above = row
    row = [i + 1]
    for (let j = 1; j <= b.length; j++) {
      const changed = (above[j - 1] as number) + (letter === b[j - 1] ? 0 : 1)
      row.push(Math.min(changed, (above[j] as number) + 1, (row[j - 1] as number) + 1))
    }
  }
  return row[b.length] as number
}
