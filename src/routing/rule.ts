import { SetupError } from '../errors/setup-error'
import { escapeRegex, type ReadyConverter } from './converters'
import { matcherOf, type Matcher } from './linear-regex'
import { withoutCharacter } from './regex-tree'
import { RuleParser, type ConverterTable, type Variable } from './rule-parser'

/** What one segment of a URL is matched with; with `final`, the whole rest of the path, slashes and all. */
export interface Pattern {
  readonly matcher: Matcher
  readonly final: boolean
  /** Whether one variable is all of the segment. */
  readonly whole: boolean
  /** The smaller is tried first, compared number by number */
  readonly weight: readonly number[]
}

/** A parsed URL rule, the same for every request and every URL that is built. */
export class Rule {
  readonly variables: readonly Variable[]
  /** What the segments of a path are compared with: static text, or a pattern */
  readonly parts: readonly (string | Pattern)[]

  private constructor(
    /** As written, prefixes joined */
    readonly source: string,
    /** Static text (slashes included) and variables in the order of the URL */
    readonly pieces: readonly (string | Variable)[],
  ) {
    this.variables = pieces.filter(part => typeof part !== 'string')
    this.parts = compileParts(pieces)
  }

  /** `name` is the method that errors name, for instance `Users.show`. */
  static parse(source: string, converters: ConverterTable, name: string): Rule {
    const pieces = new RuleParser(source, converters, name).parse()
    try {
      return new Rule(source, pieces)
    } catch (cause) {
      throw new SetupError('BAD_RULE', `${name}: in the rule '${source}': ${(cause as Error).message}`, { cause })
    }
  }
}

/** One slash between prefix and rule, whatever both sides have; an empty rule is the bare prefix. */
export function joinRules(prefix: string, rule: string): string {
  if (prefix === '' || rule === '') return prefix || rule
  return `${prefix.replace(/\/+$/, '')}/${rule.replace(/^\/+/, '')}`
}

/** Cuts the pieces at the slashes, but never behind a variable that can itself hold slashes. */
function compileParts(pieces: readonly (string | Variable)[]): (string | Pattern)[] {
  const parts: (string | Pattern)[] = []
  let segment: (string | Variable)[] = []
  for (const part of pieces.slice(1)) {
    if (part !== '/' || segment.some(crossesSlashes)) segment.push(part)
    else {
      parts.push(compilePart(segment))
      segment = []
    }
  }
  return [...parts, compilePart(segment)]
}

const crossesSlashes = (part: string | Variable): boolean => typeof part !== 'string' && part.converter.crossesSlashes

/** Stands for a slash that came as `%2F` while the rest of a path is matched as one text: no decoded text can hold it. */
export const escapedSlash = '\u{DC2F}'

/** What takes no slash takes none that came as `%2F`. */
const regexOf = ({ regex, crossesSlashes }: ReadyConverter): string =>
  crossesSlashes ? regex : withoutCharacter(regex, escapedSlash)

function compilePart(segment: readonly (string | Variable)[]): string | Pattern {
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
    whole: segment.length === 1 && !final,
    // More static text first, the longer first; then more variables, the lighter converter first.
    weight: [-lengths.length, ...lengths, -variables.length, ...variables.map(({ converter }) => converter.weight)],
  }
}
