import { Writable } from 'node:stream'
import {
  AfterRequest,
  ErrorHandler,
  Route,
  SessionStoreError,
  SetupError,
  bootstrap,
  flash,
  makeResponse,
  session,
  type HttpError,
  type LogEntry,
  type Response,
  type SessionOptions,
  type SessionStore,
} from 'flaskoa'
import { testClient } from 'flaskoa/testing'
import { clientOf } from '../support/client'
import { setCookies } from '../support/session'
import { AtomicStore, MemoryStore } from '../support/stores'
import { withCause } from '../support/with-cause'

type Command = Parameters<MemoryStore['before']>[0]
type Policy = NonNullable<SessionOptions['onStoreFailure']>

const log: string[] = []
beforeEach(() => (log.length = 0))

const actions: Readonly<Record<string, () => unknown>> = {
  nothing: () => 'nothing',
  read: () => `${session.name} ${Object.keys(session).length} ${session.isNew}`,
  write: () => (session.name = 'Bea'),
  push: () => session.items?.push(2),
  define: () => Object.defineProperty(session, 'name', { value: 'Bea', enumerable: true, configurable: true }),
  remove: () => delete session.name,
  removeAll: () => ['name', 'items'].forEach(key => delete session[key as 'name']),
  clear: () => session.clear(),
  permanent: () => (session.permanent = true),
  regenerate: () => session.regenerate(),
  flash: () => flash('hello'),
}

class App {
  @Route('/<action>')
  act({ action }: { action: string }) {
    return String(actions[action]?.())
  }
  @AfterRequest
  after(response: Response) {
    log.push(`after ${response.status}`)
    return response
  }
}

class WithHandler extends App {
  @ErrorHandler(503)
  unavailable(error: HttpError & { code?: string }) {
    log.push(`${error.code} ${session.name} ${withCause(error.cause as Error)}`)
    return makeResponse('later, please', 503)
  }
}

/** A client with a session, and a store that fails when it is asked for one of these. */
async function broken(policy: Policy, commands: Command[], { options = {}, controller = App, atomic = false } = {}) {
  const store = atomic ? new AtomicStore() : new MemoryStore()
  const reported: Error[] = []
  const app = bootstrap(controller, {
    secretKey: 'secret',
    session: { store, onStoreFailure: policy, ...options },
    logger: false,
  })
  app.on('error', (error: Error) => reported.push(error))
  const client = testClient(app)
  await client.session(stored => Object.assign(stored, { name: 'Ada', items: [1] }))
  store.before = command => {
    if (commands.includes(command)) throw new Error(`no ${command}`)
  }
  store.log.length = 0
  const mend = () => (store.before = () => undefined)
  return { app, client, store, reported, mend }
}

const failure = (command: Command, kind = 'MemoryStore') =>
  `The session store ${kind} failed to ${command} a session: no ${command}`
/** What is reported when a read-only session has refused a write. */
const refusal = (what: string) =>
  `The session refused a write (${what}) with a 503, because its store has failed and onStoreFailure is 'read-only'.`
const untouched = [{ name: 'Ada', items: [1] }]
const policies: Policy[] = ['fail', 'anonymous', 'read-only']

test.each(policies)('%s: a request without a session that does not write does not call the store', async policy => {
  const { app, store, reported } = await broken(policy, ['get', 'set', 'destroy'])
  for (const action of ['nothing', 'read', 'regenerate']) {
    expect((await testClient(app).get(`/${action}`)).status).toBe(200)
  }
  expect([store.log, reported]).toEqual([[], []])
})

describe('a session that cannot be read', () => {
  test('fail: the error names the store and has its own as cause', async () => {
    const { client, store, reported } = await broken('fail', ['get'])
    const response = await client.get('/nothing')
    expect([response.status, setCookies(response), store.log]).toEqual([500, [], ['get']])
    expect(reported.map(error => [error.name, withCause(error)])).toEqual([['SessionStoreError', failure('get')]])
    expect((reported[0]?.cause as Error).message).toBe('no get')
  })

  test.each(['anonymous', 'read-only'] as const)(
    '%s: the session is empty, the error is reported once, and the cookie stays',
    async policy => {
      const { client, reported, mend } = await broken(policy, ['get'])
      const response = await client.get('/read')
      expect([response.text, setCookies(response), response.header('Vary')]).toEqual(['undefined 0 true', [], 'Cookie'])
      expect((await client.get('/nothing')).header('Vary')).toBeUndefined()
      expect(reported.map(withCause)).toEqual([failure('get'), failure('get')])
      mend()
      expect((await client.get('/read')).text).toBe('Ada 2 false')
    },
  )

  test.each(['write', 'define', 'remove', 'clear', 'permanent', 'regenerate', 'flash'])(
    'anonymous: %s lives for this request',
    async action => {
      const { client, store, reported } = await broken('anonymous', ['get'])
      const response = await client.get(`/${action}`)
      expect([response.status, setCookies(response), store.log, reported.length]).toEqual([200, [], ['get'], 1])
      expect(store.contents).toEqual(untouched)
    },
  )

  test.each(['write', 'define', 'remove', 'clear', 'permanent', 'regenerate', 'flash'])(
    'read-only: %s throws a 503 at its place',
    async action => {
      const { client, store, reported } = await broken('read-only', ['get'], { controller: WithHandler })
      const response = await client.get(`/${action}`)
      expect([response.status, response.text, setCookies(response)]).toEqual([503, 'later, please', []])
      const what = { clear: 'clear()', regenerate: 'regenerate()', flash: 'flashes', permanent: 'permanent' }[action]
      expect(reported.map(withCause)).toEqual([failure('get'), refusal(`session.${what ?? 'name'}`)])
      expect(log).toEqual([`SESSION_UNAVAILABLE undefined ${failure('get')}`, 'after 503'])
      expect([store.contents, store.log]).toEqual([untouched, ['get']])
    },
  )

  test('read-only: the default page of the 503', async () => {
    const { client } = await broken('read-only', ['get'])
    expect(await client.get('/write')).toMatchObject({
      status: 503,
      text: expect.stringContaining('cannot be changed at the moment'),
    })
  })

  test('an error that is not the store’s is an error whatever the option says', async () => {
    const options = {
      valid: () => {
        throw new Error('from valid')
      },
    }
    const { client, mend } = await broken('anonymous', [], {})
    mend()
    const other = await broken('anonymous', [], { options })
    expect((await client.get('/read')).status).toBe(200)
    expect((await other.client.get('/read')).status).toBe(500)
    expect(other.reported.map(withCause)).toEqual(['from valid'])
  })

  test('the test client rejects with the error', async () => {
    const { client } = await broken('anonymous', ['get'])
    expect(withCause((await client.session().catch((error: unknown) => error as Error)) as Error)).toBe(failure('get'))
  })
})

describe.each([false, true])('a session that was read and cannot be written (compareAndSet: %s)', atomic => {
  const command = atomic ? 'compareAndSet' : 'set'
  const message = atomic ? failure('set', 'AtomicStore').replace('no set', 'no compareAndSet') : failure('set')

  test.each(['write', 'push', 'remove', 'permanent'])(
    'fail: %s is a 500, and nothing is acknowledged',
    async action => {
      const { client, store, reported } = await broken('fail', [command], { atomic })
      const response = await client.get(`/${action}`)
      expect([response.status, setCookies(response), store.contents]).toEqual([500, [], untouched])
      expect(reported.map(withCause)).toEqual([message])
    },
  )

  test.each(['write', 'push', 'remove', 'permanent'])(
    'read-only: %s is a 503, and nothing is acknowledged',
    async action => {
      const { client, store, reported } = await broken('read-only', [command], { atomic, controller: WithHandler })
      const response = await client.get(`/${action}`)
      expect([response.status, response.text, setCookies(response)]).toEqual([503, 'later, please', []])
      expect(log).toEqual(['after 200', `SESSION_UNAVAILABLE Ada ${message}`, 'after 503'])
      expect(store.contents).toEqual(untouched)
      expect(reported).toEqual([expect.objectContaining({ message: refusal('while it was saved') })])
      expect(withCause(reported[0]?.cause as Error)).toBe(message)
    },
  )

  test.each(['write', 'push', 'remove', 'permanent'])(
    'anonymous: %s is lost, the error is reported, and the cookie stays',
    async action => {
      const { client, store, reported } = await broken('anonymous', [command], { atomic })
      const response = await client.get(`/${action}`)
      expect([response.status, setCookies(response), store.contents]).toEqual([200, [], untouched])
      expect(reported.map(withCause)).toEqual([message])
    },
  )

  test.each(policies)('%s: removing everything', async policy => {
    const { client, store, reported } = await broken(policy, [atomic ? 'compareAndSet' : 'destroy'], { atomic })
    const { status } = await client.get('/removeAll')
    expect([status, reported.length]).toEqual({ fail: [500, 1], anonymous: [200, 1], 'read-only': [503, 1] }[policy])
    expect(store.contents).toEqual(untouched)
  })

  test.each(policies)('%s: clear() fails, so that a failed log-out never looks like a success', async policy => {
    const { client, store } = await broken(policy, ['destroy'], { atomic })
    const response = await client.get('/clear')
    expect([response.status, setCookies(response)]).toEqual([policy === 'read-only' ? 503 : 500, []])
    expect(store.contents).toEqual(untouched)
  })

  test.each(policies)('%s: regenerate()', async policy => {
    const { client, store } = await broken(policy, ['set'], { atomic })
    const { status } = await client.get('/regenerate')
    expect(status).toBe({ fail: 500, anonymous: 200, 'read-only': 503 }[policy])
    expect(store.contents).toEqual(untouched)
  })

  test.each(policies)('%s: a refresh', async policy => {
    const { client, reported } = await broken(policy, [command], { atomic, options: { rolling: true } })
    const response = await client.get('/nothing')
    expect([response.status, setCookies(response)]).toEqual([policy === 'fail' ? 500 : 200, []])
    expect(reported.map(withCause)).toEqual([message])
  })
})

describe('a write fails', () => {
  test('read-only: the test client rejects with the 503', async () => {
    const { client, store } = await broken('read-only', ['set'])
    const change = client.session(stored => (stored.name = 'Bea'))
    await expect(change).rejects.toMatchObject({ status: 503 })
    expect(store.contents).toEqual(untouched)
  })

  test.each(policies)('%s: of a new session, which gets no cookie', async policy => {
    const { app, store, reported } = await broken(policy, ['set', 'destroy'])
    const response = await testClient(app).get('/write')
    expect(response.status).toBe({ fail: 500, anonymous: 200, 'read-only': 503 }[policy])
    expect([setCookies(response), store.contents]).toEqual([[], untouched])
    expect(reported).toHaveLength(1)
  })

  test('anonymous: the error is reported once, though the second pass tries again', async () => {
    class Failing extends App {
      @Route('/error')
      error(): string {
        session.name = 'Bea'
        throw new Error('from the view')
      }
      @ErrorHandler(500)
      failed() {
        return 'handled'
      }
    }
    const { app, client, reported } = await broken('anonymous', ['set'], { controller: Failing })
    let times = 0
    app.on('requestFinished', () => {
      if (times++ === 0) throw new Error('from a listener')
    })
    expect((await client.get('/write')).text).toBe('handled')
    expect(reported.map(withCause)).toEqual([failure('set'), 'from a listener'])
  })

  test('read-only: what a handler of the 503 changes inside of values is no success either', async () => {
    class Stubborn extends App {
      @ErrorHandler(503)
      unavailable() {
        session.items?.push(3)
        return 'never sent'
      }
    }
    const { client, store, reported } = await broken('read-only', ['set'], { controller: Stubborn })
    expect((await client.get('/write')).status).toBe(500)
    expect(store.contents).toEqual(untouched)
    // The second is the 503 that the second pass could not answer.
    expect(reported.map(({ message }) => message)).toEqual([
      refusal('while it was saved'),
      'The session cannot be changed at the moment',
    ])
  })

  test('read-only: a handler of the 503 that does not touch the session', async () => {
    class Plain extends App {
      @ErrorHandler(503)
      unavailable() {
        return makeResponse('later', 503)
      }
    }
    const { client } = await broken('read-only', ['set'], { controller: Plain })
    expect(await client.get('/push')).toMatchObject({ status: 503, text: 'later' })
  })
})

test.each([
  [{ onConflict: 'last' }, 'onConflict must be one of "merge", "reject", "last-write", not "last"'],
  [{ onStoreFailure: true }, 'onStoreFailure must be one of "fail", "anonymous", "read-only", not true'],
  [{ store: Object.assign(new MemoryStore(), { compareAndSet: 1 }) }, 'store.compareAndSet must be a function, not 1'],
])('a SetupError for %p', (options, message) => {
  const start = () => bootstrap(App, { secretKey: 'secret', session: options as unknown as SessionOptions })
  expect(start).toThrow(SetupError)
  expect(start).toThrow(`option session: ${message}.`)
})

test('the handler for 500 sees that a store has failed, and how', async () => {
  class App {
    @Route('/') index() {
      return String(session.isNew)
    }
    @ErrorHandler(500) failed(error: HttpError) {
      return `${String(error.cause instanceof SessionStoreError)} ${String((error.cause as Error).cause)}`
    }
  }
  const store = new MemoryStore()
  store.before = () => Promise.reject(new Error('down'))
  const client = clientOf(App, { session: { store, signed: false } })
  expect((await client.get('/', { headers: { cookie: 'koa.sess=key' } })).text).toBe('true Error: down')
})

describe('the log', () => {
  class Writing {
    @Route('/') index() {
      session.name = 'Ada'
      return ''
    }
  }
  const down = () => Promise.reject(new Error('store down'))
  const stores = {
    plain: { get: down, set: down, destroy: down },
    'without a prototype': Object.assign(Object.create(null) as SessionStore, { get: down, set: down, destroy: down }),
    'of a class': new (class PgStore {
      get = down
      set = down
      destroy = down
    })(),
  }
  class MyStore {
    get() {
      return down()
    }
    set() {
      return down()
    }
    destroy() {
      return down()
    }
  }

  test.each<[string, string, SessionOptions]>([
    ['plain', 'The session store failed to set a session', { store: stores.plain }],
    ['without a prototype', 'The session store failed to set a session', { store: stores['without a prototype'] }],
    ['of a class', 'The session store PgStore failed to set a session', { store: stores['of a class'] }],
    ['of each request', 'The session store MyStore failed to set a session', { ContextStore: MyStore }],
  ])('of a store %s has its error once, as the cause', async (_, message, options) => {
    const logged: unknown[] = []
    const logger = { error: ({ err }: LogEntry, text: string) => logged.push(text, err?.message, String(err?.cause)) }
    await clientOf(Writing, { session: options, logger }).get('/')
    expect(logged).toEqual([`Exception on / [GET]: ${message}`, message, 'Error: store down'])
  })

  test('of a console prints it once', async () => {
    const written: string[] = []
    const stream = new Writable({ write: (chunk, _, done) => done(void written.push(String(chunk))) })
    const logger = new console.Console(stream)
    await clientOf(Writing, { session: { store: stores.plain }, logger }).get('/')
    expect(written.join('').match(/store down/g)).toEqual(['store down'])
  })

  test('has an Error as the cause also of a store that throws something else', async () => {
    const store = { ...stores.plain, set: () => Promise.reject('down') }
    const causes: unknown[] = []
    const logger = { error: ({ err }: LogEntry) => causes.push(err?.cause) }
    await clientOf(Writing, { session: { store }, logger }).get('/')
    expect(causes).toEqual([expect.objectContaining({ cause: 'down' })])
    expect((causes[0] as Error).message).toBe('a value that is not an Error was thrown: "down"')
  })
})

describe('what a store returns', () => {
  const circle: Record<string, unknown> = {}
  circle.circle = circle
  const unreadable = Object.defineProperty({}, 'a', {
    enumerable: true,
    get() {
      throw new Error('no value')
    },
  })
  class Reading {
    @Route('/') index() {
      return { ...session }
    }
    @Route('/write') write() {
      session.name = 'Ada'
      return ''
    }
  }
  const storeOf = (content: unknown): SessionStore => ({
    get: () => content,
    set: () => undefined,
    destroy: () => undefined,
  })
  const headers = { cookie: 'koa.sess=key' }

  test.each<[string, unknown, string]>([
    [
      'a number',
      5,
      'The session store returned 5 for a session, which is empty now: get() must return the object that set() got',
    ],
    ['text, even JSON', '{"name":"Ada"}', 'The session store returned "{\\"name\\":\\"Ada\\"}" for a session, '],
    ['a list', ['Ada'], 'The session store returned an object of class Array for a session, '],
    ['bytes', Buffer.from('{}'), 'The session store returned an object of class Buffer for a session, '],
    ['a Map', new Map([['name', 'Ada']]), 'The session store returned an object of class Map for a session, '],
    [
      'an object whose JSON is text',
      { toJSON: () => 'x' },
      'The session store returned an object of class Object for a session, ',
    ],
  ])('%s is an empty session, and one warning says so', async (_, content, message) => {
    const warnings = jest.spyOn(process, 'emitWarning').mockImplementation()
    for (const onStoreFailure of policies) {
      const session = { store: storeOf(content), onStoreFailure, signed: false }
      const client = clientOf(Reading, { session, testing: true })
      expect((await client.get('/', { headers })).json()).toEqual({})
      expect((await client.get('/write', { headers })).status).toBe(200)
    }
    const warning = [
      expect.stringContaining(message),
      { type: 'FlaskoaWarning', code: 'FLASKOA_STORE_RETURNED_NO_OBJECT' },
    ]
    expect(warnings.mock.calls).toEqual([warning, warning, warning])
    warnings.mockRestore()
  })

  describe.each<[string, unknown, string]>([
    ['a circle', circle, 'Converting circular structure to JSON'],
    ['a bigint in an object', { a: 5n }, 'BigInt'],
    ['a getter that throws', unreadable, 'no value'],
  ])('%s is a failure of the store', (_, content, message) => {
    test.each<[Policy, number, string]>([
      ['fail', 500, 'Internal Server Error'],
      ['anonymous', 200, '{}'],
      ['read-only', 200, '{}'],
    ])('%s', async (onStoreFailure, status, text) => {
      const reported: Error[] = []
      const app = bootstrap(Reading, {
        session: { store: storeOf(content), onStoreFailure, signed: false },
        logger: false,
      })
      app.on('error', (error: Error) => reported.push(error))
      const response = await testClient(app).get('/', { headers })
      expect([response.status, response.text]).toEqual([status, expect.stringContaining(text)])
      expect(reported).toEqual([expect.any(SessionStoreError)])
      expect((reported[0]?.cause as Error).message).toContain(message)
    })
  })

  test.each([undefined, null, '', 0, false])('%p is no session', async content => {
    const client = clientOf(Reading, { session: { store: storeOf(content), signed: false } })
    expect((await client.get('/', { headers })).json()).toEqual({})
  })

  test.each<[string, unknown]>([
    ['a lifetime that is none', { a: 1, _maxAge: 'x', _expire: 9e15 }],
    ['an end that is none', { a: 1, _expire: 'x' }],
    ['a prototype', JSON.parse('{"__proto__":{"b":1},"a":1}')],
    ['names of methods', { a: 1, save: 1, clear: 2, toJSON: 3, isNew: 4, maxAge: 'x', permanent: 5 }],
  ])('%s is left out, and the session can be written', async (_, content) => {
    for (const onConflict of ['merge', 'last-write'] as const) {
      const client = clientOf(Reading, { session: { store: storeOf(content), signed: false, onConflict } })
      expect((await client.get('/', { headers })).json()).toEqual({ a: 1 })
      expect((await client.get('/write', { headers })).status).toBe(200)
    }
  })
})
