import { types } from 'node:util'
import { isRecord } from '../util/is-record'
import { sync } from '../util/thenable'
import { HOLDS } from './holds'
import { matcherOf, type Matcher } from './linear-regex'
import { atomsOf, regexFlags } from './regex-tree'

/** An argument of a converter in a rule. */
export type Argument = string | number | boolean

/** Converts between the text of a variable in the URL and the value that the view gets. */
export interface Converter<T = unknown> {
  /** The regex that the text must match: without anchors, capture groups and flags. Default `[^/]+`. */
  readonly regex?: string | RegExp
  /** Converts the percent-decoded text to a value. `undefined` refuses the text: the answer is a 404. */
  convert?(text: string): T | undefined
  /** Converts a value to text, without percent-encoding. Default `String(value)`. */
  toUrl?(value: T): string
  /** Of two variables at the same place, the router tries the one with the smaller weight first. Default 100. */
  readonly weight?: number
  /** The JSON Schema of the variable in an OpenAPI document. Default: a text that the regex matches. */
  readonly schema?: VariableSchema
}

/** A JSON Schema. */
export type VariableSchema = Readonly<Record<string, unknown>>

/** The arguments of a converter in a rule. For `<int(4, min=1):n>`: `{ positional: [4], named: { min: 1 } }`. */
export interface ConverterArgs {
  readonly positional: readonly Argument[]
  readonly named: Readonly<Record<string, Argument>>
}

/**
 * Makes a converter from the arguments in the rule. An error that it throws becomes a SetupError that names the rule.
 */
export type ConverterFactory = (args: ConverterArgs) => Converter

/** A converter, or a function that makes one from arguments. */
export type ConverterDefinition = Converter | ConverterFactory

/** A checked converter, with its defaults. */
export interface ReadyConverter {
  readonly regex: string
  /** Whether a text matches the converter's regex. */
  readonly accepts: Matcher
  convert(text: string): unknown
  toUrl(value: unknown): string
  /** Only of numbers: a number that is too large for JavaScript matches no rule, for any HTTP method. */
  readonly holds: ((text: string) => boolean) | undefined
  readonly weight: number
  /** Whether a value may contain slashes, so that it spans several segments of the path. */
  readonly crossesSlashes: boolean
  readonly schema: VariableSchema
}

const CONVERTERS_ARE_SYNC = 'the router does not wait. Look things up in a before method or the view.'

/**
 * Checks a converter and adds the defaults. Throws plain errors, to which the RuleParser adds the method and the rule.
 */
export function readyConverter(converter: Converter): ReadyConverter {
  checkShape(converter)
  const regex = regexSource(converter.regex ?? '[^/]+')
  return {
    regex,
    accepts: matcherOf(regex),
    convert: text =>
      converter.convert ? sync(converter.convert(text), "A converter's convert()", CONVERTERS_ARE_SYNC) : text,
    toUrl: value => String(converter.toUrl ? converter.toUrl(value) : value),
    holds: (converter as { readonly [HOLDS]?: (text: string) => boolean })[HOLDS],
    weight: converter.weight ?? 100,
    crossesSlashes: canMatchSlash(regex),
    schema: converter.schema ?? { type: 'string', ...(converter.regex !== undefined && { pattern: `^(?:${regex})$` }) },
  }
}

function checkShape(converter: Converter | null): void {
  if (typeof converter !== 'object' || converter === null) {
    throw new TypeError('a converter is an object with regex, convert, toUrl and weight, all optional')
  }
  for (const method of ['convert', 'toUrl'] as const) {
    const given = (converter as Record<string, unknown>)[method]
    if (types.isAsyncFunction(given)) throw new TypeError(`${method} is asynchronous: ${CONVERTERS_ARE_SYNC}`)
    if (!['undefined', 'function'].includes(typeof given)) throw new TypeError(`${method} is not a function`)
  }
  if (!Number.isFinite(converter.weight ?? 100)) throw new TypeError('weight is not a finite number')
  if (!isRecord(converter.schema ?? {})) throw new TypeError('schema is not a JSON Schema, an object')
}

function regexSource(regex: string | RegExp): string {
  if (typeof regex !== 'string' && !(regex instanceof RegExp)) throw new TypeError('regex is not a string or a RegExp')
  const source = typeof regex === 'string' ? regex : regex.source
  if (regex instanceof RegExp && /[imv]/.test(regex.flags)) {
    throw new TypeError(`${String(regex)}: the flags i, m and v are not supported, write the regex without them`)
  }
  // Newer versions of JavaScript allow flags inside a regex, (?i:…).
  if (
    /\(\?[a-z-]/.test(
      atomsOf(source)
        .map(atom => (atom.length > 1 ? '_' : atom))
        .join(''),
    )
  ) {
    throw new TypeError(`${source}: flags like (?i:…) are not supported, write the regex without them`)
  }
  compile(source) // throws for a source with a syntax error
  // The added empty alternative matches ''. The match has one item for the whole and one for each capture group.
  const { length } = compile(`${source}|`).exec('') as RegExpExecArray
  if (length > 1) throw new TypeError(`${source}: has a capture group, write (?:…) instead of (…)`)
  if (atomsOf(source).some(atom => atom === '^' || atom === '$')) {
    throw new TypeError(`${source}: the regex always matches the whole text, leave out ^ and $`)
  }
  return source
}

const compile = (source: string): RegExp => new RegExp(source, regexFlags)

/**
 * Whether any class, escape or character of the regex matches a slash. `false` is certain. `true` may be wrong, for
 * instance for a slash in a lookahead: then the router only compares the regex with more text.
 */
function canMatchSlash(source: string): boolean {
  const consumers = atomsOf(source).filter(atom => atom.length > 1 || !'()|*+?{}'.includes(atom))
  return consumers.some(atom => compile(`^${atom}$`).test('/'))
}
