import { Blank } from '../util/blank'
import { SetupError } from '../errors/setup-error'
import type { Variable } from './rule-parser'
import { Node, Search, slashMissing, type Hit, type RouteEntry } from './search'
import { encodeSegment } from './encode-segment'

export type { RouteEntry } from './search'

/** The result of the router for one request. */
export type Match<T> =
  | { readonly kind: 'found'; readonly entry: RouteEntry<T>; readonly values: Record<string, unknown> }
  | { readonly kind: 'redirect'; readonly path: string }
  | { readonly kind: 'notAllowed'; readonly allow: readonly string[] }
  | { readonly kind: 'notFound' }
  | { readonly kind: 'malformed' }

/**
 * Finds the entry for a request. At each segment the router tries static text before variables, then the smaller
 * weight, then the order of adding.
 */
export class Router<T> {
  // `private`, not `#`: on the path of each request, where `#` costs more.
  private readonly root = new Node<T>()
  /** Path → method → entry, for rules without variables. Such rules win at every segment, so no search is needed. */
  private readonly fixed = new Map<string, Map<string, RouteEntry<T>>>()
  /** The lengths of these paths. Most other paths have another length and then need no look-up in the Map (1 %). */
  private readonly fixedLengths: (true | undefined)[] = []

  add(entry: RouteEntry<T>): void {
    const { parts } = entry.rule
    const node = parts.reduce((parent, part) => parent.child(part), this.root)
    // `/x` and `/x/` are two rules, with strictSlashes or without: each has its own URL first.
    refuseDuplicate(entry, node.entries)
    node.entries.push(entry)
    if (parts.every(part => typeof part === 'string')) this.addFixed(`/${parts.join('/')}`, entry)
  }

  private addFixed(path: string, entry: RouteEntry<T>): void {
    // Such a character is plain text in a rule. In a URL it is encoded, or starts an escape, the query or the fragment.
    if (/[^!-~]|[%?#]/.test(path)) return
    const byMethod = this.fixed.get(path) ?? new Map<string, RouteEntry<T>>()
    for (const method of entry.methods) if (!byMethod.has(method)) byMethod.set(method, entry)
    this.fixed.set(path, byMethod)
    this.fixedLengths[path.length] = true
  }

  /**
   * @param url a path, still percent-encoded. With `from`, any URL as it was sent: most URLs are a path only, so
   *   `from.path` is computed only when `url` turns out to be more (1 %)
   * @param from gives the path of `url`
   */
  match(method: string, url: string, from?: { readonly path: string }): Match<T> {
    const fixed = this.fixedLengths[url.length] && this.fixed.get(url)?.get(method)
    if (fixed) return found(fixed)
    const split = segmentsOf(url, from !== undefined)
    if (split === MORE_THAN_PATH) {
      // `*` means the server and not one of its resources (RFC 9112, 3.2.4): `/<name>` does not match it.
      return url === '*' ? { kind: 'notFound' } : this.match(method, (from as { readonly path: string }).path)
    }
    return split === undefined ? { kind: 'malformed' } : this.search(method, split)
  }

  private search(method: string, { segments, escaped }: SplitPath): Match<T> {
    const search = new Search<T>(segments, escaped, method)
    const hit = search.run(this.root)
    if (hit === slashMissing) return redirectMatch([...segments, ''])
    return (hit ? converted(hit) : this.searchMerged(search)) ?? failed(search.allow)
  }

  /** Redirects `/a//b` to `/a/b`, if that path has a rule. */
  private searchMerged(search: Search<T>): Match<T> | undefined {
    const { segments } = search
    const merged = segments.filter((segment, index) => segment !== '' || index === segments.length - 1)
    if (merged.length === segments.length) return undefined
    const hit = search.again(merged, this.root)
    return hit && redirectMatch(hit === slashMissing ? [...merged, ''] : merged)
  }
}

function refuseDuplicate<T>(entry: RouteEntry<T>, others: readonly RouteEntry<T>[]): void {
  for (const other of others) {
    const method = other.methods.find(name => clashes(name, entry.methods, other.methods))
    if (method === undefined) continue
    const message = `${entry.name}: ${method} ${entry.rule.source} is already taken by ${other.name} (${other.rule.source})`
    throw new SetupError(
      'DUPLICATE_RULE',
      `${message}: the later one would never run for ${method}. Change a rule or the methods.`,
    )
  }
}

/**
 * Whether both rules have a method that only one may have. Automatic OPTIONS and HEAD are shared: the first rule
 * answers.
 */
function clashes(method: string, methods: readonly string[], others: readonly string[]): boolean {
  if (method === 'OPTIONS' || !methods.includes(method)) return false
  return method !== 'HEAD' || !(methods.includes('GET') || others.includes('GET'))
}

/** What the characters of a URL mean for its path, by their codes. */
const ORDINARY = 0
const SLASH = 1
const PERCENT = 2
/** The start of a query or a fragment, or a character that no path has unescaped. */
const OF_MORE = 3
const KINDS = Uint8Array.from({ length: 128 }, (_, code) => kindOf(String.fromCharCode(code)))

function kindOf(character: string): number {
  if (character === '/') return SLASH
  if (character === '%') return PERCENT
  return /[!-~]/.test(character) && !/[?#]/.test(character) ? ORDINARY : OF_MORE
}

const SLASH_CODE = 0x2f

/** The segments of a path, percent-decoded. */
interface SplitPath {
  readonly segments: string[]
  /** Whether the path had percent escapes. */
  readonly escaped: boolean
}

/** The result for a URL that is more than a path. */
const MORE_THAN_PATH = Symbol('more than a path')

/**
 * Splits a path at its slashes and then decodes the segments, so that `%2F` is a slash inside a segment. Returns
 * undefined when an escape is not UTF-8. As in Werkzeug, several slashes at the start count as one, so that no redirect
 * goes to `//host`. (One loop over the characters: `split`, `includes` and `push` are slower, 1.5 % of a request.)
 */
function segmentsOf(path: string, mayBeMore: boolean): SplitPath | typeof MORE_THAN_PATH | undefined {
  const segments: string[] = []
  let escaped = false
  let start = 0
  if (mayBeMore && path.charCodeAt(0) !== SLASH_CODE) return MORE_THAN_PATH
  while (path.charCodeAt(start) === SLASH_CODE) start++
  for (let index = start; index < path.length; index++) {
    const kind = KINDS[path.charCodeAt(index)] ?? OF_MORE
    if (kind === ORDINARY) continue
    if (kind === PERCENT) escaped = true
    else if (kind === OF_MORE && mayBeMore) return MORE_THAN_PATH
    if (kind !== SLASH) continue
    segments[segments.length] = path.slice(start, index)
    start = index + 1
  }
  segments[segments.length] = path.slice(start)
  if (!escaped) return { segments, escaped }
  try {
    return { segments: segments.map(decodeURIComponent), escaped }
  } catch {
    return undefined
  }
}

/** Converts the texts of a hit. Returns undefined when a converter refuses its text; then no other rule is tried. */
function converted<T>({ entry, texts }: Hit<T>): Match<T> | undefined {
  const values = emptyValues()
  const { variables } = entry.rule
  for (let index = 0; index < variables.length; index++) {
    const { name, converter } = variables[index] as Variable
    const value = converter.convert(texts[index] as string)
    if (value === undefined) return undefined
    values[name] = value
  }
  return found(entry, values)
}

const found = <T>(entry: RouteEntry<T>, values = emptyValues()): Match<T> => ({
  kind: 'found',
  entry,
  values: entry.defaults === undefined ? values : Object.assign(values, entry.defaults),
})

/** An object without a prototype, since a variable may be named `__proto__`. */
const emptyValues = () => new Blank() as Record<string, unknown>

const redirectMatch = (segments: readonly string[]): Extract<Match<never>, { kind: 'redirect' }> => ({
  kind: 'redirect',
  path: `/${segments.map(encodeSegment).join('/')}`,
})

function failed(allow: ReadonlySet<string> | undefined): Match<never> {
  return allow !== undefined ? { kind: 'notAllowed', allow: [...allow].sort() } : { kind: 'notFound' }
}
