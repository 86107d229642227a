import { describe } from '../errors/describe'
import { isRecord } from '../util/is-record'

/** Who gets a cookie, and how it is kept. */
export interface CookieScope {
  /** The URLs that it is sent to: this path and those below it. Default `/`. */
  path?: string | undefined
  /** The host that it is sent to, with its subdomains. Default: the host of the request, without them. */
  domain?: string | undefined
  /** Whether it is sent over https only. Default: whether this request came over https. */
  secure?: boolean | undefined
  /** Whether scripts of a page can't read it. Default true. */
  httpOnly?: boolean | undefined
  /** Whether requests from other sites send it; `false` leaves that to the browser. Default `'lax'`. */
  sameSite?: 'lax' | 'strict' | 'none' | false | undefined
  /** Whether a cookie of an embedded page is kept for each embedding site by itself. Needs `secure`. Default false. */
  partitioned?: boolean | undefined
}

/** The options of `setCookie`. */
export interface CookieOptions extends CookieScope {
  /** How long it lasts, in milliseconds. Default: until the browser closes. */
  maxAge?: number | undefined
  /** When it ends, instead of `maxAge`. */
  expires?: Date | undefined
  /** Which cookies go first if there are too many. */
  priority?: 'low' | 'medium' | 'high' | undefined
  /**
   * Whether a second cookie, `name.sig`, has a signature of the value by the application's keys, so that
   * `ctx.cookies.get(name, { signed: true })` gives no value that another has written. Default false.
   */
  signed?: boolean | undefined
}

type Kind = readonly [expected: string, fits: (value: unknown) => boolean]

const BOOLEAN: Kind = ['true or false', value => typeof value === 'boolean']
const oneOf = (...values: readonly unknown[]): Kind => [
  values.map(value => (typeof value === 'string' ? `'${value}'` : String(value))).join(', '),
  value => values.includes(value),
]
const HOST = /^\.?[a-z\d](?:[a-z\d-]*[a-z\d])?(?:\.[a-z\d](?:[a-z\d-]*[a-z\d])?)*$/i

const SCOPE: Readonly<Record<keyof CookieScope, Kind>> = {
  path: ["a path that begins with '/'", value => typeof value === 'string' && /^\/[ -:<-~]*$/.test(value)],
  domain: ['a host name', value => typeof value === 'string' && HOST.test(value)],
  secure: BOOLEAN,
  httpOnly: BOOLEAN,
  sameSite: oneOf('lax', 'strict', 'none', false),
  partitioned: BOOLEAN,
}
const ALL: Readonly<Record<keyof CookieOptions, Kind>> = {
  ...SCOPE,
  maxAge: ['a number of milliseconds from 0 up', value => Number.isFinite(value) && Number(value) >= 0],
  expires: ['a valid Date', value => value instanceof Date && !Number.isNaN(value.getTime())],
  priority: oneOf('low', 'medium', 'high'),
  signed: BOOLEAN,
}

export type CheckedOptions = CookieOptions & Required<Pick<CookieScope, 'path' | 'secure'>>

/**
 * The options with their defaults.
 *
 * @param call `setCookie('theme')`, for errors
 * @throws TypeError for an option that does not exist, has a wrong value, or makes browsers refuse the cookie
 */
export function checkedOptions(call: string, name: string, options: CookieOptions, isSecure: boolean): CheckedOptions {
  checkKinds(call, options, call.startsWith('set') ? ALL : SCOPE)
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
  const checked = { path: '/', secure: isSecure, httpOnly: true, sameSite: 'lax' as const, ...given } as CheckedOptions
  checkPromises(call, name, checked)
  return checked
}

function checkKinds(call: string, options: unknown, kinds: Readonly<Record<string, Kind>>): void {
  if (!isRecord(options)) throw new TypeError(`${call}: the options must be an object, not ${describe(options)}`)
  for (const [name, value] of Object.entries(options)) {
    const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined
    if (kind === undefined)
      throw new TypeError(`${call} has no option '${name}'. It has: ${Object.keys(kinds).join(', ')}`)
    const [expected, fits] = kind
    if (value !== undefined && !fits(value))
      throw new TypeError(`${call}: the option ${name} must be ${expected}, not ${describe(value)}`)
  }
}

/** Browsers drop such cookies, and say so only in their console. */
function checkPromises(
  call: string,
  name: string,
  { secure, sameSite, partitioned, path, domain }: CheckedOptions,
): void {
  const isHost = /^__Host-/i.test(name)
  const why = [
    sameSite === 'none' && "with sameSite: 'none'",
    partitioned === true && 'with partitioned: true',
    (isHost || /^__Secure-/i.test(name)) && 'with such a name',
  ].find(each => each !== false)
  if (why !== undefined && !secure)
    throw new TypeError(`${call}: browsers refuse a cookie ${why} unless it has secure: true`)
  if (isHost && (path !== '/' || domain !== undefined))
    throw new TypeError(
      `${call}: browsers refuse a cookie with such a name unless its path is '/' and it has no domain`,
    )
}
