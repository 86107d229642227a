import { describe } from '../errors/describe'
import type { Context } from '../types'
import { checkedOptions, type CheckedOptions, type CookieOptions, type CookieScope } from './cookie-options'

/** What a name may have (RFC 9110 5.6.2). */
const NAME = /^[\w!#$%&'*+.^`|~-]+$/

/** What a value can't have as it is (RFC 6265 4.1.1), and the sign of what is encoded. */
const ENCODED = /[^!#$&-+\--:<-[\]-~]+/g

/** Browsers drop a cookie whose name and value are longer. */
const LONGEST = 4096

/** Keygrip's, and what an application may have in its place. */
interface Keys {
  sign(text: string): string
}

export function setCookie(ctx: Context, name: string, value: string, options: CookieOptions = {}): void {
  const call = checkedCall('setCookie', name)
  const checked = checkedOptions(call, name, options, ctx.secure)
  const pair = `${name}=${encoded(call, value)}`
  if (pair.length > LONGEST)
    throw new TypeError(`${call}: name and value have ${pair.length} bytes, and browsers keep at most ${LONGEST}`)
  const fields = [fieldOf(pair, checked)]
  if (checked.signed === true) fields.push(fieldOf(`${name}.sig=${keysOf(ctx, call).sign(pair)}`, checked))
  putFields(ctx, name, checked, fields)
}

export function deleteCookie(ctx: Context, name: string, options: CookieScope = {}): void {
  const scope = checkedOptions(checkedCall('deleteCookie', name), name, options, ctx.secure)
  const names = keysIn(ctx) === undefined ? [name] : [name, `${name}.sig`]
  const over = { ...scope, maxAge: 0, expires: new Date(0) }
  putFields(
    ctx,
    name,
    scope,
    names.map(each => fieldOf(`${each}=`, over)),
  )
}

function checkedCall(method: 'setCookie' | 'deleteCookie', name: unknown): string {
  if (typeof name === 'string' && NAME.test(name)) return `${method}('${name}')`
  throw new TypeError(`${method}: a cookie can't have the name ${describe(name)}`)
}

function encoded(call: string, value: unknown): string {
  if (typeof value !== 'string') throw new TypeError(`${call}: the value must be a text, not ${describe(value)}`)
  try {
    return value.replace(ENCODED, encodeURIComponent)
  } catch (cause) {
    throw new TypeError(`${call}: the value has half of a surrogate pair`, { cause })
  }
}

const keysIn = ({ cookies }: Context) => (cookies as unknown as { readonly keys?: Keys }).keys

function keysOf(ctx: Context, call: string): Keys {
  const keys = keysIn(ctx)
  if (keys !== undefined) return keys
  throw new TypeError(`${call}: signed: true needs keys: the option secretKey of bootstrap, or app.keys`)
}

function fieldOf(pair: string, options: CheckedOptions): string {
  const { path, domain, maxAge, expires, priority, sameSite = false, secure, httpOnly, partitioned } = options
  const attributes = [
    pair,
    `path=${path}`,
    domain !== undefined && `domain=${domain}`,
    maxAge !== undefined && `max-age=${Math.ceil(maxAge / 1000)}`,
    expires !== undefined && `expires=${expires.toUTCString()}`,
    priority !== undefined && `priority=${priority}`,
    sameSite !== false && `samesite=${sameSite}`,
    secure && 'secure',
    httpOnly === true && 'httponly',
    partitioned === true && 'partitioned',
  ]
  return attributes.filter(each => each !== false).join('; ')
}

/** Puts the fields of a cookie in the place of those of the same cookie, and of its signature. */
function putFields({ res }: Context, name: string, { path, domain }: CheckedOptions, fields: readonly string[]): void {
  const replaced = [name, `${name}.sig`].map(each => identityOf(fieldOf(`${each}=`, { path, domain, secure: false })))
  const others = [res.getHeader('Set-Cookie') ?? []].flat().map(String)
  // Node's: Koa's `set` says nothing when the fields are out already.
  res.setHeader('Set-Cookie', [...others.filter(each => !replaced.includes(identityOf(each))), ...fields])
}

/** Its name, path and domain: browsers keep one cookie for each. */
function identityOf(field: string): string {
  const [pair, ...attributes] = field.split(';') as [string, ...string[]]
  const valueOf = (name: string) =>
    attributes.findLast(each => each.trim().toLowerCase().startsWith(`${name}=`))?.replace(/^[^=]*=\.?/, '') ?? ''
  return [pair.slice(0, pair.indexOf('=')).trim(), valueOf('path').trim(), valueOf('domain').trim().toLowerCase()].join(
    ';',
  )
}
