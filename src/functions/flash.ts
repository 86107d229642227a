import { current } from '../request/current'
import { session } from './proxies'

type Flash = readonly [category: string, message: unknown]

/** The session's key for the messages that no method has read yet. */
const KEY = 'flashes'

const waiting = () => session as { [KEY]?: Flash[] }

/**
 * Stores a message in the session, for this client's next request or for a later method of this request.
 *
 * @param message any value that JSON can express
 * @param category for filtering and styling, for instance `error`. Default `message`
 * @throws outside of a request, and without a secret key
 */
export function flash(message: unknown, category = 'message'): void {
  const request = current('flash()')
  waiting()[KEY] = [...(waiting()[KEY] ?? []), [category, message]]
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
export function getFlashedMessages(options: FlashedOptions & { withCategories?: boolean } = {}): unknown[] {
  const { categoryFilter = [], withCategories = false } = options
  const flashes = (current('getFlashedMessages()').session.flashes ??= takeFlashes())
  const selected = flashes.filter(([category]) => categoryFilter.length === 0 || categoryFilter.includes(category))
  return withCategories ? selected : selected.map(([, message]) => message)
}

function takeFlashes(): Flash[] {
  const flashes = waiting()[KEY] ?? []
  if (flashes.length > 0) delete waiting()[KEY]
  return flashes
}
