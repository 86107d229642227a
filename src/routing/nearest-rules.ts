import { isNearly } from '../errors/did-you-mean'
import { decoded } from '../util/decoded'
import { dividePieces, type Pattern, type RuleSegment } from './rule'
import type { Variable } from './rule-parser'
import type { RouteEntry } from './search'

/** A rule that nearly matches a request. */
export interface NearRule<T> {
  readonly entry: RouteEntry<T>
  /** Why it does not match, in words that follow the rule: `is for POST`. */
  readonly why: string
}

/** Why a rule does not match, and how far off it is. */
interface Difference {
  readonly distance: number
  readonly why: string
}

const METHOD = 0
const SLASH = 1
const CONVERTER = 2
const SPELLING = 3
const SEGMENT = 4
/** Added to the distance of a rule that is for other methods besides. */
const OTHER_METHOD = 0.5

/** In the place of a difference: the rule is not near. */
const FAR = 'far'

/**
 * The rules that come nearest to a request that no rule matches, nearest first. For messages to developers: it compares the path
 * with each rule.
 *
 * @param path percent-encoded, without a query
 */
export function nearestRules<T>(
  entries: readonly RouteEntry<T>[],
  method: string,
  path: string,
  limit = 3,
): NearRule<T>[] {
  const segments = path.replace(/^\/+/, '').split('/').map(decoded)
  const near = entries.flatMap(entry => {
    const difference = differenceOf(entry, method, segments)
    return difference === undefined ? [] : [{ entry, ...difference }]
  })
  near.sort((a, b) => a.distance - b.distance)
  // What several methods of one rule have in common is said once.
  const unlike = new Map(near.toReversed().map(each => [`${each.entry.rule.source} ${each.why}`, each]))
  return near
    .filter(each => unlike.get(`${each.entry.rule.source} ${each.why}`) === each)
    .slice(0, limit)
    .map(({ entry, why }) => ({ entry, why }))
}

function differenceOf<T>(
  { rule, methods }: RouteEntry<T>,
  method: string,
  segments: readonly string[],
): Difference | undefined {
  const parts = dividePieces(rule.pieces).map(
    (pieces, index) => new Part(pieces, rule.parts[index] as string | Pattern),
  )
  const difference = pathDifference(parts, joined(parts, segments))
  if (difference === FAR) return undefined
  if (methods.includes(method)) return difference
  if (difference === undefined) return { distance: METHOD, why: `is for ${methods.join(', ')}` }
  return { ...difference, distance: difference.distance + OTHER_METHOD }
}

/** The segments, with those as one that a variable like `<path:name>` takes: what the parts behind it leave. */
function joined(parts: readonly Part[], segments: readonly string[]): readonly string[] {
  const at = parts.findIndex(({ isFinal }) => isFinal)
  const count = segments.length - parts.length + 1
  return at === -1 || count < 2 ? segments : segments.toSpliced(at, count, segments.slice(at, at + count).join('/'))
}

/** The only difference between a rule and a path. */
function pathDifference(parts: readonly Part[], segments: readonly string[]): Difference | typeof FAR | undefined {
  switch (segments.length - parts.length) {
    case 0: {
      const difference = only(parts.map((part, index) => part.differenceFrom(segments[index] as string)))
      return difference === FAR ? exchanged(parts, segments) : difference
    }
    case 1:
      return withoutOne(segments, additional, (kept, without) => fits(parts, kept, without === ''))
    case -1:
      return withoutOne(parts, missing, (kept, { source }) => fits(kept, segments, source === ''))
    default:
      return FAR
  }
}

function only(differences: readonly (Difference | typeof FAR | undefined)[]): Difference | typeof FAR | undefined {
  const found = differences.filter(difference => difference !== undefined)
  return found.length > 1 ? FAR : found[0]
}

/** Two neighbours in the other order: `/users/5/edit` for `/users/edit/<id>`. */
function exchanged(parts: readonly Part[], segments: readonly string[]): Difference | typeof FAR {
  const at = parts.findIndex((_, index) => {
    const [one, other] = segments.slice(index, index + 2)
    return one && other && fits(parts, segments.toSpliced(index, 2, other, one), false)
  })
  if (at === -1) return FAR
  const [first, second] = parts.slice(at, at + 2) as [Part, Part]
  return { distance: SEGMENT, why: `has '${first.source}' before '${second.source}'` }
}

/** The difference of the last item without which the others fit. */
function withoutOne<Item>(
  items: readonly Item[],
  difference: (item: Item) => Difference,
  fit: (kept: readonly Item[], without: Item) => boolean,
): Difference | typeof FAR {
  const index = items.findLastIndex((item, at) => fit(items.toSpliced(at, 1), item))
  return index === -1 ? FAR : difference(items[index] as Item)
}

/** Whether each segment fits its part. Unless it is only a slash, a path of variables alone would fit by chance. */
const fits = (parts: readonly Part[], segments: readonly string[], isSlash: boolean): boolean =>
  parts.every((part, index) => part.differenceFrom(segments[index] as string) === undefined) &&
  (isSlash || parts.some(({ isText }) => isText))

const additional = (segment: string): Difference =>
  segment === ''
    ? { distance: SLASH, why: 'has no slash there' }
    : { distance: SEGMENT, why: `has no segment '${segment}'` }

const missing = ({ source }: Part): Difference =>
  source === ''
    ? { distance: SLASH, why: 'has a slash at the end' }
    : { distance: SEGMENT, why: `has the segment '${source}' as well` }

/** What a rule has between two slashes. */
class Part {
  /** As it is written. */
  readonly source: string
  /** Whether it may take several segments. */
  readonly isFinal: boolean
  /** Whether it is text only. */
  readonly isText: boolean
  readonly #part: string | Pattern
  readonly #variables: readonly Variable[]

  constructor(pieces: RuleSegment, part: string | Pattern) {
    this.source = pieces.map(piece => (typeof piece === 'string' ? piece : piece.source)).join('')
    this.isText = typeof part === 'string' && part !== ''
    this.isFinal = typeof part !== 'string' && part.final
    this.#part = part
    this.#variables = pieces.filter(piece => typeof piece !== 'string')
  }

  differenceFrom(text: string): Difference | typeof FAR | undefined {
    const part = this.#part
    if (part === text) return undefined
    if (typeof part !== 'string') return this.#refusal(part, text)
    if (!isNearly(text.toLowerCase(), part.toLowerCase())) return FAR
    return { distance: SPELLING, why: `has '${part}', not '${text}'` }
  }

  #refusal({ matcher }: Pattern, text: string): Difference | undefined {
    if (text === '') return missing(this)
    const texts = matcher.match(text)
    const takes = texts?.every((each, index) => isTaken(this.#variables[index] as Variable, each)) === true
    return takes ? undefined : { distance: CONVERTER, why: `has ${this.source}, which does not take '${text}'` }
  }
}

function isTaken({ converter }: Variable, text: string): boolean {
  try {
    return converter.convert(text) !== undefined
  } catch {
    return false // the user's own code, for which a request would be a 500
  }
}
