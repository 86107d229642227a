import { describe } from '../errors/describe'
import { current } from '../request/current'
import { checkCallOptions, type OptionKind } from './check-call-options'
import { session } from './proxies'

type Flash = readonly [category: string, message: unknown]

/** The session's key for the messages that no method has read yet. */
const KEY = 'flashes'

/** The messages in the session. A cookie that is not signed may hold anything under that name. */
function waiting(): Flash[] {
  const value = (session as { [KEY]?: unknown })[KEY]
  return Array.isArray(value) ? value.filter(isFlash) : []
}

const isFlash = (value: unknown): value is Flash =>
  Array.isArray(value) && value.length === 2 && typeof value[0] === 'string'

/**
 * Stores a message in the session, for this client's next request or for a later method of this request.
 *
 * @param message any value that JSON can express
 * @param category for filtering and styling, for instance `error`. Default `message`
 * @throws outside of a request, without a secret key, and a TypeError for a category that is not a text
 */
export function flash(message: unknown, category = 'message'): void {
  const request = current('flash()')
  if (typeof (category as unknown) !== 'string') {
    throw new TypeError(`flash(message, category): the category must be a text, not ${describe(category)}`)
  }
  Object.assign(session, { [KEY]: [...waiting(), [category, message]] })
  request.emit('messageFlashed', message, category)
}

/** The options of `getFlashedMessages`. */
export interface FlashedOptions {
  /** Only messages of these categories. Default: all. */
  categoryFilter?: readonly string[]
}

/**
 * Returns the flashed messages and removes them from the session. Further calls in the same request return the same
 * messages.
 *
 * @returns the messages, oldest first; pairs `[category, message]` when `withCategories` is true
 */
export function getFlashedMessages(options?: FlashedOptions & { withCategories?: false }): unknown[]
export function getFlashedMessages(options: FlashedOptions & { withCategories: true }): Flash[]
export function getFlashedMessages(options: AllOptions): unknown[]
export function getFlashedMessages(options: AllOptions = {}): unknown[] {
  checkCallOptions(options, KINDS, 'getFlashedMessages')
  const { categoryFilter = [], withCategories = false } = options
  const flashes = (current('getFlashedMessages()').session.flashes ??= takeFlashes())
  const selected = flashes.filter(([category]) => categoryFilter.length === 0 || categoryFilter.includes(category))
  return withCategories ? selected : selected.map(([, message]) => message)
}

function takeFlashes(): Flash[] {
  const flashes = waiting()
  if (KEY in session) Reflect.deleteProperty(session, KEY)
  return flashes
}

type AllOptions = FlashedOptions & { withCategories?: boolean }

const KINDS: Readonly<Record<keyof AllOptions, OptionKind>> = {
  categoryFilter: {
    expected: 'a list of texts',
    fits: value => Array.isArray(value) && value.every(each => typeof each === 'string'),
  },
  withCategories: { expected: 'true or false', fits: value => typeof value === 'boolean' },
}
