import { current } from '../request/current'
import { session } from './proxies'

type Flash = readonly [category: string, message: unknown]

/** The name in the session under which messages wait. */
const KEY = 'flashes'

const waiting = () => session as { [KEY]?: Flash[] }

/**
 * Leaves a message for the next request of this client, or for a later method of this one. It travels in the session.
 *
 * @param message what JSON can express
 * @param category for filtering and styling, for instance `error`. Default `message`
 * @throws outside of a request, and without a secret key
 */
export function flash(message: unknown, category = 'message'): void {
  const request = current('flash()')
  waiting()[KEY] = [...(waiting()[KEY] ?? []), [category, message]]
  request.emit('messageFlashed', message, category)
}

export interface FlashedOptions {
  /** Only messages of these categories. Default: all. */
  categoryFilter?: readonly string[]
}

/**
 * Takes the messages that were flashed out of the session. Called again in the same request it gives the same ones.
 *
 * @returns the messages, oldest first; pairs `[category, message]` when `withCategories` is true
 */
export function getFlashedMessages(options?: FlashedOptions & { withCategories?: false }): unknown[]
export function getFlashedMessages(options: FlashedOptions & { withCategories: true }): Flash[]
export function getFlashedMessages(options: FlashedOptions & { withCategories?: boolean } = {}): unknown[] {
  const { categoryFilter = [], withCategories = false } = options
  const flashes = (current('getFlashedMessages()').session.flashes ??= takeFlashes())
  const wanted = flashes.filter(([category]) => categoryFilter.length === 0 || categoryFilter.includes(category))
  return withCategories ? wanted : wanted.map(([, message]) => message)
}

function takeFlashes(): Flash[] {
  const flashes = waiting()[KEY] ?? []
  if (flashes.length > 0) delete waiting()[KEY]
  return flashes
}
