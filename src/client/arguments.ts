import { isRecord } from '../util/is-record'
import { recordOf } from './texts'
import type { InMemoryClient } from './transport'

// What is wrong with the arguments of `client` and of its calls. In few words: they are in the bundle of a page.

/**
 * What a client sends its requests to: a URL or a path without its last slash, or a test client.
 *
 * @throws TypeError for anything else: each call would fail as if the server could not be reached
 */
export function checkedBase(base: unknown): string | InMemoryClient {
  if (isInMemoryClient(base)) return base
  const text = base instanceof URL ? String(base) : base
  if (typeof text !== 'string')
    throw new TypeError(`client: the base must be a URL or testClient(app), not ${typeof text}`)
  const what = `client: the base '${text}' must`
  if (/[?#]/.test(text)) throw new TypeError(`${what} be a URL without '?' and '#'`)
  if (!/^(?:\/|$)/.test(text) && !isUrl(text))
    throw new TypeError(`${what} begin with http:// or https://, such as http://localhost:5000, or in a page with /`)
  return text.replace(/\/+$/, '')
}

const isInMemoryClient = (base: unknown): base is InMemoryClient =>
  typeof (base as Partial<InMemoryClient> | null | undefined)?.request === 'function'

/** `URL` reads `localhost:5000` as a URL of the scheme `localhost:`. */
function isUrl(text: string): boolean {
  try {
    return /^https?:\/\/\S+$/i.test(text) && Boolean(new URL(text))
  } catch {
    return false
  }
}

/** @throws TypeError for what has no routes but must have some; those of a group may be written later */
export function checkRoutes(routes: unknown, found: object, group: string): void {
  if (Object.keys(found).length > 0 || (group && isRecord(routes) && Object.keys(routes).length === 0)) return
  throw new TypeError(
    `client: the routes ${group && `of ${group} `}must be an object of decorators, such as { createUser }`,
  )
}

const OPTIONS = ['signal', 'headers', 'fetch', 'method']

export const isCallOption = (name: string): boolean => OPTIONS.includes(name)

/** @throws TypeError for options of a call that it does not have, with what its first argument may have */
export function checkCall(options: unknown, name: string, inputs: readonly string[]): void {
  checkNames(options, OPTIONS, name, ' (for Route)', inputs)
}

/** @throws TypeError for an option that does not exist: it would quietly have no effect */
export function checkNames(
  options: unknown,
  names: readonly string[],
  where: string,
  note = '',
  inputs: readonly string[] = [],
): void {
  // With what is inherited: an `AbortSignal` in the place of the options has nothing of its own.
  for (const name in recordOf(options, `${where}: the options`)) {
    if (names.includes(name)) continue
    const hint = inputs.includes(name) ? '. It belongs in the first argument' : ''
    throw new TypeError(`${where}: there is no option '${name}'. The options are ${names.join(', ')}${note}${hint}`)
  }
}
