import { SetupError } from '../setup-error'
import type { Pattern, Rule, Variable } from './rule'
import { encodeSegment } from './url'

export interface RouteEntry<T> {
  readonly rule: Rule
  /** With the automatic HEAD and OPTIONS already among them */
  readonly methods: readonly string[]
  readonly strictSlashes: boolean
  readonly defaults?: Readonly<Record<string, unknown>> | undefined
  /** `Class.method`, for errors */
  readonly name: string
  readonly target: T
}

export type Match<T> =
  | { readonly kind: 'found'; readonly entry: RouteEntry<T>; readonly values: Record<string, unknown> }
  | { readonly kind: 'redirect'; readonly path: string }
  | { readonly kind: 'notAllowed'; readonly allow: readonly string[] }
  | { readonly kind: 'notFound' }
  | { readonly kind: 'malformed' }

/** Where a path has got to after some of its segments. */
class Node<T> {
  readonly static = new Map<string, Node<T>>()
  /** Sorted by weight, among equal weights by the order of adding */
  readonly dynamic: { readonly pattern: Pattern; readonly node: Node<T> }[] = []
  readonly entries: RouteEntry<T>[] = []

  /** The node behind a part, made when it is missing. */
  child(part: string | Pattern): Node<T> {
    return typeof part === 'string' ? this.staticChild(part) : this.dynamicChild(part)
  }

  private staticChild(text: string): Node<T> {
    const node = this.static.get(text) ?? new Node<T>()
    this.static.set(text, node)
    return node
  }

  private dynamicChild(pattern: Pattern): Node<T> {
    const known = this.dynamic.find(edge => sameText(edge.pattern, pattern) && byWeight(edge.pattern, pattern) === 0)
    if (known) return known.node
    const node = new Node<T>()
    const heavier = this.dynamic.findIndex(edge => byWeight(edge.pattern, pattern) > 0)
    this.dynamic.splice(heavier === -1 ? this.dynamic.length : heavier, 0, { pattern, node })
    return node
  }
}

const sameText = (a: Pattern, b: Pattern): boolean => a.regex.source === b.regex.source

function byWeight(a: Pattern, b: Pattern): number {
  const differing = a.weight.findIndex((weight, index) => weight !== b.weight[index])
  return differing === -1 ? 0 : (a.weight[differing] as number) - (b.weight[differing] as number)
}

/** Finds the entry for a request: static text before variables at every segment, then by weight, then by order. */
export class Router<T> {
  private readonly root = new Node<T>()
  /** Path → method → entry of the rules without variables. They win at every segment, so no search is needed. */
  private readonly fixed = new Map<string, Map<string, RouteEntry<T>>>()

  add(entry: RouteEntry<T>): void {
    const { parts } = entry.rule
    const parent = parts.slice(0, -1).reduce((node, part) => node.child(part), this.root)
    const last = parts[parts.length - 1] as string | Pattern
    const node = parent.child(last)
    const twin = last === '' ? parent : node.static.get('') // the same rule without or with the slash at its end
    refuseDuplicate(entry, node.entries)
    // Strict rules `/x` and `/x/` live side by side; a lenient one takes both URLs.
    refuseDuplicate(entry, twin?.entries.filter(other => !other.strictSlashes || !entry.strictSlashes) ?? [])
    node.entries.push(entry)
    if (parts.every(part => typeof part === 'string')) this.addFixed(`/${parts.join('/')}`, entry)
  }

  private addFixed(path: string, entry: RouteEntry<T>): void {
    if (path.includes('%')) return // means itself in a rule, an escape in a request
    const byMethod = this.fixed.get(path) ?? new Map<string, RouteEntry<T>>()
    for (const method of entry.methods) if (!byMethod.has(method)) byMethod.set(method, entry)
    this.fixed.set(path, byMethod)
  }

  /** `path` is the path of the URL as it was sent, still percent-encoded, without the query. */
  match(method: string, path: string): Match<T> {
    const fixed = this.fixed.get(path)?.get(method)
    return fixed ? found(fixed) : this.search(method, path)
  }

  private search(method: string, path: string): Match<T> {
    // However many slashes lead a path, Werkzeug takes them for one. No redirect ever starts with `//host` so.
    const segments = decodeSegments(path.replace(/^\/+/, ''))
    if (!segments) return { kind: 'malformed' }
    const allow = new Set<string>()
    const hit = new Search<T>(segments, method, allow).run(this.root)
    if (hit === slashMissing) return redirect([...segments, ''])
    return (hit ? converted(hit) : this.searchMerged(segments, method, allow)) ?? failed(allow)
  }

  /** `/a//b` is sent on to `/a/b`, if that is something. */
  private searchMerged(segments: string[], method: string, allow: Set<string>): Match<T> | undefined {
    const merged = segments.filter((segment, index) => segment !== '' || index === segments.length - 1)
    if (merged.length === segments.length) return undefined
    const hit = new Search<T>(merged, method, allow).run(this.root)
    return hit && redirect(hit === slashMissing ? [...merged, ''] : merged)
  }
}

function refuseDuplicate<T>(entry: RouteEntry<T>, others: readonly RouteEntry<T>[]): void {
  for (const other of others) {
    const method = other.methods.find(name => clashes(name, entry.methods, other.methods))
    if (method === undefined) continue
    const message = `${entry.name}: ${method} ${entry.rule.source} is already taken by ${other.name} (${other.rule.source})`
    throw new SetupError('DUPLICATE_RULE', `${message}: the later one would never run; change a rule or the methods`)
  }
}

/** OPTIONS is automatic in most rules, and HEAD beside GET: the first rule answers those. */
function clashes(method: string, methods: readonly string[], others: readonly string[]): boolean {
  if (method === 'OPTIONS' || !methods.includes(method)) return false
  return method !== 'HEAD' || !(methods.includes('GET') || others.includes('GET'))
}

/** Split first and decoded then: `%2F` is a slash inside a segment. Undefined when an escape is not UTF-8. */
function decodeSegments(path: string): string[] | undefined {
  const segments = path.split('/')
  if (!path.includes('%')) return segments
  try {
    return segments.map(decodeURIComponent)
  } catch {
    return undefined
  }
}

interface Hit<T> {
  readonly entry: RouteEntry<T>
  /** The texts of the variables, in the order of the rule */
  readonly texts: readonly string[]
}

/** The path is a rule's but for the slash at its end. */
const slashMissing = Symbol('slashMissing')

// Stands for a slash that came as %2F while the rest of a path is matched as one text: no decoded text can hold it.
const escapedSlash = '\u{DC2F}'

/** One walk through the nodes with one path. */
class Search<T> {
  constructor(
    private readonly segments: readonly string[],
    private readonly method: string,
    /** Collects the methods of the rules that fit but for the method */
    private readonly allow: Set<string>,
  ) {}

  run(node: Node<T>, index = 0, texts: readonly string[] = []): Hit<T> | typeof slashMissing | undefined {
    const segment = this.segments[index]
    if (segment === undefined) return this.arrive(node, texts)
    const next = node.static.get(segment)
    const hit = (next && this.run(next, index + 1, texts)) ?? this.runDynamic(node, index, texts)
    if (hit || segment !== '' || index < this.segments.length - 1) return hit
    return this.pick(
      node.entries.filter(entry => !entry.strictSlashes),
      texts,
    )
  }

  private runDynamic(node: Node<T>, index: number, texts: readonly string[]) {
    for (const { pattern, node: next } of node.dynamic) {
      const matched = pattern.final ? this.matchRest(pattern, index) : this.matchSegment(pattern, index)
      const end = pattern.final ? this.segments.length : index + 1
      const hit = matched && this.run(next, end, texts.concat(matched))
      if (hit) return hit
    }
    return undefined
  }

  private matchSegment({ regex }: Pattern, index: number): string[] | undefined {
    const segment = this.segments[index] as string
    // A slash out of %2F fits no pattern of one segment: said at once, not after much backtracking.
    return segment.includes('/') ? undefined : regex.exec(segment)?.slice(1)
  }

  private matchRest({ regex }: Pattern, index: number): string[] | undefined {
    const rest = this.segments.slice(index).map(segment => segment.replaceAll('/', escapedSlash))
    return regex
      .exec(rest.join('/'))
      ?.slice(1)
      .map(text => text.replaceAll(escapedSlash, '/'))
  }

  /** All segments are used up: an entry here, or one behind a last slash. */
  private arrive(node: Node<T>, texts: readonly string[]) {
    const hit = this.pick(node.entries, texts)
    if (hit) return hit
    for (const entry of node.static.get('')?.entries ?? []) {
      if (entry.methods.includes(this.method)) return entry.strictSlashes ? slashMissing : { entry, texts }
      if (!entry.strictSlashes) entry.methods.forEach(method => this.allow.add(method))
    }
    return undefined
  }

  private pick(entries: readonly RouteEntry<T>[], texts: readonly string[]): Hit<T> | undefined {
    const entry = entries.find(({ methods }) => {
      if (methods.includes(this.method)) return true
      methods.forEach(method => this.allow.add(method))
      return false
    })
    return entry && { entry, texts }
  }
}

/** Undefined when a converter refuses its text: that is final, no other rule is tried. */
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
  values: Object.assign(values, entry.defaults),
})

/** No prototype: a variable may be called `__proto__`. */
const emptyValues = (): Record<string, unknown> => Object.create(null)

const redirect = (segments: readonly string[]): Extract<Match<never>, { kind: 'redirect' }> => ({
  kind: 'redirect',
  path: `/${segments.map(encodeSegment).join('/')}`,
})

function failed(allow: ReadonlySet<string>): Match<never> {
  return allow.size > 0 ? { kind: 'notAllowed', allow: [...allow].sort() } : { kind: 'notFound' }
}
