import { escapedSlash, type Pattern, type Rule } from './rule'

// `private`, not `#`: on the path of each request, where `#` costs more.

/** A rule in the router, with what the rule leads to. */
export interface RouteEntry<T> {
  readonly rule: Rule
  /** Including the automatic HEAD and OPTIONS. */
  readonly methods: readonly string[]
  readonly strictSlashes: boolean
  readonly defaults?: Readonly<Record<string, unknown>> | undefined
  /** `Class.method`, for errors. */
  readonly name: string
  readonly target: T
}

/** The most children that are found by comparing texts. */
const MOST_COMPARED = 8

/**
 * The children of a node by their plain text. A few are compared one after the other: a map first computes the hash of the
 * segment, in C++ and anew for each request (1 %).
 */
class StaticChildren<T> {
  private readonly texts: string[] = []
  private readonly nodes: Node<T>[] = []
  private readonly byText = new Map<string, Node<T>>()

  get(text: string): Node<T> | undefined {
    const { texts } = this
    if (texts.length > MOST_COMPARED) return this.byText.get(text)
    for (let index = 0; index < texts.length; index++) if (texts[index] === text) return this.nodes[index]
    return undefined
  }

  add(text: string, node: Node<T>): Node<T> {
    this.texts.push(text)
    this.nodes.push(node)
    this.byText.set(text, node)
    return node
  }
}

/** A node of the tree of rules: the state of a search after some segments of a path. */
export class Node<T> {
  readonly static = new StaticChildren<T>()
  /** Sorted by weight; equal weights are in the order of adding. */
  readonly dynamic: { readonly pattern: Pattern; readonly node: Node<T> }[] = []
  readonly entries: RouteEntry<T>[] = []

  /** The next node for a part. Makes the node if it does not exist. */
  child(part: string | Pattern): Node<T> {
    if (typeof part !== 'string') return this.dynamicChild(part)
    return this.static.get(part) ?? this.static.add(part, new Node<T>())
  }

  private dynamicChild(pattern: Pattern): Node<T> {
    const known = this.dynamic.find(edge => samePattern(edge.pattern, pattern))
    if (known) return known.node
    const node = new Node<T>()
    const heavier = this.dynamic.findIndex(edge => byWeight(edge.pattern, pattern) > 0)
    this.dynamic.splice(heavier === -1 ? this.dynamic.length : heavier, 0, { pattern, node })
    return node
  }
}

const samePattern = (a: Pattern, b: Pattern): boolean =>
  a.matcher.source === b.matcher.source && a.suffixed === b.suffixed && byWeight(a, b) === 0

/** Which of two patterns at the same place the router tries first. */
export function byWeight(a: Pattern, b: Pattern): number {
  const differing = a.weight.findIndex((weight, index) => weight !== b.weight[index])
  return differing === -1 ? 0 : (a.weight[differing] as number) - (b.weight[differing] as number)
}

/** The rule that matches a path. */
export interface Hit<T> {
  readonly entry: RouteEntry<T>
  /** The texts of the variables, in the order of the rule. */
  readonly texts: readonly string[]
}

/** The result for a path that matches a rule except for the slash at the end of the rule. */
export const slashMissing = Symbol('slashMissing')

/** One search for the rule of one path. */
export class Search<T> {
  /** The methods of the rules that match the path, but not the method. */
  allow: Set<string> | undefined

  constructor(
    public segments: readonly string[],
    /** Whether a segment may contain a slash that was sent as `%2F`. */
    private readonly escaped: boolean,
    private readonly method: string,
  ) {}

  /** Searches again with another path for the same request. */
  again(segments: readonly string[], root: Node<T>): Hit<T> | typeof slashMissing | undefined {
    this.segments = segments
    return this.run(root)
  }

  run(node: Node<T>, index = 0, texts: readonly string[] = NO_TEXTS): Hit<T> | typeof slashMissing | undefined {
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

  /** The texts of the variables of one rule for a path that was built from it, as a request would find them. */
  textsOf(parts: Rule['parts']): string[] | undefined {
    const texts: string[] = []
    for (const [index, part] of parts.entries()) {
      if (typeof part === 'string') continue
      const end = this.endOfRest(part, index)
      const matched = part.final ? this.matchRest(part, index, end) : this.matchSegment(part, index)
      if (matched === undefined) return undefined
      texts.push(...matched)
    }
    return texts
  }

  private runDynamic(node: Node<T>, index: number, texts: readonly string[]) {
    for (const { pattern, node: next } of node.dynamic) {
      const end = pattern.final ? this.endOfRest(pattern, index) : index + 1
      const matched = pattern.final ? this.matchRest(pattern, index, end) : this.matchSegment(pattern, index)
      const hit = matched && this.run(next, end, texts.length === 0 ? matched : texts.concat(matched))
      if (hit) return hit
    }
    return undefined
  }

  private matchSegment({ matcher, whole }: Pattern, index: number): readonly string[] | undefined {
    const segment = this.segments[index] as string
    // No pattern of one segment matches a slash: returning now saves much backtracking.
    if (this.escaped && segment.includes('/')) return undefined
    if (whole) return matcher.test(segment) ? [segment] : undefined
    return matcher.match(segment)
  }

  /** Where a final pattern ends: at the end of the path or, with a slash behind it, before the slash that ends the path. */
  private endOfRest({ suffixed }: Pattern, index: number): number {
    const last = this.segments.length - 1
    return suffixed && index < last && this.segments[last] === '' ? last : last + 1
  }

  private matchRest({ matcher, suffixed }: Pattern, index: number, end: number): readonly string[] | undefined {
    // Of several slashes at the end, none is a variable's: they are merged, as behind any other segment.
    if (suffixed && end - index > 1 && this.segments[end - 1] === '') return undefined
    const rest = this.segments.slice(index, end).map(segment => segment.replaceAll('/', escapedSlash))
    return matcher.match(rest.join('/'))?.map(text => text.replaceAll(escapedSlash, '/'))
  }

  /** At the end of the path: returns a rule that ends here, or one that has a slash more. */
  private arrive(node: Node<T>, texts: readonly string[]) {
    const hit = this.pick(node.entries, texts)
    if (hit) return hit
    for (const entry of node.static.get('')?.entries ?? []) {
      const takes = entry.methods.includes(this.method)
      if (takes && !entry.strictSlashes) return { entry, texts }
      if (takes && holds(entry.rule, texts)) return slashMissing
      if (!takes && !entry.strictSlashes) this.missed(entry, texts)
    }
    return undefined
  }

  private pick(entries: readonly RouteEntry<T>[], texts: readonly string[]): Hit<T> | undefined {
    for (const entry of entries) {
      if (entry.methods.includes(this.method)) return { entry, texts }
      this.missed(entry, texts)
    }
    return undefined
  }

  private missed({ methods, rule }: RouteEntry<T>, texts: readonly string[]): void {
    if (holds(rule, texts)) this.allow = new Set([...(this.allow ?? []), ...methods])
  }
}

/** Whether JavaScript has all numbers of a URL, so that the rule can match it at all. */
const holds = ({ variables }: Rule, texts: readonly string[]): boolean =>
  variables.every(({ converter }, index) => converter.holds?.(texts[index] as string) ?? true)

const NO_TEXTS: readonly string[] = Object.freeze([])
