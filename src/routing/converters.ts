import { types } from 'node:util'
import { sync } from '../util/thenable'
import { matcherOf, type Matcher } from './linear-regex'
import { atomsOf, regexFlags } from './regex-tree'

export type Argument = string | number | boolean

/** What a variable of a URL rule takes and gives: the text in the URL on one side, the view's value on the other. */
export interface Converter<T = unknown> {
  /** What one value looks like in a URL: no anchors, no capture groups, no flags. Default `[^/]+`. */
  readonly regex?: string | RegExp
  /** Text (percent-decoded) to value; `undefined` refuses the text, and the URL is a 404. */
  convert?(text: string): T | undefined
  /** Value to text, not percent-encoded. Default `String(value)`. */
  toUrl?(value: T): string
  /** Of two variables at the same place the one with the smaller weight is tried first. Default 100. */
  readonly weight?: number
}

/** What stood in the brackets of `<int(4, min=1):n>`: `{ positional: [4], named: { min: 1 } }`. */
export interface ConverterArgs {
  readonly positional: readonly Argument[]
  readonly named: Readonly<Record<string, Argument>>
}

/** Makes a converter from the arguments in the rule; what it throws becomes a set-up error that names the rule. */
export type ConverterFactory = (args: ConverterArgs) => Converter

export type ConverterDefinition = Converter | ConverterFactory

/** A converter with nothing left out, checked. */
export interface ReadyConverter {
  readonly regex: string
  /** Whether a text is one of this converter's */
  readonly accepts: Matcher
  convert(text: string): unknown
  toUrl(value: unknown): string
  readonly weight: number
  /** Whether a value may reach over several segments of the path */
  readonly crossesSlashes: boolean
}

const CONVERTERS_ARE_SYNC = 'a route is found at once. Look things up in a before method or the view.'

/** Fills in the defaults. The problems it finds are thrown as plain errors: `Rule.parse` knows the rule to blame. */
export function readyConverter(converter: Converter): ReadyConverter {
  checkShape(converter)
  const regex = regexSource(converter.regex ?? '[^/]+')
  return {
    regex,
    accepts: matcherOf(regex),
    convert: text =>
      converter.convert ? sync(converter.convert(text), "A converter's convert()", CONVERTERS_ARE_SYNC) : text,
    toUrl: value => String(converter.toUrl ? converter.toUrl(value) : value),
    weight: converter.weight ?? 100,
    crossesSlashes: canMatchSlash(regex),
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
}

function regexSource(regex: string | RegExp): string {
  if (typeof regex !== 'string' && !(regex instanceof RegExp)) throw new TypeError('regex is no string and no RegExp')
  const source = typeof regex === 'string' ? regex : regex.source
  if (regex instanceof RegExp && /[imv]/.test(regex.flags)) {
    throw new TypeError(`${String(regex)}: the flags i, m and v cannot be kept, write the regex without them`)
  }
  // Newer versions of JavaScript have flags for a part of a regex.
  if (
    /\(\?[a-z-]/.test(
      atomsOf(source)
        .map(atom => (atom.length > 1 ? '_' : atom))
        .join(''),
    )
  ) {
    throw new TypeError(`${source}: flags like (?i:…) cannot be kept, write the regex without them`)
  }
  compile(source) // throws when the source is none
  // The empty alternative matches '', and a match has one place more than there are capture groups.
  const { length } = compile(`${source}|`).exec('') as RegExpExecArray
  if (length > 1) throw new TypeError(`${source}: has a capture group, write (?:…) instead of (…)`)
  if (atomsOf(source).some(atom => atom === '^' || atom === '$')) {
    throw new TypeError(`${source}: the regex is anchored anyway, leave out ^ and $`)
  }
  return source
}

const compile = (source: string): RegExp => new RegExp(source, regexFlags)

/**
 * Whether anything in the regex could consume a slash, each class, escape and character asked by itself: a `false` is
 * certain. A `true` may be one too many (a slash in a lookahead); such a variable only gets more text to match with.
 */
function canMatchSlash(source: string): boolean {
  const consumers = atomsOf(source).filter(atom => atom.length > 1 || !'()|*+?{}'.includes(atom))
  return consumers.some(atom => compile(`^${atom}$`).test('/'))
}

export const escapeRegex = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
