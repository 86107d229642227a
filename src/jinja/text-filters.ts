import { native } from './calls'
import { defineFilter } from './define-filter'
import { printf } from './printf'
import { tuple } from './tuple'
import { asHtml } from './operators'
import { htmlOf, Markup } from './markup'
import { capitalized, centered, replaced, stripped } from './string-methods'
import { TemplateError } from './template-error'
import { repr, str } from './text'
import { isNumeric } from './equality'
import { lengthOf } from './values'
import { wrapped } from './word-wrap'

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
  // Unlike the others, Jinja's title() makes no safe text.
  title: defineFilter('title', {}, value => str(value).replace(/[^-\s([{<]+/g, capitalized)),
  upper: changing('upper', text => text.toUpperCase()),

  center: defineFilter('center', { width: 80 }, (value, { width }) => {
    const { text, close } = open(value)
    return close(centered(text, width))
  }),

  format: native('format', ({ positional: [value, ...positional], named }) => {
    const { text, close, argument } = open(value)
    const shown = (each: unknown) => (isNumeric(each) ? each : argument(each))
    return close(printf(text, named ?? tuple(positional), shown))
  }),

  indent: defineFilter('indent', { width: 4, first: false, blank: false }, (value, { width, first, blank }) => {
    const { text, close, argument } = open(value)
    const space = typeof width === 'number' ? ' '.repeat(width) : argument(width)
    const lines = text
      .split('\n')
      .map((line, index) => ((index === 0 ? first : line !== '' || blank) ? space + line : line))
    return close(lines.join('\n'))
  }),

  pprint: defineFilter('pprint', {}, value => repr(value)),

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
      if (length < lengthOf(last))
        throw new TemplateError(`truncate(): the length must be at least that of the end, ${lengthOf(last)}`)
      if (lengthOf(text) <= length + leeway) return close(text)
      const cut = [...text].slice(0, length - lengthOf(last)).join('')
      return close((killwords ? cut : cut.replace(/ [^ ]*$/, '')) + last)
    },
  ),

  wordcount: defineFilter('wordcount', {}, value => str(value).match(/[\p{L}\p{N}_]+/gu)?.length ?? 0),

  wordwrap: defineFilter(
    'wordwrap',
    { width: 79, break_long_words: true, wrapstring: null as string | null, break_on_hyphens: true },
    (value, { width, break_long_words: breaks, wrapstring, break_on_hyphens: atHyphens }) =>
      str(value)
        .split(/\r?\n/)
        .map(line => wrapped(line, Math.max(1, width), breaks, atHyphens).join(wrapstring ?? '\n'))
        .join(wrapstring ?? '\n'),
  ),
}
