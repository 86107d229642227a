import { SetupError } from '../errors/setup-error'
import { readyConverter, type ConverterArgs, type ConverterDefinition, type ReadyConverter } from './converters'

export type ConverterTable = Readonly<Record<string, ConverterDefinition>>

/** `<int:id>`: its name `id`, and how it was written */
export interface Variable {
  readonly name: string
  readonly source: string
  readonly converter: ReadyConverter
}

// A run of slashes, static text, or a variable: <name>, <converter:name> or <converter(arguments):name>.
const piece =
  /(?<slash>\/+)|(?<text>[^<>/]+)|<(?:(?<converter>[^<>():]*)(?:\((?<args>(?:"[^"]*"|'[^']*'|[^"'()<>])*)\))?:)?(?<variable>[^<>():]*)>/y
const argument = /\s*(?:(?<name>\w+)\s*=\s*)?(?:"(?<double>[^"]*)"|'(?<single>[^']*)'|(?<word>[^\s,=()"']+))\s*(?:,|$)/y
// A whole segment as other routers write a variable: `:id`, `{id}`.
const foreignVariable = /\/(?=(:\w+|\{\w+\})(?:\/|$))[:{](\w+)/
const identifier = /^[A-Za-z_][A-Za-z0-9_]*$/

/** Reads a rule from left to right; every problem it finds is a SetupError that names the method and the rule. */
export class RuleParser {
  private readonly names = new Set<string>()

  constructor(
    private readonly source: string,
    private readonly converters: ConverterTable,
    private readonly name: string,
  ) {}

  parse(): (string | Variable)[] {
    const { source } = this
    if (!source.startsWith('/')) this.fail(`a rule starts with '/': write '/${source}'`)
    const [, foreign, name] = foreignVariable.exec(source) ?? []
    if (foreign !== undefined) this.fail(`'${foreign}' is plain text here: a variable is written <${name}>`)
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
      this.fail(
        `nobody registered the converter '${key}', there are ${known.join(', ')}. One of your own is given to ` +
          `bootstrap: { converters: { ${key}: { regex, convert, toUrl } } }`,
        'UNKNOWN_CONVERTER',
      )
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
    const named = Object.create(null) as Record<string, ConverterArgs['positional'][number]>
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
