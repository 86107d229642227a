import { methodTable, type Methods } from './container-methods'
import { formatted } from './format'
import { escapeText, Markup } from './markup'
import { asHtml } from './operators'
import { str } from './text'
import { listOf } from './values'

const letters = (text: string) => text.match(/\p{L}/gu) ?? []

/** Without spaces, or other characters, at its ends. */
export const stripped = (
  text: string,
  characters: string | null | undefined,
  [left, right]: readonly [boolean, boolean],
): string => {
  const isKept = (character: string) =>
    characters === undefined || characters === null ? character.trim() !== '' : !characters.includes(character)
  const all = [...text]
  const first = left ? all.findIndex(isKept) : 0
  return first === -1 ? '' : all.slice(first, right ? all.findLastIndex(isKept) + 1 : undefined).join('')
}

/** `'Hello world'` */
export const capitalized = (text: string) => text.slice(0, 1).toUpperCase() + text.slice(1).toLowerCase()

/** `'Hello World'` */
const titled = (text: string) => text.toLowerCase().replace(/(?<![\p{L}])\p{L}/gu, letter => letter.toUpperCase())

export function replaced(text: string, old: string, by: string, count?: number | null): string {
  if (count === undefined || count === null || count < 0) return text.replaceAll(old, () => by)
  const parts = text.split(old)
  const [first, rest] = [parts.slice(0, count + 1), parts.slice(count + 1)]
  return [first.join(by), ...rest].join(old)
}

function split(text: string, separator?: string | null, most = -1): string[] {
  const isBlank = separator === undefined || separator === null
  const parts = isBlank ? text.trim().split(/\s+/).filter(Boolean) : text.split(separator)
  if (most < 0 || parts.length <= most + 1) return parts
  if (!isBlank) return [...parts.slice(0, most), parts.slice(most).join(separator)]
  const head = parts.slice(0, most)
  const rest = head.reduce((left, part) => left.trimStart().slice(part.length), text).trimStart()
  return [...head, rest]
}

const isAll = (pattern: RegExp) => (text: string) => pattern.test(text)
const beginsWith = (text: string, prefix: string | readonly string[]) =>
  [prefix].flat().some(each => text.startsWith(each))
const endsWith = (text: string, suffix: string | readonly string[]) => [suffix].flat().some(each => text.endsWith(each))

/** The centre, with Python's choice for an odd number of spaces. */
export function centered(text: string, width: number, fill = ' '): string {
  const space = Math.max(0, width - text.length)
  const left = Math.floor(space / 2) + (space & width & 1)
  return fill.repeat(left) + text + fill.repeat(space - left)
}

const methods: Methods = {
  capitalize: capitalized,
  center: centered,
  count: (text: string, part: string) => text.split(part).length - 1,
  endswith: endsWith,
  find: (text: string, part: string) => text.indexOf(part),
  format: (text: string, ...args: unknown[]) => formatted(text, args),
  isalnum: isAll(/^[\p{L}\p{N}]+$/u),
  isalpha: isAll(/^\p{L}+$/u),
  isdigit: isAll(/^\p{Nd}+$/u),
  isnumeric: isAll(/^\p{N}+$/u),
  isspace: isAll(/^\s+$/),
  islower: (text: string) => letters(text).length > 0 && text === text.toLowerCase(),
  isupper: (text: string) => letters(text).length > 0 && text === text.toUpperCase(),
  join: (text: string, items: unknown) => listOf(items).map(str).join(text),
  ljust: (text: string, width: number, fill?: string) => text.padEnd(width, fill),
  lower: (text: string) => text.toLowerCase(),
  lstrip: (text: string, characters?: string) => stripped(text, characters, [true, false]),
  removeprefix: (text: string, prefix: string) => (text.startsWith(prefix) ? text.slice(prefix.length) : text),
  removesuffix: (text: string, suffix: string) =>
    suffix !== '' && text.endsWith(suffix) ? text.slice(0, -suffix.length) : text,
  replace: replaced,
  rfind: (text: string, part: string) => text.lastIndexOf(part),
  rjust: (text: string, width: number, fill?: string) => text.padStart(width, fill),
  rstrip: (text: string, characters?: string) => stripped(text, characters, [false, true]),
  split,
  splitlines: (text: string) => text.replace(/\r?\n$/, '').split(/\r?\n/),
  startswith: beginsWith,
  strip: (text: string, characters?: string) => stripped(text, characters, [true, true]),
  title: titled,
  upper: (text: string) => text.toUpperCase(),
  zfill: (text: string, width: number) =>
    text.replace(/^[+-]?/, sign => sign + '0'.repeat(Math.max(0, width - text.length))),
}

/** The methods of Python's texts. */
export const stringMethods: Methods = methodTable(methods)

/** Those that only look for their argument. */
const SEARCHING = ['count', 'endswith', 'find', 'rfind', 'split', 'startswith']

/** The same for a safe text: its arguments are escaped, so that its results are safe. */
export const markupMethods: Methods = methodTable({
  ...Object.fromEntries(
    Object.entries(methods).map(([name, method]) => [
      name,
      (value: Markup, ...args: unknown[]) =>
        safe(method?.(value.html, ...(SEARCHING.includes(name) ? args : args.map(escaped)))),
    ]),
  ),
  // What is in a list or a dictionary is escaped as well.
  format: (value: Markup, ...args: unknown[]) => new Markup(formatted(value.html, args, escapeText)),
  join: (value: Markup, items: unknown) => new Markup(listOf(items).map(asHtml).join(value.html)),
})

function safe(result: unknown): unknown {
  if (Array.isArray(result)) return result.map(safe)
  return typeof result === 'string' ? new Markup(result) : result
}

/** Numbers and such, of a width or a count, stay what they are. */
const escaped = (value: unknown): unknown =>
  typeof value === 'number' || value === null || value === undefined ? value : asHtml(value)
