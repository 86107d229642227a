import { SetupError } from '../errors/setup-error'
import { type ReadyConverter } from './converters'
import { escapeRegex } from './escape-regex'
import { matcherOf, type Matcher } from './linear-regex'
import { withoutCharacter } from './regex-tree'
import { RuleParser, type ConverterTable, type Variable } from './rule-parser'

/** The pattern for one segment of a path with variables or, if `final`, for the whole rest of the path. */
export interface Pattern {
  readonly matcher: Matcher
  readonly final: boolean
  /** Whether a final pattern has a slash behind it: the part after it. The URL may lack that slash. */
  readonly suffixed: boolean
  /** Whether the segment is a single variable. */
  readonly whole: boolean
  /** The router tries the smaller weight first, compared number by number. */
  readonly weight: readonly number[]
}

/** A parsed URL rule, for matching requests and for building URLs. */
export class Rule {
  readonly variables: readonly Variable[]
  /** What the router compares the segments of a path with: static text, or a pattern. */
  readonly parts: readonly (string | Pattern)[]

  private constructor(
    /** The rule as written, with its prefixes. */
    readonly source: string,
    /** The slashes, other static text and variables, in the order of the URL. */
    readonly pieces: readonly (string | Variable)[],
  ) {
    this.variables = pieces.filter(part => typeof part !== 'string')
    this.parts = compileParts(pieces)
  }

  /** @param name the method that errors name, for instance `Users.show` */
  static parse(source: string, converters: ConverterTable, name: string): Rule {
    const pieces = new RuleParser(source, converters, name).parse()
    try {
      return new Rule(source, pieces)
    } catch (cause) {
      throw new SetupError('BAD_RULE', `${name}: in the rule '${source}': ${(cause as Error).message}`, { cause })
    }
  }
}

/** What is between two slashes of a rule. */
export type RuleSegment = readonly (string | Variable)[]

function compileParts(pieces: RuleSegment): (string | Pattern)[] {
  const segments = dividePieces(pieces)
  return segments.map((segment, index) =>
    compilePart(segment, index === segments.length - 2 && segment.some(crossesSlashes)),
  )
}

/**
 * Divides the pieces at the slashes, except after a variable that may contain slashes. A slash at the end is followed by an empty
 * segment, so that the router can redirect a URL without it, or match it.
 */
export function dividePieces(pieces: RuleSegment): RuleSegment[] {
  const segments: (string | Variable)[][] = []
  let segment: (string | Variable)[] = []
  for (const piece of pieces.slice(1)) {
    if (piece !== '/' || segment.some(crossesSlashes)) segment.push(piece)
    else {
      segments.push(segment)
      segment = []
    }
  }
  const suffixed = segment.length > 1 && segment[segment.length - 1] === '/'
  return suffixed ? [...segments, segment.slice(0, -1), []] : [...segments, segment]
}

const crossesSlashes = (part: string | Variable): boolean => typeof part !== 'string' && part.converter.crossesSlashes

/**
 * Replaces a slash that was sent as `%2F` while the rest of a path is matched as one text. A lone surrogate, since
 * decoded text never contains one.
 */
export const escapedSlash = '\u{DC2F}'

/** The converter's regex; one that matches no slash must not match a slash that was sent as `%2F` either. */
const regexOf = ({ regex, crossesSlashes }: ReadyConverter): string =>
  crossesSlashes ? regex : withoutCharacter(regex, escapedSlash)

function compilePart(segment: RuleSegment, suffixed: boolean): string | Pattern {
  const texts = segment.filter(part => typeof part === 'string')
  const variables = segment.filter(part => typeof part !== 'string')
  if (variables.length === 0) return texts.join('')
  const final = segment.some(crossesSlashes)
  const source = segment.map(part => {
    if (typeof part === 'string') return escapeRegex(part)
    return `(${final ? regexOf(part.converter) : part.converter.regex})`
  })
  const lengths = texts.filter(text => text !== '/').map(text => -[...text].length)
  return {
    matcher: matcherOf(source.join('')),
    final,
    suffixed,
    whole: segment.length === 1 && !final,
    // First the pattern with more static texts, then with longer ones, then with more variables, then with smaller
    // weights.
    weight: [-lengths.length, ...lengths, -variables.length, ...variables.map(({ converter }) => converter.weight)],
  }
}
