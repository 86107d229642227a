import * as fc from 'fast-check'
import Koa from 'koa'
import { CookieJar } from 'tough-cookie'
import { testClient } from 'flaskoa/testing'

/** Sets the cookie in the query, or answers with the request's cookies. */
const app = new Koa().use(ctx => {
  if (ctx.query.cookie !== undefined) ctx.set('Set-Cookie', ctx.query.cookie)
  ctx.body = ctx.get('Cookie')
})

const hosts = ['localhost', '127.0.0.1', 'shop.test', 'www.shop.test', 'a.www.shop.test', 'other.test']
const url = fc
  .tuple(
    fc.constantFrom('http:', 'https:'),
    fc.constantFrom(...hosts),
    fc.constantFrom('/', '/a', '/a/', '/a/b', '/a/b/c', '/ab'),
  )
  .map(([scheme, host, path]) => `${scheme}//${host}${path}`)

const attribute = (name: string, ...values: string[]) =>
  fc.option(fc.constantFrom(...values.map(value => `${name}=${value}`)), { nil: undefined, freq: 2 })

const cookie = fc
  .record({
    name: fc.constantFrom('a', 'a', 'b', 'b', 'c', '__Host-a', '__Secure-a', '', ' '),
    pair: fc.constantFrom('=1', '=2', '=', '=x=y', '="q"', ' = 3 4 ', ''),
    domain: attribute('Domain', ...hosts, '.shop.test', 'SHOP.test', 'op.test', 'test', '0.0.1'),
    attributes: fc.tuple(
      attribute('Path', '/', '/', '/a', '/a/', '/a/b', 'a', ''),
      attribute('Expires', 'Thu, 01 Jan 1970 00:00:00 GMT', 'Fri, 01 Jan 2100 00:00:00 GMT', 'tomorrow'),
      attribute('max-age', '0', '-1', '60', '60', 'soon', ''),
      fc.constantFrom(undefined, undefined, 'Secure', 'secure', 'SECURE=no'),
      fc.constantFrom(undefined, 'HttpOnly', 'SameSite=Lax', 'Unknown', 'Unknown=x', ''),
    ),
    separator: fc.constantFrom('; ', ';', ' ;  '),
  })
  .map(({ name, pair, domain, attributes, separator }) => {
    // In tough-cookie a host's cookie replaces its domain's of the same name, browsers keep both: give them two names.
    const parts = [`${name}${domain === undefined ? '' : 'D'}${pair}`, domain, ...attributes]
    return parts.filter(part => part !== undefined).join(separator)
  })

test('a client keeps, sends and refuses the cookies that tough-cookie does', async () => {
  const program = fc.array(fc.tuple(url, cookie), { minLength: 1, maxLength: 12 })
  const property = fc.asyncProperty(program, fc.array(url, { minLength: 4, maxLength: 8 }), async (steps, probes) => {
    const client = testClient(app)
    const jar = new CookieJar()
    for (const [from, field] of steps) {
      await client.get(from, { query: { cookie: field } })
      await jar.setCookie(field, from, { ignoreError: true })
      // This jar forgets a cookie that is over when it is next looked for.
      await jar.getCookieString(`https://${new URL(from).host}/a/b/c`)
    }
    for (const probe of probes) expect((await client.get(probe)).text).toBe(await jar.getCookieString(probe))
  })
  await fc.assert(property, { numRuns: 200 })
})
