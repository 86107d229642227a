import type { Argument, Converter, ConverterArgs, ConverterDefinition, VariableSchema } from './converters'
import { escapeRegex } from './escape-regex'
import { HOLDS } from './holds'

// Without Node: the client of `flaskoa/client` has these converters in a browser.

type ArgumentKind = 'count' | 'number' | 'boolean'
type ConverterOptions<K extends Record<string, ArgumentKind>> = {
  [P in keyof K]?: K[P] extends 'boolean' ? boolean : number
}

/** Reads the arguments: positional ones in the order of `kinds`, others by name; `fixed_digits` is `fixedDigits`. */
function readOptions<K extends Record<string, ArgumentKind>>(args: ConverterArgs, kinds: K): ConverterOptions<K> {
  const names = Object.keys(kinds)
  if (args.positional.length > names.length) throw new TypeError(`takes at most ${names.length} arguments`)
  const options = new Map<string, Argument>(args.positional.map((value, index) => [names[index] as string, value]))
  for (const [written, value] of Object.entries(args.named)) {
    const name = written.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
    if (!names.includes(name)) throw new TypeError(`has no argument '${written}', only ${names.join(', ')}`)
    if (options.has(name)) throw new TypeError(`gets the argument '${name}' twice`)
    options.set(name, value)
  }
  for (const [name, value] of options) checkKind(name, value, kinds[name] as ArgumentKind)
  return Object.fromEntries(options) as ConverterOptions<K>
}

function checkKind(name: string, value: Argument, kind: ArgumentKind): void {
  if (kind === 'count' ? Number.isInteger(value) && Number(value) >= 0 : typeof value === kind) return
  const expected = { count: 'a whole number from 0 up', number: 'a number', boolean: 'True or False' }[kind]
  throw new TypeError(`needs ${expected} for '${name}', not ${JSON.stringify(value)}`)
}

function string(args: ConverterArgs): Converter<string> {
  const {
    minlength = 1,
    maxlength,
    length,
  } = readOptions(args, {
    minlength: 'count',
    maxlength: 'count',
    length: 'count',
  })
  if (length !== undefined) {
    return { regex: `[^/]{${length}}`, schema: { type: 'string', minLength: length, maxLength: length } }
  }
  if (maxlength !== undefined && maxlength < minlength) throw new RangeError('has a maxlength below its minlength')
  const schema = {
    type: 'string',
    ...(minlength !== 1 && { minLength: minlength }),
    ...(maxlength !== undefined && { maxLength: maxlength }),
  }
  return { regex: `[^/]{${minlength},${maxlength ?? ''}}`, schema }
}

/** Beyond the safe integers, the view would get another number than the one in the URL. */
const isSafeInteger = (text: string): boolean => Number.isSafeInteger(Number(text))

const isFiniteNumber = (text: string): boolean => Number.isFinite(Number(text))

interface NumberOptions {
  readonly min?: number
  readonly max?: number
  readonly signed?: boolean
}

const within = (value: number, { min = -Infinity, max = Infinity }: NumberOptions): boolean =>
  value >= min && value <= max

/** Without a sign there are no numbers below 0. */
const rangeOf = ({ min, max, signed }: NumberOptions): VariableSchema => ({
  ...((min !== undefined || signed !== true) && { minimum: signed === true ? min : Math.max(min ?? 0, 0) }),
  ...(max !== undefined && { maximum: max }),
})

/** A number with a fixed number of digits is a text for who sends it: `007`. */
const intSchema = (options: NumberOptions, digits: number, regex: string): VariableSchema =>
  digits > 0
    ? { type: 'string', pattern: `^${regex}$`, minLength: digits, maxLength: digits }
    : { type: 'integer', ...rangeOf(options) }

/** A converter that knows for which texts JavaScript has a number. */
interface NumberConverter extends Converter<number> {
  readonly [HOLDS]: (text: string) => boolean
}

function int(args: ConverterArgs): NumberConverter {
  const options = readOptions(args, { fixedDigits: 'count', min: 'number', max: 'number', signed: 'boolean' })
  const digits = options.fixedDigits ?? 0
  const regex = options.signed ? '-?\\d+' : '\\d+'
  return {
    regex,
    weight: 50,
    schema: intSchema(options, digits, regex),
    convert(text) {
      if (digits > 0 && text.length !== digits) return undefined
      const value = Number(text)
      return isSafeInteger(text) && within(value, options) ? value : undefined
    },
    [HOLDS]: isSafeInteger,
    toUrl: value =>
      String(value).replace(
        /^(-?)(.*)$/s,
        (_, sign: string, rest: string) => sign + rest.padStart(digits - sign.length, '0'),
      ),
  }
}

function float(args: ConverterArgs): NumberConverter {
  const options = readOptions(args, { min: 'number', max: 'number', signed: 'boolean' })
  return {
    regex: options.signed ? '-?\\d+\\.\\d+' : '\\d+\\.\\d+',
    weight: 50,
    schema: { type: 'number', ...rangeOf(options), description: 'With a decimal point: 1.0' },
    convert(text) {
      const value = Number(text)
      return isFiniteNumber(text) && within(value, options) ? value : undefined
    },
    [HOLDS]: isFiniteNumber,
    toUrl: value => decimal(value, options.signed === true).replace(/^-?\d+$/, '$&.0'),
  }
}

/** A number without an exponent, `1e-7` as `0.0000001`. `-0` is a number of its own. */
function decimal(value: unknown, signed: boolean): string {
  if (Object.is(value, -0)) return signed ? '-0' : '0'
  const text = String(value)
  const found = typeof value === 'number' ? /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(text) : null
  if (found === null) return text
  const [sign, first, rest, exponent] = [found[1] as string, found[2] as string, found[3] ?? '', Number(found[4])]
  // JavaScript writes an exponent from 1e21 up and below 1e-6, where all of its 17 digits are on one side of the point.
  const zeros = '0'.repeat(exponent > 0 ? exponent - rest.length : -exponent - 1)
  return exponent > 0 ? sign + first + rest + zeros : `${sign}0.${zeros}${first}${rest}`
}

function any({ positional, named }: ConverterArgs): Converter<string> {
  const words = positional.filter(word => typeof word === 'string')
  if (words.length === 0 || words.length < positional.length || Object.keys(named).length > 0) {
    throw new TypeError("needs one or more words, as in any(about,'help me'); put numbers in quotes")
  }
  return { regex: `(?:${words.map(escapeRegex).join('|')})`, schema: { type: 'string', enum: words } }
}

/** Refuses a value with a leading slash: it could only come from `%2F`, and `urlFor` could not build a URL for it. */
const path: Converter<string> = {
  regex: '[^/].*?',
  weight: 200,
  schema: { type: 'string', description: 'May contain slashes.' },
  convert: text => (text.startsWith('/') ? undefined : text),
}

const uuid: Converter<string> = {
  regex: '[A-Fa-f0-9]{8}-[A-Fa-f0-9]{4}-[A-Fa-f0-9]{4}-[A-Fa-f0-9]{4}-[A-Fa-f0-9]{12}',
  schema: { type: 'string', format: 'uuid' },
  convert: text => text.toLowerCase(),
}

export const builtInConverters: Readonly<
  Record<'string' | 'int' | 'float' | 'path' | 'uuid' | 'any' | 'default', ConverterDefinition>
> = { default: string, string, int, float, path, uuid, any }
