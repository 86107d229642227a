import { createHash } from 'node:crypto'
import { SetupError, session, type SessionStore } from 'flaskoa'
import { redisSessionStore, type RedisClient, type RedisSessionStoreOptions } from 'flaskoa/session-redis'
import type { TestClient } from 'flaskoa/testing'
import { cookieHeader } from '../support/client'
import { Gate } from '../support/gate'
import { sessionClient } from '../support/session'

const DAY = 24 * 60 * 60 * 1000

/** As much of a client as the store uses, without a server; `npm run test:redis` has one. */
class FakeRedis implements RedisClient {
  readonly kept = new Map<string, string>()
  readonly log: unknown[] = []
  readonly #scripts = new Set<string>()

  async get(key: string) {
    return this.kept.get(key) ?? null
  }
  async set(key: string, value: string, unit: 'PX', milliseconds: number) {
    this.log.push(['set', key, unit, milliseconds])
    return this.kept.set(key, value)
  }
  async del(key: string) {
    return this.kept.delete(key)
  }
  async evalsha(sha1: string, _: number, ...given: (string | number)[]) {
    this.log.push('evalsha')
    if (!this.#scripts.has(sha1)) throw new Error('NOSCRIPT No matching script. Please use EVAL.')
    return this.#compareAndSet(...(given as [string, string, string, number]))
  }
  async eval(script: string, _: number, ...given: (string | number)[]) {
    this.log.push('eval')
    this.#scripts.add(createHash('sha1').update(script).digest('hex'))
    return this.#compareAndSet(...(given as [string, string, string, number]))
  }
  #compareAndSet(key: string, expected: string, value: string, milliseconds: number): number {
    if (this.kept.get(key) !== expected) return 0
    this.log.push(['compared', milliseconds])
    if (value === '') this.kept.delete(key)
    else this.kept.set(key, value)
    return 1
  }
}

const actions = {
  name: () => (session.name = 'Ada'),
  read: () => session.name,
  remember: () => (session.permanent = true),
  remove: () => delete session.name,
  clear: () => session.clear(),
}

function redisClient(options?: RedisSessionStoreOptions) {
  const redis = new FakeRedis()
  const store = redisSessionStore(redis, options)
  return { redis, store, client: sessionClient(actions, { session: { store, genid: () => 'key' } }) }
}

test('keeps sessions as JSON under a prefix, for a day', async () => {
  const { redis, client } = redisClient()
  await client.get('/name')
  expect([...redis.kept]).toEqual([
    ['flaskoa:session:key', expect.stringMatching(/^{"name":"Ada","_session":true,"_time":\d+}$/)],
  ])
  expect(redis.log).toEqual([['set', 'flaskoa:session:key', 'PX', DAY]])
  expect((await client.get('/read')).json()).toEqual(['Ada'])
  redis.kept.clear()
  expect((await client.get('/read')).json()).toEqual([null])
})

test('destroys a cleared session', async () => {
  const { redis, client } = redisClient()
  await client.get('/name')
  await client.get('/clear')
  expect(redis.kept.size).toBe(0)
})

test('takes a prefix and a ttl', async () => {
  const { redis, client } = redisClient({ prefix: 'app:', ttl: 5000 })
  await client.get('/name')
  expect(redis.log).toEqual([['set', 'app:key', 'PX', 5000]])
})

test('compares and sets by a script, which it sends once; a permanent session lasts as long as its cookie', async () => {
  const { redis, client } = redisClient()
  await client.get('/name')
  await client.get('/remember')
  await client.get('/name')
  // koa-session lets the store outlive the cookie by ten seconds.
  const compared = ['compared', 31 * DAY + 10_000]
  expect(redis.log.slice(1)).toEqual(['evalsha', 'eval', compared, 'evalsha', compared])
})

test('destroys an empty session, unless another process has written to it', async () => {
  const { redis, client } = redisClient()
  await client.get('/name')
  await client.get('/remove')
  expect(redis.kept.size).toBe(0)
})

test('sees that another process has written', async () => {
  const redis = new FakeRedis()
  const gate = new Gate()
  const slow = async () => {
    await gate.pass()
    session.count = 1
  }
  const [one, two] = [1, 2].map(() =>
    sessionClient({ ...actions, slow }, { session: { store: redisSessionStore(redis) } }),
  )
  await one?.session(stored => (stored.items = [1]))
  const headers = { cookie: cookieHeader(one as TestClient) }
  const response = one?.get('/slow')
  await gate.reached
  await two?.get('/name', { headers })
  gate.open()
  await response
  expect(await one?.session()).toEqual({ items: [1], name: 'Ada', count: 1 })
})

test('writes over what another program has written in its own way', async () => {
  const { redis, client } = redisClient()
  await client.get('/remember')
  redis.kept.set('flaskoa:session:key', '{ "count": 1 }')
  await client.get('/name')
  expect(await client.session()).toEqual({ count: 1, name: 'Ada' })
})

test.each(['{', '5', 'null', ''])('[13.7] a value that is not a session counts as missing: %p', async text => {
  const { redis, client } = redisClient()
  await client.get('/name')
  redis.kept.set('flaskoa:session:key', text)
  expect((await client.get('/read')).json()).toEqual([null])
})

test('an error of Redis rejects the call', async () => {
  const { redis, store } = redisClient()
  redis.evalsha = () => Promise.reject<number>(new Error('READONLY'))
  const { compareAndSet } = store as Required<SessionStore>
  await expect(compareAndSet.call(store, 'key', {}, {}, 1000, {} as never)).rejects.toThrow('READONLY')
})

test('what was given to set is known, and what was not is compared as JSON', async () => {
  const { redis, store } = redisClient()
  const { compareAndSet } = store as Required<SessionStore>
  redis.kept.set('flaskoa:session:key', '{"a":1}')
  expect(await compareAndSet.call(store, 'key', { a: 1 }, { a: 2 }, 1.5, {} as never)).toBe(true)
  expect(await compareAndSet.call(store, 'key', { a: 1 }, { a: 3 }, 1.5, {} as never)).toBe(false)
  expect(redis.log).toContainEqual(['compared', 2])
})

test.each<[unknown, unknown, string]>([
  [undefined, undefined, 'needs an ioredis client, not undefined, which has no method get'],
  [
    { get: () => null, set: () => null },
    undefined,
    'needs an ioredis client, not an object of class Object, which has no method del',
  ],
  [new FakeRedis(), null, 'needs an object of options, not null'],
  [new FakeRedis(), 'app:', 'needs an object of options, not "app:"'],
  [new FakeRedis(), { prefx: 'app:' }, "has no option 'prefx'. Did you mean 'prefix'? It has: prefix, ttl"],
  [new FakeRedis(), { prefix: 5 }, 'the option prefix must be a string, not 5'],
  [new FakeRedis(), { ttl: 0 }, 'the option ttl must be a positive whole number of milliseconds, not 0'],
  [new FakeRedis(), { ttl: '1d' }, 'the option ttl must be a positive whole number of milliseconds, not "1d"'],
])('a SetupError for the wrong arguments %#', (client, options, message) => {
  const make = () => redisSessionStore(client as RedisClient, options as RedisSessionStoreOptions)
  expect(make).toThrow(SetupError)
  expect(make).toThrow(`redisSessionStore ${message}.`)
})
