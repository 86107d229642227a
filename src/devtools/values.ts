import { inspect } from 'node:util'
import { decoded } from '../util/decoded'
import { isRecord } from '../util/is-record'

/** One value, by its key: what kind of value it is, and the value itself only where that may be shown. */
export interface ShownValue {
  readonly key: string
  readonly kind: string
  readonly value?: string
}

/** In the place of a secret. */
const HIDDEN = '(hidden)'

const PARTS = /passw|passphrase|secret|token|credential|authori[sz]|cookie|session|signature|private|bearer/
const WORDS = /(?:^|[^a-z])(?:pass|pwd|pw|auth|sig|jwt|otp|pin|csrf|xsrf|[a-z]*keys?)(?![a-z])/

/** Whether a name is that of a secret: `password`, `X-Api-Key`, `accessToken`. Rather too many than one too few. */
function isSecret(name: string): boolean {
  const words = name.replace(/([a-z\d])(?=[A-Z])/g, '$1-').toLowerCase()
  return PARTS.test(words.replace(/[^a-z]/g, '')) || WORDS.test(words)
}

/** The values of `g` or a session, in which only those keys are shown that are on the list. */
export function shownValues(values: object, shown: readonly string[]): ShownValue[] {
  return Reflect.ownKeys(values).map(key => {
    const name = String(key)
    const value = read(values, key)
    if (isSecret(name)) return { key: name, kind: kindOf(value), value: HIDDEN }
    return { key: name, kind: kindOf(value), ...(shown.includes(name) && { value: textOf(value) }) }
  })
}

function read(values: object, key: PropertyKey): unknown {
  try {
    return Reflect.get(values, key)
  } catch {
    return undefined // a getter of the user's own
  }
}

/** What kind of value it is, in a few words, and nothing of the value. */
export function kindOf(value: unknown): string {
  if (typeof value === 'string') return `string (${counted(value.length, 'character')})`
  if (typeof value !== 'object' || value === null) return value === null ? 'null' : typeof value
  try {
    if (Array.isArray(value)) return `array (${counted(value.length, 'item')})`
    const { name } = value.constructor as { readonly name?: unknown }
    return typeof name === 'string' && name !== '' ? name : 'object'
  } catch {
    return 'object'
  }
}

const counted = (count: number, what: string) => `${count} ${what}${count === 1 ? '' : 's'}`

const DEEPEST = 3
/** More values than this are no help, and would be megabytes of a page. */
const MOST_VALUES = 500
const LONGEST_TEXT = 500

/** A value in the notation of JavaScript, with the secrets in it hidden, and cut where it is deep or long. */
export function textOf(value: unknown): string {
  try {
    const options = { depth: DEEPEST, maxArrayLength: 20, maxStringLength: LONGEST_TEXT, breakLength: 76 }
    return inspect(new ShownCopy().of(value, 0), { ...options, customInspect: false })
  } catch {
    return kindOf(value)
  }
}

/** Copies a value without its secrets. What may have some in another way, such as a Map, is only named. */
class ShownCopy {
  private left = MOST_VALUES

  of(value: unknown, depth: number): unknown {
    if (typeof value === 'string') return withoutSecretsInUrl(value.slice(0, 4 * LONGEST_TEXT))
    if (typeof value === 'function') return kindOf(value)
    if (typeof value !== 'object' || value === null) return value
    // Without the properties that code has given it.
    if (value instanceof Date) return new Date(value)
    if (depth > DEEPEST || this.left <= 0) return kindOf(value)
    if (Array.isArray(value)) return this.listOf(value, depth)
    if (!isRecord(value) || Symbol.iterator in value || ArrayBuffer.isView(value)) return kindOf(value)
    return this.recordOf(value, depth)
  }

  private listOf(list: readonly unknown[], depth: number): unknown {
    const taken = list.slice(0, 100)
    this.left -= taken.length
    const copy = taken.map(each => this.of(each, depth + 1))
    // Only counted: `inspect` says how many more there are.
    copy.length = list.length
    return copy
  }

  private recordOf(value: Readonly<Record<string, unknown>>, depth: number): unknown {
    const keys = Object.keys(value)
    const taken = keys.slice(0, this.left)
    this.left -= taken.length
    const entries = taken.map(key => [key, isSecret(key) ? HIDDEN : this.of(value[key], depth + 1)] as const)
    if (keys.length > taken.length) entries.push(['…', counted(keys.length - taken.length, 'more key')])
    const properties = Object.getOwnPropertyDescriptors(Object.fromEntries(entries))
    return Object.create(Object.getPrototypeOf(value) as object | null, properties)
  }
}

/** The values of a URL's query that have the name of a secret are hidden, and so is a password in it. */
export function withoutSecretsInUrl(url: string): string {
  return url
    .replace(/\/\/[^/?#@]*@/g, `//${HIDDEN}@`)
    .replace(/([?&;])([^=&;#]*)=([^&;#]*)/g, (whole: string, mark: string, name: string) =>
      isSecret(decoded(name)) ? `${mark}${name}=${HIDDEN}` : whole,
    )
}

/** The fields of a request, with the secrets hidden. */
export function shownFields(fields: Readonly<Record<string, string | readonly string[] | undefined>>): ShownValue[] {
  return Object.entries(fields).map(([key, given]) => {
    const value = String(given)
    return { key, kind: 'field', value: isSecret(key) ? HIDDEN : withoutSecretsInUrl(value) }
  })
}
