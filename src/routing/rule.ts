import { SetupError } from '../setup-error'
import { escapeRegex, readyConverter, regexFlags } from './converters'
import type { ConverterArgs, ConverterDefinition, ReadyConverter } from './converters'

/** `<int:id>`: its name `id`, and how it was written */
export interface Variable {
  readonly name: string
  readonly source: string
  readonly converter: ReadyConverter
}

/** What one segment of a URL is matched with; with `final`, the whole rest of the path, slashes and all. */
export interface Pattern {
  readonly regex: RegExp
  readonly final: boolean
  /** The smaller is tried first, compared number by number */
  readonly weight: readonly number[]
}

type Converters = Readonly<Record<string, ConverterDefinition>>

// A run of slashes, static text, or a variable: <name>, <converter:name> or <converter(arguments):name>.
const piece =
  /(?<slash>\/+)|(?<text>[^<>/]+)|<(?:(?<converter>[^<>():]*)(?:\((?<args>(?:"[^"]*"|'[^']*'|[^"'()<>])*)\))?:)?(?<variable>[^<>():]*)>/y
const argument = /\s*(?:(?<name>\w+)\s*=\s*)?(?:"(?<double>[^"]*)"|'(?<single>[^']*)'|(?<word>[^\s,=()"']+))\s*(?:,|$)/y
const identifier = /^[A-Za-z_][A-Za-z0-9_]*$/

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
  static parse(source: string, converters: Converters, name: string): Rule {
    return new Rule(source, new Parser(source, converters, name).parse())
  }
}

/** One slash between prefix and rule, whatever both sides have; an empty rule is the bare prefix. */
export function joinRules(prefix: string, rule: string): string {
  if (prefix === '' || rule === '') return prefix || rule
  return `${prefix.replace(/\/+$/, '')}/${rule.replace(/^\/+/, '')}`
}

class Parser {
  private readonly names = new Set<string>()

  constructor(
    private readonly source: string,
    private readonly converters: Converters,
    private readonly name: string,
  ) {}

  parse(): (string | Variable)[] {
    const { source } = this
    if (!source.startsWith('/')) this.fail(`a rule starts with '/': write '/${source}'`)
    const pieces: (string | Variable)[] = []
    for (let at = 0; at < source.length; at = piece.lastIndex) {
      piece.lastIndex = at
      const found = piece.exec(source)?.groups
      if (!found) {
        this.fail(
          `cannot be read from '${source.slice(at)}': a variable is <name>, <converter:name> or ` +
            '<converter(arguments):name>, each < closed by a >',
        )
      }
      pieces.push(
        found.slash ? '/' : (this.staticText(found.text) ?? this.variable(found, source.slice(at, piece.lastIndex))),
      )
    }
    return pieces
  }

  private staticText(text: string | undefined): string | undefined {
    if (text && /[?#]/.test(text)) this.fail("a rule is a path only: leave out '?' and '#' and what follows them")
    return text
  }

  private variable(found: Record<string, string | undefined>, source: string): Variable {
    const {
      variable,
      converter = 'default',
      args = '',
    } = found as { variable: string; converter?: string; args?: string }
    if (!identifier.test(variable)) this.fail(`${source} needs a name of letters, digits and _ for the variable`)
    if (this.names.has(variable)) this.fail(`uses the variable '${variable}' twice, rename one of them`)
    this.names.add(variable)
    return { name: variable, source, converter: this.converter(converter, args, source) }
  }

  private converter(key: string, args: string, source: string): ReadyConverter {
    // `in` or a bare look-up would find Object.prototype's `constructor`.
    const definition = Object.hasOwn(this.converters, key) ? this.converters[key] : undefined
    if (definition === undefined) {
      const known = Object.keys(this.converters).filter(name => name !== 'default')
      this.fail(`nobody registered the converter '${key}', there are ${known.join(', ')}`, 'UNKNOWN_CONVERTER')
    }
    const converter = typeof definition === 'function' ? this.make(definition, args, source) : definition
    if (converter === definition && args.trim() !== '') this.fail(`${source}: this converter takes no arguments`)
    try {
      return readyConverter(converter)
    } catch (error) {
      this.fail(`the converter '${key}' is not usable: ${messageOf(error)}`, 'BAD_CONVERTER', error)
    }
  }

  private make(factory: Extract<ConverterDefinition, (...args: never) => unknown>, args: string, source: string) {
    const parsed = this.arguments(args, source)
    try {
      return factory(parsed)
    } catch (error) {
      this.fail(`${source}: the converter ${messageOf(error)}`, 'BAD_RULE', error)
    }
  }

  private arguments(text: string, source: string): ConverterArgs {
    const positional: ConverterArgs['positional'][number][] = []
    const named: Record<string, ConverterArgs['positional'][number]> = Object.create(null)
    const end = text.trimEnd().length
    for (let at = 0; at < end; at = argument.lastIndex) {
      argument.lastIndex = at
      const found = argument.exec(text)?.groups
      if (!found) this.fail(`${source}: cannot read the arguments from '${text.slice(at)}', separate them with commas`)
      const value = found.double ?? found.single ?? constant(found.word as string)
      if (found.name === undefined) positional.push(value)
      else named[found.name] = value
    }
    return { positional, named }
  }

  private fail(
    problem: string,
    code: 'BAD_RULE' | 'UNKNOWN_CONVERTER' | 'BAD_CONVERTER' = 'BAD_RULE',
    cause?: unknown,
  ): never {
    throw new SetupError(code, `${this.name}: in the rule '${this.source}': ${problem}`, { cause })
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** `4` → 4, `True` → true, `about` → 'about' */
function constant(word: string): string | number | boolean {
  if (/^(true|false)$/i.test(word)) return /^t/i.test(word)
  return /^-?\d+(\.\d+)?$/.test(word) ? Number(word) : word
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

function compilePart(segment: readonly (string | Variable)[]): string | Pattern {
  const texts = segment.filter(part => typeof part === 'string')
  const variables = segment.filter(part => typeof part !== 'string')
  if (variables.length === 0) return texts.join('')
  const source = segment.map(part => (typeof part === 'string' ? escapeRegex(part) : `(${part.converter.regex})`))
  const lengths = texts.filter(text => text !== '/').map(text => -[...text].length)
  return {
    regex: new RegExp(`^${source.join('')}$`, regexFlags),
    final: segment.some(crossesSlashes),
    // More static text first, the longer first; then more variables, the lighter converter first.
    weight: [-lengths.length, ...lengths, -variables.length, ...variables.map(({ converter }) => converter.weight)],
  }
}
