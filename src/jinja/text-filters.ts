import { native } from './calls'
import { defineFilter } from './define-filter'
import { printf } from './format'
import { asHtml } from './operators'
import { htmlOf, Markup } from './markup'
import { capitalized, centered, replaced, stripped } from './string-methods'
import { repr, str } from './text'
import { isNumeric, lengthOf } from './values'

/** The text of a value, and what makes its result safe if the value is. */
function open(value: unknown): {
  text: string
  close: (text: string) => string | Markup
  argument: (value: unknown) => string
} {
  const html = htmlOf(value)
  if (html === undefined) return { text: str(value), close: text => text, argument: str }
  return { text: html, close: text => new Markup(text), argument: asHtml }
}

/** Filters that make another text: one that is safe stays safe. */
const changing = (name: string, change: (text: string) => string): object =>
  defineFilter(name, {}, value => {
    const { text, close } = open(value)
    return close(change(text))
  })

/** Jinja's filters for texts. */
export const textFilters: Readonly<Record<string, object>> = {
  capitalize: changing('capitalize', capitalized),
  lower: changing('lower', text => text.toLowerCase()),
  title: changing('title', text => text.replace(/[^-\s([{<]+/g, capitalized)),
  upper: changing('upper', text => text.toUpperCase()),

  center: defineFilter('center', { width: 80 }, (value, { width }) => {
    const { text, close } = open(value)
    return close(centered(text, width))
  }),

  format: native('format', ({ positional: [value, ...positional], named }) => {
    const { text, close, argument } = open(value)
    const shown = (each: unknown) => (isNumeric(each) ? each : argument(each))
    const values = named === undefined ? positional.map(shown) : [mapped(named, shown)]
    return close(printf(text, values))
  }),

  indent: defineFilter('indent', { width: 4, first: false, blank: false }, (value, { width, first, blank }) => {
    const { text, close } = open(value)
    const space = typeof width === 'number' ? ' '.repeat(width) : str(width)
    const lines = text
      .split('\n')
      .map((line, index) => ((index === 0 && !first) || (line === '' && !blank) ? line : space + line))
    return close(lines.join('\n'))
  }),

  pprint: defineFilter('pprint', {}, repr),

  replace: defineFilter(
    'replace',
    { old: '', new: '', count: null as number | null },
    (value, { old, new: by, count }, scope) => {
      const isSafe = [value, old, by].some(each => htmlOf(each) !== undefined) && scope.escapes
      const shown = isSafe ? asHtml : str
      const text = replaced(shown(value), shown(old), shown(by), count)
      return isSafe ? new Markup(text) : text
    },
  ),

  string: defineFilter('string', {}, value => {
    const { text, close } = open(value)
    return close(text)
  }),

  trim: defineFilter('trim', { chars: null as string | null }, (value, { chars }) => {
    const { text, close } = open(value)
    return close(stripped(text, chars, [true, true]))
  }),

  truncate: defineFilter(
    'truncate',
    { length: 255, killwords: false, end: '...', leeway: 5 },
    (value, { length, killwords, end, leeway }) => {
      const { text, close, argument } = open(value)
      const last = argument(end)
      if (lengthOf(text) <= length + leeway) return close(text)
      const cut = [...text].slice(0, length - lengthOf(last)).join('')
      return close((killwords ? cut : cut.replace(/ [^ ]*$/, '')) + last)
    },
  ),

  wordcount: defineFilter('wordcount', {}, value => str(value).match(/[\p{L}\p{N}_]+/gu)?.length ?? 0),

  wordwrap: defineFilter(
    'wordwrap',
    { width: 79, break_long_words: true, wrapstring: '\n' },
    (value, { width, break_long_words: breaks, wrapstring }) =>
      str(value)
        .split(/\r?\n/)
        .map(line => wrapped(line, width, breaks).join(wrapstring))
        .join(wrapstring),
  ),
}

const mapped = (values: Readonly<Record<string, unknown>>, change: (value: unknown) => unknown) =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, change(value)]))

function wrapped(line: string, width: number, breaks: boolean): string[] {
  const lines: string[] = []
  let current = ''
  for (const word of line.split(' ')) {
    const longer = current === '' ? word : `${current} ${word}`
    if (longer.length <= width || current === '') current = longer
    else {
      lines.push(current)
      current = word
    }
    for (; breaks && current.length > width; current = current.slice(width)) lines.push(current.slice(0, width))
  }
  return [...lines, current]
}
