import { bootstrap, Get, lifecycle, type BootstrapOptions, type LifecycleOptions, type SessionOptions } from 'flaskoa'
import { testClient } from 'flaskoa/testing'
import { setupError } from '../support/setup-error'

class App {
  @Get('/')
  index() {
    return 'index'
  }
}

class Store {
  get() {
    return undefined
  }
  set() {
    return undefined
  }
  destroy() {
    return undefined
  }
}

const given = (session: object) => ({ secretKey: 'secret', session: session as SessionOptions })
const refused = (session: object) => setupError(() => bootstrap(App, given(session)))

const COOKIE_NAME = 'a cookie\'s name, without spaces and ()<>@,;:\\"/[]?={}'
const MILLISECONDS = "a whole number of milliseconds from 1 up, or 'session'"
const HOST = 'the name of a host, without scheme and port'
const PATH = 'a path that begins with / and has no ; in it'
const STORE = 'with the methods get, set and destroy'

test.each<[name: string, expected: string, values: unknown[]]>([
  ['key', COOKIE_NAME, ['a b', '', 'a;b', 'a=b', 'sid\n', 'schlüssel', 5, null]],
  ['prefix', 'a text without spaces, control characters and ",;\\', ['a;b', 'a b', '\n', 'ü', '"', 'a,b', 5, null]],
  ['maxAge', MILLISECONDS, [-1, 0, 1.5, NaN, Infinity, 1e16, '1000', 'long', null]],
  ['sameSite', 'one of "strict", "lax", "none"', ['laxx', '', true, null]],
  ['priority', 'one of "low", "medium", "high"', ['urgent', '', 1, null]],
  ['domain', HOST, ['a;b', 'example.com:80', 'https://example.com', 'a b', '', 'a..b', 5, null]],
  ['path', PATH, ['app', '', '/a;b', '/ä', '/\n', 5, null]],
  ['store', `an object ${STORE}`, ['redis', null, [], { get: () => undefined, set: () => undefined }, Store]],
  ['ContextStore', `a class ${STORE}`, [null, 'Store', {}, () => undefined, class {}, new Store()]],
  ['externalKey', 'an object with the methods get and set', [{ get: () => 'key' }, 'X-Key', null]],
  ...['overwrite', 'httpOnly', 'signed', 'rolling', 'renew', 'secure', 'partitioned', 'acceptUndated'].map(
    (name): [string, string, unknown[]] => [name, 'true or false', ['true', 1, null, 'auto']],
  ),
  ...['encode', 'decode', 'genid', 'valid', 'beforeSave'].map((name): [string, string, unknown[]] => [
    name,
    'a function',
    ['base64', {}, null],
  ]),
])('%s: a SetupError names the option, what it must be, and the value', (name, expected, values) => {
  for (const value of values) {
    const refusal = refused({ [name]: value })
    expect(refusal).toMatch(`FLASKOA_BAD_OPTION option session: ${name} must be ${expected}, not `)
    if (typeof value === 'string') expect(refusal).toMatch(`not ${JSON.stringify(value)}.`)
  }
})

test.each([
  ['rollling', " Did you mean 'rolling'?"],
  ['maxage', " Did you mean 'maxAge'?"],
  ['http_only', " Did you mean 'httpOnly'?"],
  ['secret', ' What signs the cookie is the option secretKey beside session.'],
  ['secretKey', ' What signs the cookie is the option secretKey beside session.'],
  ['autoCommit', ''],
  ['expires', ''],
  ['constructor', ''],
])('%s is no option', (name, hint) => {
  expect(refused({ [name]: true })).toMatch(
    `FLASKOA_BAD_OPTION option session: there is no option '${name}'.${hint} It has: onConflict, onStoreFailure, acceptUndated, store, `,
  )
})

describe('options that exclude each other', () => {
  test.each<[object, string]>([
    [{ sameSite: 'None', secure: false }, 'secure must not be false with sameSite: "None": '],
    [{ partitioned: true, secure: false }, 'secure must not be false with partitioned: true: '],
    [{ key: '__Secure-sid', secure: false }, 'secure must not be false with key: "__Secure-sid": '],
    [{ key: '__Host-sid', secure: false }, 'secure must not be false with key: "__Host-sid": '],
    [{ key: '__Host-sid', path: '/app' }, 'path must be left out with key: "__Host-sid", not "/app": '],
    [{ key: '__Host-sid', domain: 'a.b' }, 'domain must be left out with key: "__Host-sid", not "a.b": '],
    [{ store: new Store(), ContextStore: Store }, 'give store or ContextStore: '],
  ])('%p', (session, message) => {
    expect(refused(session)).toMatch(`FLASKOA_BAD_OPTION option session: ${message}`)
  })
})

test('also for lifecycle, and without a secret, which may come with the application', () => {
  const options = { session: { maxAge: 'long' } } as unknown as LifecycleOptions
  expect(() => lifecycle(App, options)).toThrow('option session: maxAge must be')
})

test.each<[SessionOptions]>([
  [{ sameSite: 'None', priority: 'High' as 'high', secure: true, partitioned: true }],
  [{ key: '__Host-sid', path: '/' }],
  [{ key: '__Secure-sid', domain: '.example.com', path: '/a/b c' }],
  [{ domain: 'localhost', maxAge: 1, prefix: 'app:' }],
  [{ ContextStore: Store }],
  [{ store: new Store(), externalKey: { get: () => undefined, set: () => undefined } }],
  [Object.fromEntries(['key', 'store', 'maxAge', 'secure', 'valid'].map(name => [name, undefined]))],
])('%p works', async session => {
  const options: BootstrapOptions = given(session)
  expect((await testClient(bootstrap(App, options)).get('/')).text).toBe('index')
})
