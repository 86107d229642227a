import { entry } from './dictionaries'
import { formatted } from './format'
import { escapeText, Markup } from './markup'
import { methodTable, withNames, type Methods } from './methods'
import { asHtml } from './operators'
import { kindMethods, titled } from './string-kinds'
import { searchMethods } from './string-search'
import { splitMethods } from './string-split'
import { str } from './text'
import { likeList } from './tuple'
import { listOf } from './values'

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

/** `'Hello world'`. Of `ß`, the first of two letters alone is great. */
export function capitalized(text: string): string {
  const [first = '', ...others] = text
  const [letter = '', ...rest] = first.toUpperCase()
  return letter + (rest.join('') + others.join('')).toLowerCase()
}

export function replaced(text: string, old: string, by: string, count?: number | null): string {
  if (count === undefined || count === null || count < 0) return text.replaceAll(old, () => by)
  let left = count
  return text.replaceAll(old, found => (left-- > 0 ? by : found))
}

/** The centre, with Python's choice for an odd number of spaces. */
export function centered(text: string, width: number, fill = ' '): string {
  const space = Math.max(0, width - [...text].length)
  const left = Math.floor(space / 2) + (space & width & 1)
  return fill.repeat(left) + text + fill.repeat(space - left)
}

const fillFor = (text: string, width: number, fill = ' ') => fill.repeat(Math.max(0, width - [...text].length))

function withoutTabs(text: string, size = 8): string {
  let column = 0
  return text.replace(/\t|\n|\r|[^\t\n\r]+/g, part => {
    const shown = part === '\t' ? ' '.repeat(size > 0 ? size - (column % size) : 0) : part
    column = /[\n\r]/.test(part) ? 0 : column + shown.length
    return shown
  })
}

const swapped = (letter: string) => (letter === letter.toUpperCase() ? letter.toLowerCase() : letter.toUpperCase())

/** By the numbers of characters: to another number, a text, or None for nothing. */
const translated = (text: string, table: object): string =>
  [...text]
    .map(character => {
      const found = entry(table, character.codePointAt(0))
      return found === undefined
        ? character
        : typeof found === 'number'
          ? String.fromCodePoint(found)
          : found === null
            ? ''
            : str(found)
    })
    .join('')

const methods: Methods = {
  ...searchMethods,
  ...splitMethods,
  ...kindMethods,
  capitalize: capitalized,
  casefold: (text: string) => text.toUpperCase().toLowerCase(),
  center: centered,
  expandtabs: withNames(['tabsize'], withoutTabs),
  format: (text: string, ...args: unknown[]) => formatted(text, args),
  format_map: (text: string, values: object) => formatted(text, [], values),
  join: (text: string, items: unknown) => listOf(items).map(str).join(text),
  ljust: (text: string, width: number, fill?: string) => text + fillFor(text, width, fill),
  lower: (text: string) => text.toLowerCase(),
  lstrip: (text: string, characters?: string) => stripped(text, characters, [true, false]),
  removeprefix: (text: string, prefix: string) => (text.startsWith(prefix) ? text.slice(prefix.length) : text),
  removesuffix: (text: string, suffix: string) =>
    suffix !== '' && text.endsWith(suffix) ? text.slice(0, -suffix.length) : text,
  replace: replaced,
  rjust: (text: string, width: number, fill?: string) => fillFor(text, width, fill) + text,
  rstrip: (text: string, characters?: string) => stripped(text, characters, [false, true]),
  strip: (text: string, characters?: string) => stripped(text, characters, [true, true]),
  swapcase: (text: string) => text.replace(/\p{L}/gu, swapped),
  title: titled,
  translate: translated,
  upper: (text: string) => text.toUpperCase(),
  zfill: (text: string, width: number) => text.replace(/^[+-]?/, sign => sign + fillFor(text, width, '0')),
}

/** The methods of Python's texts. */
export const stringMethods: Methods = methodTable(methods)

/** Those that only look for their argument, or have no text as one. */
const SEARCHING = [...Object.keys(searchMethods), 'expandtabs', 'rsplit', 'split', 'splitlines', 'translate']

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
  format: (value: Markup, ...args: unknown[]) => new Markup(formatted(value.html, args, undefined, escapeText)),
  format_map: (value: Markup, values: object) => new Markup(formatted(value.html, [], values, escapeText)),
  join: (value: Markup, items: unknown) => new Markup(listOf(items).map(asHtml).join(value.html)),
})

function safe(result: unknown): unknown {
  if (Array.isArray(result)) return likeList(result, result.map(safe))
  return typeof result === 'string' ? new Markup(result) : result
}

/** Numbers and such, of a width or a count, stay what they are. */
const escaped = (value: unknown): unknown =>
  typeof value === 'number' || value === null || value === undefined ? value : asHtml(value)
