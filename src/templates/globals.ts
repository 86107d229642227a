import { getFlashedMessages } from '../functions/flash'
import { g, session } from '../functions/proxies'
import { urlFor } from '../functions/url-for'
import type { UrlOptions } from '../types'
import { isRecord } from '../util/is-record'
import { templateRequest } from './template-request'

type Values = Readonly<Record<string, unknown>>

/** The values of Flask's `url_for` that are options. */
const OPTIONS: Readonly<Record<string, keyof UrlOptions>> = {
  _external: 'external',
  _scheme: 'scheme',
  _anchor: 'anchor',
  _method: 'method',
}

/** `url_for('blog.show', id=5, _anchor='top')`. Values that are undefined or None are left out, as in Flask. */
function url(endpoint: string, values: Values = {}, given: UrlOptions = {}): string {
  const isOption = ([name]: readonly [string, unknown]) => Object.hasOwn(OPTIONS, name)
  const entries = Object.entries(values).filter(([, value]) => value !== undefined && value !== null)
  const options = entries.filter(isOption).map(([name, value]) => [OPTIONS[name], value] as const)
  const rest = entries.filter(entry => !isOption(entry))
  return urlFor(endpoint, Object.fromEntries(rest), { ...given, ...(Object.fromEntries(options) as UrlOptions) })
}

/** The names of Flask's function, and its order. */
const FLASHED = ['with_categories', 'category_filter'] as const

/** `get_flashed_messages(with_categories=true, category_filter=['error'])`. */
function flashedMessages(...given: readonly unknown[]): unknown[] {
  const named = (given.findLast(isRecord) ?? {}) as Readonly<Record<string, unknown>>
  const [first, second] = given.filter(each => !isRecord(each))
  const value = (name: string, other: string, position: unknown) => named[name] ?? named[other] ?? position
  const withCategories = value(FLASHED[0], 'withCategories', first) ?? false
  const categoryFilter = value(FLASHED[1], 'categoryFilter', second) ?? []
  return getFlashedMessages({ withCategories, categoryFilter } as Parameters<typeof getFlashedMessages>[0])
}

/** What other extensions add, and what is to be done if a template uses it without them. */
export const hints: Readonly<Record<string, string>> = {
  config: 'Add the extension of flaskoa/config: bootstrap(App, { extensions: [config(schema)] }).',
  csrf_token: 'Add the extension of flaskoa/security: bootstrap(App, { extensions: [csrf()] }).',
}

/** What templates of Flask know by themselves. */
export const flaskGlobals: Values = {
  g,
  session,
  request: templateRequest,
  url_for: url,
  urlFor: url,
  get_flashed_messages: flashedMessages,
  getFlashedMessages: flashedMessages,
}
