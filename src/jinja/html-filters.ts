import { defineFilter } from './define-filter'
import { escapeText, htmlOf, Markup } from './markup'
import { asHtml } from './operators'
import { str } from './text'
import { TemplateError } from './template-error'
import { linked } from './urlize'
import { listOf } from './values'
import { entriesIn } from './dict-methods'
import { entriesOf, isDictionary } from './dictionaries'

const escape = defineFilter('escape', {}, value => new Markup(asHtml(value)))

const UNSAFE_IN_SCRIPT: Readonly<Record<string, string>> = {
  '<': '\\u003c',
  '>': '\\u003e',
  '&': '\\u0026',
  "'": '\\u0027',
  '\u2028': '\\u2028',
  '\u2029': '\\u2029',
}

/** JSON for a script or an attribute with single quotes. */
function scriptJson(value: unknown, indent: number | null): Markup {
  const json = JSON.stringify(value, shownInJson, indent ?? undefined) as string | undefined
  if (json === undefined) throw new TemplateError('tojson(): JSON has no such value')
  return new Markup(json.replace(/[<>&'\u2028\u2029]/g, character => UNSAFE_IN_SCRIPT[character] as string))
}

const shownInJson = (_: string, value: unknown): unknown =>
  value instanceof Map
    ? Object.fromEntries(value as Map<string, unknown>)
    : typeof value === 'bigint'
      ? Number(value)
      : value

/** Jinja's filters for HTML and URLs. */
export const htmlFilters: Readonly<Record<string, object>> = {
  e: escape,
  escape,
  forceescape: defineFilter('forceescape', {}, value => new Markup(escapeText(htmlOf(value) ?? str(value)))),
  safe: defineFilter('safe', {}, value => new Markup(str(value))),
  striptags: defineFilter('striptags', {}, value =>
    unescaped(withoutTags(withoutTags(str(value), '<!--', '-->'), '<', '>'))
      .replace(/\s+/g, ' ')
      .trim(),
  ),
  tojson: defineFilter('tojson', { indent: null as number | null }, (value, { indent }) => scriptJson(value, indent)),

  urlencode: defineFilter('urlencode', {}, value => {
    if (typeof value === 'string' || value instanceof Markup) return quoted(str(value))
    const pairs = isDictionary(value) ? entriesOf(value) : undefined
    if (pairs === undefined && !Array.isArray(value)) return quoted(str(value))
    const list = pairs ?? (value as [unknown, unknown][])
    return list
      .map(pair => pair.map(each => quoted(str(each)).replaceAll('/', '%2F').replaceAll('%20', '+')).join('='))
      .join('&')
  }),

  urlize: defineFilter(
    'urlize',
    {
      trim_url_limit: null as number | null,
      nofollow: false,
      target: null as string | null,
      rel: null as string | null,
      extra_schemes: null as readonly string[] | null,
    },
    (value, { trim_url_limit: limit, nofollow, target, rel, extra_schemes: schemes }, scope) => {
      const words = [...(rel ?? '').split(' '), ...(nofollow ? ['nofollow'] : []), 'noopener'].filter(Boolean)
      const html = linked(asHtml(value), {
        limit,
        target,
        rel: [...new Set(words)].sort().join(' '),
        schemes: listOf(schemes ?? []).map(str),
      })
      return scope.escapes ? new Markup(html) : html
    },
  ),

  xmlattr: defineFilter('xmlattr', { autospace: true }, (value, { autospace }) => {
    const pairs = entriesIn(value, 'xmlattr()').flatMap(([key, each]) => {
      if (/[\s/>=]/.test(String(key))) throw new TemplateError(`xmlattr(): '${String(key)}' is no name of an attribute`)
      return each === null || each === undefined ? [] : [`${escapeText(String(key))}="${asHtml(each)}"`]
    })
    return new Markup((autospace && pairs.length > 0 ? ' ' : '') + pairs.join(' '))
  }),
}

/** As Python quotes: the characters that a path may have stay. */
const quoted = (text: string): string =>
  encodeURIComponent(text)
    .replaceAll('%2F', '/')
    .replace(/[!'()*]/g, character => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: '\u00a0' }

function unescaped(text: string): string {
  return text.replace(
    /&(?:#(\d{1,7})|#x([\da-fA-F]{1,6})|(\w+));/g,
    (whole: string, decimal?: string, hex?: string, name?: string) => {
      if (name !== undefined) return Object.hasOwn(ENTITIES, name) ? (ENTITIES[name] as string) : whole
      const code = decimal === undefined ? parseInt(hex as string, 16) : Number(decimal)
      return code > 0x10ffff ? whole : String.fromCodePoint(code)
    },
  )
}

/** Without a regular expression, which would take a time that grows with the square of a text like `<<<<<<`. */
function withoutTags(text: string, open: string, close: string): string {
  let kept = ''
  let at = 0
  for (;;) {
    const start = text.indexOf(open, at)
    const end = start === -1 ? -1 : text.indexOf(close, start)
    if (end === -1) return kept + text.slice(at)
    kept += text.slice(at, start)
    at = end + close.length
  }
}
