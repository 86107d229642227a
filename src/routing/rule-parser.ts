import { SetupError } from '../errors/setup-error'
import { readyConverter, type ConverterDefinition, type ReadyConverter } from './converters'
import { argumentsIn, pieceOfRule } from './rule-syntax'

/** Converters by their names in rules. */
export type ConverterTable = Readonly<Record<string, ConverterDefinition>>

/** A variable of a rule, for instance `<int:id>`: its name is `id`, its source the whole text. */
export interface Variable {
  readonly name: string
  readonly source: string
  readonly converter: ReadyConverter
}

// A variable in the syntax of other routers, as a whole segment: `:id`, `{id}`.
const foreignVariable = /\/(?=(:\w+|\{\w+\})(?:\/|$))[:{](\w+)/
const identifier = /^[A-Za-z_][A-Za-z0-9_]*$/

/** Reads a rule from left to right. Every problem is a SetupError that names the method and the rule. */
export class RuleParser {
  readonly #source: string
  readonly #converters: ConverterTable
  readonly #name: string
  /** The variables of the rule so far. */
  readonly #variables = new Set<string>()

  /** @param name the method that errors name, for instance `Users.show` */
  constructor(source: string, converters: ConverterTable, name: string) {
    this.#source = source
    this.#converters = converters
    this.#name = name
  }

  parse(): (string | Variable)[] {
    const source = this.#source
    if (!source.startsWith('/')) this.#fail(`a rule starts with '/': write '/${source}'`)
    const [, foreign, name] = foreignVariable.exec(source) ?? []
    if (foreign !== undefined) this.#fail(`'${foreign}' is plain text in a rule: write <${name}> for a variable`)
    const pieces: (string | Variable)[] = []
    for (let at = 0; at < source.length; at = pieceOfRule.lastIndex) {
      pieceOfRule.lastIndex = at
      const found = pieceOfRule.exec(source)?.groups
      if (!found) {
        this.#fail(
          `cannot be read from '${source.slice(at)}': a variable is <name>, <converter:name> or ` +
            '<converter(arguments):name>, each < closed by a >',
        )
      }
      pieces.push(
        found.slash
          ? '/'
          : (this.#staticText(found.text) ?? this.#variable(found, source.slice(at, pieceOfRule.lastIndex))),
      )
    }
    return pieces
  }

  #staticText(text: string | undefined): string | undefined {
    if (text && /[?#]/.test(text)) this.#fail("a rule is a path only: leave out '?' and '#' and what follows them")
    return text
  }

  #variable(found: Record<string, string | undefined>, source: string): Variable {
    const {
      variable,
      converter = 'default',
      args = '',
    } = found as { variable: string; converter?: string; args?: string }
    if (!identifier.test(variable)) this.#fail(`${source} needs a name of letters, digits and _ for the variable`)
    if (this.#variables.has(variable)) this.#fail(`uses the variable '${variable}' twice, rename one of them`)
    this.#variables.add(variable)
    return { name: variable, source, converter: this.#converter(converter, args, source) }
  }

  #converter(key: string, args: string, source: string): ReadyConverter {
    // `hasOwn`, since `in` and a bare look-up find the `constructor` of Object.prototype.
    const definition = Object.hasOwn(this.#converters, key) ? this.#converters[key] : undefined
    if (definition === undefined) {
      const known = Object.keys(this.#converters).filter(name => name !== 'default')
      this.#fail(
        `there is no converter '${key}', only ${known.join(', ')}. Pass a converter of your own to ` +
          `bootstrap: { converters: { ${key}: { regex, convert, toUrl } } }`,
        'UNKNOWN_CONVERTER',
      )
    }
    const converter = typeof definition === 'function' ? this.#make(definition, args, source) : definition
    if (converter === definition && args.trim() !== '') this.#fail(`${source}: this converter takes no arguments`)
    try {
      return readyConverter(converter)
    } catch (error) {
      this.#fail(`the converter '${key}' is not usable: ${messageOf(error)}`, 'BAD_CONVERTER', error)
    }
  }

  #make(factory: Extract<ConverterDefinition, (...args: never) => unknown>, args: string, source: string) {
    const parsed = argumentsIn(args)
    if (typeof parsed === 'string')
      this.#fail(`${source}: cannot read the arguments from '${parsed}', separate them with commas`)
    try {
      return factory(parsed)
    } catch (error) {
      this.#fail(`${source}: the converter ${messageOf(error)}`, 'BAD_RULE', error)
    }
  }

  #fail(
    problem: string,
    code: 'BAD_RULE' | 'UNKNOWN_CONVERTER' | 'BAD_CONVERTER' = 'BAD_RULE',
    cause?: unknown,
  ): never {
    throw new SetupError(code, `${this.#name}: in the rule '${this.#source}': ${problem}`, { cause })
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
