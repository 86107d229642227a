import { builtInConverters } from '../routing/built-in-converters'
import type { Converter, ConverterDefinition } from '../routing/converters'
import { encodeSegment } from '../routing/encode-segment'
import { argumentsIn, pieceOfRule } from '../routing/rule-syntax'
import { isNoText, type Values } from './texts'

/** Converters by their names in rules, as in the option of `bootstrap`. */
export type Converters = Readonly<Record<string, ConverterDefinition>>

interface Variable {
  readonly name: string
  /** As written in the rule: `<int:id>`. */
  readonly source: string
  readonly converter: Converter
  readonly accepts: RegExp
}

/** The path of a rule with values in the place of its variables, with the rules of `urlFor`. */
export class Path {
  readonly #rule: string
  readonly #pieces: readonly (string | Variable)[]
  readonly #defaults: Values

  /** @throws TypeError for a rule that can't be read */
  constructor(rule: string, defaults: Values, converters: Converters) {
    this.#rule = rule
    this.#defaults = defaults
    this.#pieces = piecesOf(rule, { ...builtInConverters, ...converters })
  }

  get variables(): string[] {
    return this.#pieces.flatMap(piece => (typeof piece === 'string' ? [] : [piece.name]))
  }

  /** @throws TypeError for a value that can't be in the URL */
  of(values: Values): string {
    const texts = this.#pieces.map(piece => (typeof piece === 'string' ? piece : this.#textOf(piece, values)))
    const path = texts.join('')
    const dots = path.split('/').find(segment => segment === '.' || segment === '..')
    if (dots !== undefined) this.#fail(this.#namesOfDots(texts), `clients remove the segment '${dots}' of '${path}'`)
    return encodeSegment(path).replaceAll('%2F', '/')
  }

  #textOf(variable: Variable, values: Values): string {
    const { name, source, converter, accepts } = variable
    const value = this.#valueOf(name, values)
    const text = this.#converted(name, () => (converter.toUrl ? converter.toUrl(value) : String(value)))
    const fits = accepts.test(text) && !/\p{Surrogate}/u.test(text) && !isNoText(value, text)
    const isTaken = fits && (!converter.convert || this.#converted(name, () => converter.convert?.(text)) !== undefined)
    if (!isTaken) this.#fail([name], `${JSON.stringify(text)} is not what ${source} matches`)
    return text
  }

  #valueOf(name: string, values: Values): unknown {
    const given = (Object.hasOwn(values, name) ? values[name] : undefined) ?? undefined
    if (!Object.hasOwn(this.#defaults, name)) return given ?? this.#fail([name], 'there is no value')
    const value = this.#defaults[name]
    if (given !== undefined && given !== value) this.#fail([name], `it must be its default, ${String(value)}`)
    return value
  }

  #converted<T>(name: string, convert: () => T): T {
    try {
      return convert()
    } catch (cause) {
      return this.#fail([name], 'its converter failed', cause)
    }
  }

  /** The variables that such a segment can be from. */
  #namesOfDots(texts: readonly string[]): string[] {
    return this.#pieces.flatMap((piece, index) =>
      typeof piece !== 'string' && texts[index]?.includes('.') ? [piece.name] : [],
    )
  }

  #fail(names: readonly string[], problem: string, cause?: unknown): never {
    const what = names.map(name => `'${name}'`).join(', ')
    throw new TypeError(`the value of ${what} for the rule '${this.#rule}': ${problem}`, { cause })
  }
}

function piecesOf(rule: string, converters: Converters): (string | Variable)[] {
  const pieces: (string | Variable)[] = []
  // Behind the host of the base, it would be a part of the host.
  if (!/^(?:\/|$)/.test(rule)) throw new TypeError(`the rule '${rule}' must begin with '/'`)
  for (let at = 0; at < rule.length; at = pieceOfRule.lastIndex) {
    pieceOfRule.lastIndex = at
    const found = pieceOfRule.exec(rule)?.groups
    if (found === undefined) throw new TypeError(`the rule '${rule}' cannot be read from '${rule.slice(at)}'`)
    const source = rule.slice(at, pieceOfRule.lastIndex)
    pieces.push(found.variable === undefined ? (found.text ?? '/') : variableOf(found, source, rule, converters))
  }
  return pieces
}

function variableOf(
  found: Readonly<Record<string, string | undefined>>,
  source: string,
  rule: string,
  converters: Converters,
): Variable {
  const {
    variable,
    converter: key = 'default',
    args = '',
  } = found as { variable: string; converter?: string; args?: string }
  // A converter that the client does not know has no `toUrl`, or the caller must give it: the default takes any text.
  const definition = Object.hasOwn(converters, key) ? converters[key] : { regex: '.+' }
  const converter = typeof definition === 'function' ? definition(argumentsOf(args, rule)) : (definition as Converter)
  const { regex = '[^/]+' } = converter
  return {
    name: variable,
    source,
    converter,
    accepts: new RegExp(`^(?:${typeof regex === 'string' ? regex : regex.source})$`, 'su'),
  }
}

function argumentsOf(text: string, rule: string) {
  const args = argumentsIn(text)
  if (typeof args === 'string') throw new TypeError(`the rule '${rule}' cannot be read from '${args}'`)
  return args
}
