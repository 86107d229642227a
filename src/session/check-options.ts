import { describe } from '../errors/describe'
import { didYouMean } from '../errors/did-you-mean'
import { SetupError } from '../errors/setup-error'
import { isRecord } from '../util/is-record'
import { isMilliseconds } from './lifetime'
import type { SessionOptions } from './options'

interface Kind {
  readonly expected: string
  fits(value: unknown): boolean
}

const oneOf = (...choices: readonly string[]): Kind => ({
  expected: `one of ${choices.map(describe).join(', ')}`,
  fits: value => choices.includes(value as string),
})
/** The same for attributes of a cookie, whose values may be in capital letters. */
const anyCase = (kind: Kind): Kind => ({
  expected: kind.expected,
  fits: value => typeof value === 'string' && kind.fits(value.toLowerCase()),
})
const matching = (pattern: RegExp, expected: string): Kind => ({
  expected,
  fits: value => typeof value === 'string' && pattern.test(value),
})

const isFunction = (value: unknown) => typeof value === 'function'
const hasMethods = (value: unknown, names: readonly string[]) =>
  names.every(name => isFunction((value as Record<string, unknown>)[name]))

const STORE_METHODS = ['get', 'set', 'destroy']
const TRUE_OR_FALSE: Kind = { expected: 'true or false', fits: value => typeof value === 'boolean' }
const FUNCTION: Kind = { expected: 'a function', fits: isFunction }

const KINDS: Readonly<Record<keyof SessionOptions, Kind>> = {
  onConflict: oneOf('merge', 'reject', 'last-write'),
  onStoreFailure: oneOf('fail', 'anonymous', 'read-only'),
  acceptUndated: TRUE_OR_FALSE,
  store: {
    expected: 'an object with the methods get, set and destroy',
    fits: value => isRecord(value) && hasMethods(value, STORE_METHODS),
  },
  ContextStore: {
    expected: 'a class with the methods get, set and destroy',
    fits: value => isFunction(value) && hasMethods(Object((value as { prototype?: unknown }).prototype), STORE_METHODS),
  },
  externalKey: {
    expected: 'an object with the methods get and set',
    fits: value => isRecord(value) && hasMethods(value, ['get', 'set']),
  },
  // What RFC 6265 has for the name, the value and the attributes of a cookie: browsers drop other cookies, or change them.
  key: matching(/^[\w!#$%&'*+.^`|~-]+$/, 'a cookie\'s name, without spaces and ()<>@,;:\\"/[]?={}'),
  prefix: matching(/^[!#-+\--:<-[\]-~]*$/, 'a text without spaces, control characters and ",;\\'),
  domain: matching(
    /^\.?[a-z\d]([a-z\d-]{0,61}[a-z\d])?(\.[a-z\d]([a-z\d-]{0,61}[a-z\d])?)*$/i,
    'the name of a host, without scheme and port',
  ),
  path: matching(/^\/[ -:<-~]*$/, 'a path that begins with / and has no ; in it'),
  sameSite: anyCase(oneOf('strict', 'lax', 'none')),
  priority: anyCase(oneOf('low', 'medium', 'high')),
  maxAge: {
    expected: "a whole number of milliseconds from 1 up, or 'session'",
    fits: value => value === 'session' || isMilliseconds(value),
  },
  overwrite: TRUE_OR_FALSE,
  httpOnly: TRUE_OR_FALSE,
  signed: TRUE_OR_FALSE,
  rolling: TRUE_OR_FALSE,
  renew: TRUE_OR_FALSE,
  secure: TRUE_OR_FALSE,
  partitioned: TRUE_OR_FALSE,
  encode: FUNCTION,
  decode: FUNCTION,
  genid: FUNCTION,
  valid: FUNCTION,
  beforeSave: FUNCTION,
}

/** Throws a SetupError for an option that does not exist, that can't work, or that browsers refuse together with another. */
export function checkSessionOptions(options: SessionOptions): void {
  for (const [name, value] of Object.entries(options) as [keyof SessionOptions, unknown][]) {
    if (!Object.hasOwn(KINDS, name)) {
      throw optionError(unknownOption(name))
    }
    const kind = KINDS[name]
    if (value !== undefined && !kind.fits(value)) {
      throw optionError(`${name} must be ${kind.expected}, not ${describe(value)}`)
    }
  }
  checkStore(options)
  checkSecure(options)
}

function unknownOption(name: string): string {
  const known = Object.keys(KINDS)
  const isSecret = /^secret/i.test(name)
  const hint = isSecret ? ' What signs the cookie is the option secretKey beside session.' : didYouMean(name, known)
  return `there is no option '${name}'.${hint} It has: ${known.join(', ')}`
}

function checkStore({ store, ContextStore }: SessionOptions): void {
  if (store === undefined) return
  if (ContextStore !== undefined) throw optionError('give store or ContextStore: both are where the session is kept')
  const { compareAndSet } = store as { compareAndSet?: unknown }
  if (compareAndSet === undefined || isFunction(compareAndSet)) return
  throw optionError(`store.compareAndSet must be a function, not ${describe(compareAndSet)}`)
}

/** The option because of which browsers take the cookie only over HTTPS, as users have written it. */
export function needForHttps({ key = '', sameSite = '', partitioned, secure }: SessionOptions): string | undefined {
  if (sameSite.toLowerCase() === 'none') return `sameSite: ${describe(sameSite)}`
  if (partitioned === true) return 'partitioned: true'
  if (/^__(Host|Secure)-/i.test(key)) return `key: ${describe(key)}`
  return secure === true ? 'secure: true' : undefined
}

/** What browsers ask of some cookies. `secure` may be left out: the cookie then is Secure over HTTPS. */
function checkSecure(options: SessionOptions): void {
  const { key = '', secure, domain, path = '/' } = options
  const reason = needForHttps(options)
  if (secure === false && reason !== undefined) {
    throw optionError(`secure must not be false with ${reason}: browsers refuse such a cookie without Secure`)
  }
  if (/^__Host-/i.test(key) && (domain !== undefined || path !== '/')) {
    const name = domain === undefined ? 'path' : 'domain'
    throw optionError(
      `${name} must be left out with key: ${describe(key)}, not ${describe(domain ?? path)}: browsers refuse such a cookie`,
    )
  }
}

const optionError = (problem: string) => new SetupError('BAD_OPTION', `option session: ${problem}.`)
