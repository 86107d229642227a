import Keygrip from 'keygrip'
import { session, type SessionOptions } from 'flaskoa'
import { cookieHeader } from '../support/client'
import { MemoryStore } from '../support/stores'
import { contentOf, sessionClient, sessionCookie, setCookies } from '../support/session'

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

const actions = {
  write: () => (session.name = 'Ada'),
  count: () => (session.count = (session.count ?? 0) + 1),
  read: () => session.name,
  nothing: () => undefined,
  forget: () => {
    session.permanent = false
    session.name = 'Ada'
  },
  ninetyDays: () => {
    session.maxAge = 90 * DAY
    session.name = 'Ada'
  },
}

let now: number

beforeEach(() => {
  now = Date.now()
  jest.spyOn(Date, 'now').mockImplementation(() => now)
})
afterEach(() => {
  jest.restoreAllMocks()
})

const clientWith = (options: SessionOptions = {}) => sessionClient(actions, { secretKey: 'secret', session: options })
type Client = ReturnType<typeof clientWith>

/** What the session of a client is for a thief who has copied its cookies, and now and then uses them. */
const stolen = async (client: Client, options?: SessionOptions) => {
  const headers = { cookie: cookieHeader(client) }
  return async () => (await clientWith(options).get('/read', { headers })).json<unknown[]>()[0]
}

/** The `Cookie` header of a session that was signed with these fields. */
function signed(content: object): { cookie: string } {
  const value = Buffer.from(JSON.stringify(content)).toString('base64')
  return { cookie: `koa.sess=${value}; koa.sess.sig=${new Keygrip(['secret']).sign(`koa.sess=${value}`)}` }
}

const readWith = async (headers: { cookie: string }, options?: SessionOptions) =>
  (await clientWith(options).get('/read', { headers })).json<unknown[]>()[0]

describe('[13.7] a session that lasts until the browser closes', () => {
  test.each<[string, string, number, SessionOptions]>([
    ['31 days', 'write', 31 * DAY, {}],
    ['the option maxAge', 'forget', 2 * DAY, { maxAge: 2 * DAY }],
  ])('is refused after %s', async (_, action, lifetime, options) => {
    const client = clientWith(options)
    await client.get(`/${action}`)
    const read = await stolen(client, options)
    now += lifetime
    expect(await read()).toBe('Ada')
    now += 1
    expect(await read()).toBeNull()
  })

  test('is a new one then, which can be written', async () => {
    const client = clientWith()
    await client.get('/count')
    now += 32 * DAY
    expect((await client.get('/count')).json()).toEqual([1])
    expect((await client.get('/count')).json()).toEqual([2])
  })

  test('has the time of its last signing: a write, not a read', async () => {
    const client = clientWith()
    await client.get('/write')
    now += 20 * DAY
    expect(setCookies(await client.get('/read'))).toEqual([])
    const early = await stolen(client)
    await client.get('/count')
    const late = await stolen(client)
    now += 12 * DAY
    expect([await early(), await late()]).toEqual([null, 'Ada'])
  })

  test('has another cookie at each log-in', async () => {
    const first = sessionCookie(await clientWith().get('/write'))
    now += 1
    const second = sessionCookie(await clientWith().get('/write'))
    expect(first?.value).not.toBe(second?.value)
    expect([contentOf(first), contentOf(second)]).toEqual([
      { name: 'Ada', _session: true, _time: now - 1 },
      { name: 'Ada', _session: true, _time: now },
    ])
  })

  test('is signed anew, with the time, when its key is replaced', async () => {
    const client = clientWith()
    await client.get('/write')
    now += 30 * DAY
    const rotated = sessionClient(actions, { secretKey: ['new', 'secret'] })
    const response = await rotated.get('/nothing', { headers: { cookie: cookieHeader(client) } })
    expect(contentOf(sessionCookie(response))).toEqual({ name: 'Ada', _session: true, _time: now })
  })
})

test('[13.5] a lifetime of its own counts instead, also a longer one', async () => {
  const client = clientWith()
  await client.get('/ninetyDays')
  const headers = { cookie: cookieHeader(client) }
  now += 89 * DAY
  expect(await readWith(headers)).toBe('Ada')
  now += 2 * DAY
  expect(await readWith(headers)).toBeNull()
})

test('[13.7] a time in the future is refused, but clocks may be a minute apart', async () => {
  const at = (time: number) => signed({ name: 'Ada', _session: true, _time: time })
  expect(await readWith(at(now + MINUTE))).toBe('Ada')
  expect(await readWith(at(now + MINUTE + 1))).toBeNull()
})

test.each([
  ['of koa-session', { name: 'Ada', _expire: Date.now() + DAY, _maxAge: DAY }],
  ['of an older flaskoa', { name: 'Ada', _session: true }],
  ['with a time that is no number', { name: 'Ada', _time: 'now' }],
])('[13.7] a cookie without a time, %s, is read only with acceptUndated', async (_, content) => {
  expect(await readWith(signed(content))).toBeNull()
  expect(await readWith(signed(content), { acceptUndated: true })).toBe('Ada')
})

test('[13.7] acceptUndated: a cookie with a time is refused when it is too old', async () => {
  expect(await readWith(signed({ name: 'Ada', _time: now - 32 * DAY }), { acceptUndated: true })).toBeNull()
})

test('acceptUndated: the cookie gets its time with the next write', async () => {
  const client = clientWith({ acceptUndated: true })
  const response = await client.get('/count', { headers: signed({ name: 'Ada', _session: true }) })
  expect(contentOf(sessionCookie(response))).toEqual({ name: 'Ada', count: 1, _session: true, _time: now })
})

test('[13.7] encode and decode of your own get the time, too', async () => {
  const options: SessionOptions = {
    encode: content => encodeURIComponent(JSON.stringify(content)),
    decode: text => JSON.parse(decodeURIComponent(text)) as unknown,
  }
  const client = clientWith(options)
  await client.get('/write')
  const read = await stolen(client, options)
  expect(await read()).toBe('Ada')
  now += 32 * DAY
  expect(await read()).toBeNull()
})

describe('in a store', () => {
  test('the session under a stolen key ends as well, though the store keeps it', async () => {
    const store = new MemoryStore()
    const client = clientWith({ store })
    await client.get('/write')
    const read = await stolen(client, { store })
    now += 31 * DAY
    expect(await read()).toBe('Ada')
    now += 1
    expect([await read(), store.kept.size]).toEqual([null, 1])
  })

  test('a session without a time is read: a client cannot have written it', async () => {
    const store = new MemoryStore()
    store.kept.set('key', '{"name":"Ada","_session":true}')
    const sig = new Keygrip(['secret']).sign('koa.sess=key')
    expect(await readWith({ cookie: `koa.sess=key; koa.sess.sig=${sig}` }, { store })).toBe('Ada')
  })
})
