import { describe } from '../errors/describe'
import { entry, hasEntry, isPlain } from './dictionaries'
import { isNumeric } from './equality'
import { htmlOf } from './markup'
import { byKind, grouped, numericOf } from './number-text'
import { TemplateError } from './template-error'
import { repr, str } from './text'

/** `{name.of[part]!r:specification}`, whose specification may have places itself. */
const PLACE = /\{\{|\}\}|\{([^{}!:]*)(?:!([rsa]))?(?::((?:[^{}]|\{[^{}]*\})*))?\}|[{}]/g

const SPECIFICATION = /^(?:(.)?([<>^=]))?([-+ ]?)(#?)(0?)(\d*)([,_]?)(?:\.(\d+))?([a-zA-Z%]?)$/su

const same = (text: string): string => text

/**
 * Python's `text.format(…)`: `{}`, `{0}`, `{name}`, with `{:>8}`, `{:,.2f}` and the like.
 *
 * @param args the values; those by name are an object, last
 * @param named the values by name, if they are another dictionary
 */
export function formatted(
  text: string,
  args: readonly unknown[],
  named: object = args.findLast(isPlain) ?? {},
  escape: (text: string) => string = same,
): string {
  let used = 0
  const valueOf = (name: string): unknown => {
    const [, key, path] = /^([^.[]*)(.*)$/s.exec(name) as unknown as [string, string, string]
    return partOf(found(key === '' ? String(used++) : key, { text, args, named }), path)
  }
  const fill = (source: string): string =>
    source.replace(PLACE, (whole: string, name?: string, conversion?: string, specification?: string) => {
      if (name === undefined) {
        if (whole.length === 2) return whole.slice(1)
        throw new TemplateError(`${describe(text)} has a single ${whole}; ${whole}${whole} is a ${whole} itself`)
      }
      const value = valueOf(name)
      const given = conversion === undefined ? value : conversion === 's' ? str(value) : repr(value)
      const shown = specified(given, fill(specification ?? ''))
      return htmlOf(given) === undefined ? escape(shown) : shown
    })
  return fill(text)
}

interface Given {
  readonly text: string
  readonly args: readonly unknown[]
  readonly named: object
}

function found(key: string, { text, args, named }: Given): unknown {
  const isIndex = /^\d+$/.test(key)
  if (isIndex ? Number(key) >= args.length : !hasEntry(named, key))
    throw new TemplateError(
      `${describe(text)} has a place for ${isIndex ? `value ${key}` : `'${key}'`}, which is not given`,
    )
  return isIndex ? args[Number(key)] : entry(named, key)
}

/** What is behind the name of a place: `.author[0]`. Only what a value has itself: nothing that it inherits. */
function partOf(value: unknown, path: string): unknown {
  return [...path.matchAll(/\.([^.[]+)|\[([^\]]*)\]/g)].reduce<unknown>((owner, [part, name, key]) => {
    const dictionary = Object(owner) as object
    const wanted = (name ?? key) as string
    if (!hasEntry(dictionary, wanted)) throw new TemplateError(`format(): ${describe(owner)} has no ${part}`)
    return entry(dictionary, wanted)
  }, value)
}

function specified(value: unknown, specification: string): string {
  if (specification === '') return str(value)
  const [whole, fill, align, sign = '', prefix, zeros, width, separator = '', precision, kind = ''] =
    SPECIFICATION.exec(specification) ?? []
  if (whole === undefined) throw unknown(specification)
  const digits = precision === undefined ? undefined : Number(precision)
  const isNumber = isNumeric(value) || typeof value === 'boolean'
  if (!isNumber && (kind === '' || kind === 's')) {
    const text = [...str(value)].slice(0, digits).join('')
    return aligned('', text, Number(width), fill ?? (zeros === '0' ? '0' : ' '), align ?? '<')
  }
  const text = numberIn(value, kind, digits, prefix === '#', specification)
  const shown = separator === '' ? text : grouped(text, separator)
  const isNegative = shown.startsWith('-')
  const shownSign = isNegative ? '-' : sign === '-' ? '' : sign
  const fallback = zeros === '0' ? ['0', '='] : [' ', '>']
  return aligned(
    shownSign,
    isNegative ? shown.slice(1) : shown,
    Number(width),
    fill ?? fallback[0],
    align ?? fallback[1],
  )
}

function numberIn(value: unknown, kind: string, digits: number | undefined, hasPrefix: boolean, whole: string): string {
  const number = numericOf(value)
  if (kind === '' && digits === undefined) return str(number)
  const letter = kind === '' || kind === 'n' ? 'g' : kind
  const isWhole = typeof number === 'bigint' || Number.isInteger(number)
  const text =
    'dxXobc'.includes(letter) && !isWhole
      ? undefined
      : byKind(number, kind === 'n' && isWhole ? 'd' : letter, digits, hasPrefix)
  if (text === undefined) throw unknown(whole)
  return text
}

const unknown = (specification: string) =>
  new TemplateError(`the format ${repr(specification)} is not known for such a value`)

function aligned(sign: string, text: string, width: number, fill = ' ', align = '>'): string {
  const space = Math.max(0, width - [...(sign + text)].length)
  if (align === '=') return sign + fill.repeat(space) + text
  const left = align === '<' ? 0 : align === '>' ? space : Math.floor(space / 2)
  return fill.repeat(left) + sign + text + fill.repeat(space - left)
}
