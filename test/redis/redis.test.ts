import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { Route, bootstrap, session, type SessionOptions } from 'flaskoa'
import { redisSessionStore } from 'flaskoa/session-redis'
import { Gate } from '../support/gate'
import { until } from '../support/until'
import { Browser } from './client'
import { RedisServer } from './server'

const values = () => session as unknown as Record<string, number>

let gate = new Gate()

class App {
  @Route('/set/<name>/<int:value>')
  set({ name, value }: { name: string; value: number }) {
    values()[name] = value
    return 'set'
  }
  @Route('/add/<name>')
  add({ name }: { name: string }) {
    values()[name] = (values()[name] ?? 0) + 1
    return 'added'
  }
  @Route('/slow/<name>')
  async slow({ name }: { name: string }) {
    await gate.pass()
    values()[name] = 1
    return 'slow'
  }
  @Route('/read')
  read() {
    return { ...session }
  }
  @Route('/clear')
  clear() {
    session.clear()
    return 'cleared'
  }
  @Route('/log-in')
  logIn() {
    session.regenerate()
    values().user = 1
    return 'logged in'
  }
  @Route('/remember/<int:milliseconds>')
  remember({ milliseconds }: { milliseconds: number }) {
    session.maxAge = milliseconds
    return ''
  }
  @Route('/nothing')
  nothing() {
    return ''
  }
}

let redis: RedisServer
let direct: Redis
const servers: Server[] = []
const clients: Redis[] = []

/** Not `once` of node:events, which rejects for an `error` between: a client that is connecting again has some. */
const told = (client: Redis, event: 'ready' | 'end') => new Promise<void>(resolve => client.once(event, resolve))

async function disconnect(client: Redis): Promise<void> {
  // One that only waits to connect again has no connection whose end it could tell.
  const ended = client.status === 'end' || client.status === 'reconnecting' ? undefined : told(client, 'end')
  client.disconnect()
  await ended
}

/** Commands fail at once while the server is away. */
function connected(): Redis {
  const options = { maxRetriesPerRequest: 0, enableOfflineQueue: false, retryStrategy: () => 20 }
  const client = new Redis(redis.port, '127.0.0.1', options)
  client.on('error', () => undefined)
  clients.push(client)
  return client
}

/** An application as another process would have it: with a connection and a store of its own. */
async function serve(options: SessionOptions = {}): Promise<string> {
  const client = connected()
  await told(client, 'ready')
  const store = redisSessionStore(client)
  const server = bootstrap(App, { secretKey: 'secret', session: { store, ...options }, logger: false }).listen(
    0,
    '127.0.0.1',
  )
  await once(server, 'listening')
  servers.push(server)
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const processes = (options?: SessionOptions) => Promise.all([serve(options), serve(options)])

beforeAll(async () => {
  redis = await RedisServer.start()
  direct = connected()
  clients.pop()
  await told(direct, 'ready')
})

beforeEach(async () => {
  gate = new Gate()
  await direct.flushall()
})

afterEach(async () => {
  for (const server of servers.splice(0)) {
    const closed = once(server, 'close')
    server.close()
    server.closeAllConnections()
    await closed
  }
  for (const client of clients.splice(0)) await disconnect(client)
})

afterAll(async () => {
  await disconnect(direct)
  await redis.remove()
})

test('a session is kept, with its lifetime, until it is cleared', async () => {
  const browser = new Browser(await processes())
  await browser.get('/set/a/1')
  const [key] = await direct.keys('*')
  expect(key).toMatch(/^flaskoa:session:/)
  expect(await direct.pttl(key as string)).toBeGreaterThan(23 * 60 * 60 * 1000)
  await browser.get('/remember/100000', 1)
  expect(await direct.pttl(key as string)).toBeLessThanOrEqual(110_000)
  expect(JSON.parse((await browser.get('/read')).text)).toEqual({ a: 1 })
  await browser.get('/clear', 1)
  expect(await direct.dbsize()).toBe(0)
})

test('merge: no parallel increment of different names in two processes is lost', async () => {
  const browser = new Browser(await processes())
  await browser.get('/set/begun/1')
  const names = Array.from({ length: 100 }, (_, index) => `n${index}`)
  for (let round = 1; round <= 3; round++) {
    const answers = await Promise.all(names.map((name, index) => browser.request(`/add/${name}`, index)))
    expect(answers.filter(({ status }) => status !== 200)).toEqual([])
    const expected = { begun: 1, ...Object.fromEntries(names.map(name => [name, round])) }
    expect(JSON.parse((await browser.get('/read')).text)).toEqual(expected)
  }
})

test('reject: each parallel write of one name is done or reported as not done', async () => {
  const browser = new Browser(await processes({ onConflict: 'reject' }))
  await browser.get('/set/begun/1')
  const answers = await Promise.all(Array.from({ length: 60 }, (_, index) => browser.request('/add/count', index)))
  const done = answers.filter(({ status }) => status === 200).length
  expect(answers.filter(({ status }) => status === 409).length).toBe(60 - done)
  expect(JSON.parse((await browser.get('/read')).text)).toEqual({ begun: 1, count: done })
})

test.each<SessionOptions>([{}, { onConflict: 'last-write' }, { rolling: true }])(
  'a log-out is not undone by a slower request of another process: %j',
  async options => {
    const browser = new Browser(await processes(options))
    await browser.get('/set/user/1')
    const slow = browser.request('/slow/late', 1)
    await gate.reached
    await browser.get('/clear')
    gate.open()
    const { status, headers } = await slow
    expect([status, headers['set-cookie'], await direct.dbsize()]).toEqual([200, undefined, 0])
  },
)

test('a log-out is not undone by parallel writes of two processes', async () => {
  const urls = await processes()
  for (let round = 0; round < 20; round++) {
    const browser = new Browser(urls)
    await browser.get('/set/user/1')
    const [loggedIn] = await direct.keys('*')
    const writes = Array.from({ length: 20 }, (_, index) => browser.request(`/add/n${index}`, index))
    await Promise.all([...writes.slice(0, 10), browser.request('/clear', round), ...writes.slice(10)])
    // A request that came after the log-out has begun a session of its own.
    expect(await direct.exists(loggedIn as string)).toBe(0)
    for (const key of await direct.keys('*')) expect(await direct.get(key)).not.toContain('user')
    await direct.flushall()
  }
})

test('regenerate(): the old key is no longer valid', async () => {
  const browser = new Browser(await processes())
  await browser.get('/set/cart/5')
  const [old] = await direct.keys('*')
  const attacker = new Browser([await serve()])
  attacker.cookie = browser.cookie
  await browser.get('/log-in')
  expect(JSON.parse((await browser.get('/read', 1)).text)).toEqual({ cart: 5, user: 1 })
  await until('the old row is deleted', async () => (await direct.exists(old as string)) === 0)
  expect(JSON.parse((await attacker.get('/read')).text)).toEqual({})
  expect(await direct.dbsize()).toBe(1)
})

test('no acknowledged write is lost when the server is killed and started again under load', async () => {
  const urls = await processes()
  const browsers = Array.from({ length: 8 }, () => new Browser(urls))
  const ledger = browsers.map(() => new Map<string, number>())
  const counts = { acknowledged: 0, refused: 0 }
  for (const browser of browsers) expect((await browser.get('/set/begun/1')).status).toBe(200)
  let running = true
  // Two writers for each session, each with a name of its own and ascending values.
  const writers = browsers.flatMap((browser, index) =>
    ['a', 'b'].map(async (name, server) => {
      for (let value = 1; running; value++) {
        const { status } = await browser.request(`/set/${name}/${value}`, server)
        if (status === 200) ledger[index]?.set(name, value)
        counts[status === 200 ? 'acknowledged' : 'refused']++
        if (status !== 200) await sleep(5)
      }
    }),
  )
  const more = (what: keyof typeof counts, count: number) => {
    const before = counts[what]
    return until(`${count} more writes are ${what}`, () => counts[what] >= before + count)
  }
  for (let restart = 0; restart < 3; restart++) {
    await more('acknowledged', 50)
    await redis.kill()
    await more('refused', 20)
    await redis.start()
  }
  await more('acknowledged', 50)
  running = false
  await Promise.all(writers)
  for (const [index, browser] of browsers.entries()) {
    const stored = JSON.parse((await browser.get('/read')).text) as Record<string, number>
    expect(stored.begun).toBe(1)
    // A write that was done and not acknowledged may be there.
    for (const [name, value] of ledger[index] ?? []) expect(stored[name]).toBeGreaterThanOrEqual(value)
  }
  expect(counts.refused).toBeGreaterThan(0)
  expect(counts.acknowledged).toBeGreaterThan(100)
  console.log(`${counts.acknowledged} acknowledged writes are there, ${counts.refused} were refused`)
})

test.each([
  ['fail', 500, 500],
  ['read-only', 200, 503],
  ['anonymous', 200, 200],
] as const)('while the server is away, %s: a read is a %i, a write is a %i', async (onStoreFailure, read, write) => {
  const browser = new Browser(await processes({ onStoreFailure }))
  await browser.get('/set/a/1')
  await redis.kill()
  const answers = [await browser.get('/read'), await browser.get('/set/a/2')]
  expect(answers.map(({ status }) => status)).toEqual([read, write])
  expect((await new Browser([await serveAway()]).get('/nothing')).status).toBe(200)
  await redis.start()
  await until('the session is read again', async () => (await browser.get('/read')).text === '{"a":1}')
})

/** An application whose client never reaches the server. */
async function serveAway(): Promise<string> {
  const store = redisSessionStore(connected())
  const server = bootstrap(App, { secretKey: 'secret', session: { store }, logger: false }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  servers.push(server)
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
