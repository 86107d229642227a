import {
  AfterRequest,
  BeforeRequest,
  ErrorHandler,
  Route,
  TeardownRequest,
  bootstrap,
  currentContext,
  g,
  session,
  type HttpError,
  type Response,
  type SessionOptions,
  type SessionStore,
} from 'flaskoa'
import { testClient } from 'flaskoa/testing'
import { clientOf } from '../support/client'
import { sessionClient, sessionCookie, setCookies } from '../support/session'
import { withCause } from '../support/with-cause'

/** A store that keeps what it is given as text, and a list of what it was asked. */
class MemoryStore implements SessionStore {
  readonly kept = new Map<string, string>()
  readonly log: unknown[] = []

  async get(key: string) {
    this.log.push(['get', key])
    const found = this.kept.get(key)
    return found && (JSON.parse(found) as unknown)
  }
  async set(
    key: string,
    content: Record<string, unknown>,
    maxAge: number | 'session',
    { changed, rolling }: { changed: boolean; rolling: boolean },
  ) {
    this.log.push(['set', key, { maxAge, changed, rolling }])
    this.kept.set(key, JSON.stringify(content))
  }
  async destroy(key: string) {
    this.log.push(['destroy', key])
    this.kept.delete(key)
  }
}

const actions = {
  nothing: () => undefined,
  write: () => (session.name = 'Ada'),
  read: () => session.name,
  push: () => void (session.items ??= []).push(1),
  remember: () => {
    session.permanent = true
    session.name = 'Ada'
  },
  clear: () => session.clear(),
}

function storeClient(options: SessionOptions = {}) {
  const store = new MemoryStore()
  let made = 0
  const client = sessionClient(actions, { session: { store, genid: () => `id-${++made}`, ...options }, testing: true })
  return { store, client }
}

describe('a store', () => {
  test('keeps the content; the cookie is its key, signed', async () => {
    const { store, client } = storeClient()
    const response = await client.get('/write')
    expect(sessionCookie(response)?.value).toBe('id-1')
    expect([...store.kept]).toEqual([['id-1', expect.stringMatching(/^{"name":"Ada","_session":true,"_time":\d+}$/)]])
    expect((await client.get('/read')).json()).toEqual(['Ada'])
    expect(await client.session()).toEqual({ name: 'Ada' })
  })

  test('[13.2] is read with the key of the client, and gets the changes', async () => {
    const { store, client } = storeClient()
    for (const action of ['nothing', 'write', 'read', 'push', 'push', 'clear', 'nothing'])
      await client.get(`/${action}`)
    const change = { maxAge: 'session', changed: true, rolling: true }
    expect(store.log).toEqual([
      ['set', 'id-2', change],
      ...[['get', 'id-2']],
      // Read again before it is written: another request may have changed it meanwhile.
      ...[
        ['get', 'id-2'],
        ['get', 'id-2'],
        ['set', 'id-2', change],
      ],
      ...[
        ['get', 'id-2'],
        ['get', 'id-2'],
        ['set', 'id-2', change],
      ],
      ...[
        ['get', 'id-2'],
        ['destroy', 'id-2'],
      ],
    ])
    expect([...store.kept]).toEqual([])
  })

  test('[13.5] gets each refresh, so that it keeps the content as long as the cookie lasts', async () => {
    const { store, client } = storeClient()
    await client.get('/remember')
    store.log.length = 0
    await client.get('/nothing')
    // koa-session lets the store outlive the cookie by ten seconds.
    const maxAge = 31 * 24 * 60 * 60 * 1000 + 10_000
    expect(store.log).toEqual([
      ['get', 'id-1'],
      ['get', 'id-1'],
      ['set', 'id-1', { maxAge, changed: false, rolling: true }],
    ])
  })

  test('[13.7] does not have what the cookie names, or holds garbage: empty', async () => {
    for (const content of ['null', '5', '"text"', '[1]', '{}']) {
      const { store, client } = storeClient()
      await client.get('/write')
      store.kept.set('id-1', content)
      expect((await client.get('/read')).json()).toEqual([null])
      store.kept.clear()
      expect((await client.get('/read')).json()).toEqual([null])
    }
  })

  test('[13.7] is not read with an unsigned key', async () => {
    const { store, client } = storeClient()
    store.kept.set('id', '{"name":"Ada"}')
    await client.get('/read', { headers: { cookie: 'koa.sess=id; koa.sess.sig=abc' } })
    expect(store.log).toEqual([])
  })

  test('may be synchronous', async () => {
    const kept = new Map<string, unknown>()
    const store: SessionStore = {
      get: key => kept.get(key),
      set: (key, content) => kept.set(key, content),
      destroy: key => kept.delete(key),
    }
    const client = sessionClient(actions, { session: { store } })
    await client.get('/write')
    expect((await client.get('/read')).json()).toEqual(['Ada'])
    await client.get('/clear')
    expect(kept.size).toBe(0)
  })

  test('[1.1] is read inside of the request, before the first method', async () => {
    const log: unknown[] = []
    const store = new MemoryStore()
    class App {
      @BeforeRequest
      before() {
        log.push(['before', session.name, g.count])
      }
      @Route('/')
      index() {
        return ''
      }
    }
    const client = clientOf(App, { session: { store } })
    await client.session(stored => {
      stored.name = 'Ada'
    })
    const get = store.get.bind(store)
    store.get = key => {
      log.push(['get', currentContext().path])
      g.count = 1
      return get(key)
    }
    await client.get('/')
    expect(log).toEqual([
      ['get', '/'],
      ['before', 'Ada', 1],
    ])
  })

  test('its key can travel in a header', async () => {
    const { store, client } = storeClient({
      externalKey: { get: ctx => ctx.get('X-Session') || undefined, set: (ctx, key) => ctx.set('X-Session', key) },
    })
    const written = await client.get('/remember')
    const key = written.header('X-Session') as string
    expect([setCookies(written), [...store.kept.keys()]]).toEqual([[], [key]])
    const headers = { 'X-Session': key }
    expect((await client.get('/read', { headers })).json()).toEqual(['Ada'])
    store.log.length = 0
    await client.get('/nothing', { headers })
    expect(store.log).toEqual([
      ['get', key],
      ['get', key],
      ['set', key, expect.objectContaining({ rolling: true })],
    ])
  })

  test('a ContextStore is made for each request', async () => {
    const kept = new Map<string, unknown>()
    class ContextStore {
      constructor(private readonly ctx: { path: string }) {}
      get(key: string) {
        return Promise.resolve(kept.get(key))
      }
      set(key: string, content: Record<string, unknown>) {
        kept.set(key, { ...content, items: [this.ctx.path] })
        return Promise.resolve()
      }
      destroy(key: string) {
        return Promise.resolve(void kept.delete(key))
      }
    }
    const client = sessionClient(actions, { session: { ContextStore } })
    await client.get('/write')
    expect(await client.session()).toEqual({ name: 'Ada', items: ['/write'] })
  })
})

/** The store's own message. */
const own = (error: Error) => withCause(error).replace(/^The session store MemoryStore failed to \w+ a session: /, '')

/** An application with all methods, whose store fails at the named call. */
function failing(which: 'get' | 'set' | 'destroy', { handler = false, flag = false, times = Infinity } = {}) {
  const store = new MemoryStore()
  const log: string[] = []
  const fail = { left: 0 }
  const original = store[which].bind(store) as (...args: unknown[]) => Promise<unknown>
  Object.assign(store, {
    [which]: (...args: unknown[]) =>
      fail.left-- > 0 ? Promise.reject(new Error(`${which} failed`)) : original(...args),
  })
  class App {
    @BeforeRequest
    before() {
      log.push('before')
    }
    @Route('/')
    index() {
      log.push('view')
      session.name = 'Ada'
      return 'fine'
    }
    @Route('/clear')
    clear() {
      log.push('view')
      session.clear()
      return 'fine'
    }
    @Route('/error')
    error(): string {
      session.name = 'Ada'
      throw new Error('from the view')
    }
    @AfterRequest
    after(response: Response) {
      log.push(`after ${response.status}`)
      response.set('X-After', 'yes')
      return response
    }
    @TeardownRequest
    teardown(error?: Error) {
      log.push(`teardown ${error && own(error)}`)
    }
  }
  class WithHandler extends App {
    @ErrorHandler(500)
    failed({ cause }: HttpError) {
      log.push(`handler ${own(cause as Error)}`)
      return makeText(cause as Error)
    }
  }
  const reported: string[] = []
  const app = bootstrap(handler ? WithHandler : App, {
    secretKey: 'secret',
    session: { store },
    logger: false,
    afterRequestOnUnhandledError: flag,
  })
  app.on('error', (error: Error) => reported.push(own(error)))
  const client = testClient(app)
  return { client, log, reported, store, break: () => (fail.left = times) }
}

const makeText = (error: Error) => `handled: ${own(error)}`

describe('a store that fails', () => {
  test('[6.10] to read: no hook, no view; the bare page, and teardown with the error', async () => {
    const { client, log, reported, break: breakStore } = failing('get')
    await client.get('/')
    log.length = 0
    breakStore()
    const response = await client.get('/')
    expect([response.status, response.header('X-After'), setCookies(response)]).toEqual([500, undefined, []])
    expect([log, reported]).toEqual([['teardown get failed'], ['get failed']])
  })

  test.each([
    ['a 500 handler', { handler: true }, ['handler get failed', 'after 200', 'teardown get failed'], 200],
    ['after methods on the 500', { flag: true }, ['after 500', 'teardown get failed'], 500],
  ])('[6.10] to read, with %s: the error is reported once, nothing is saved', async (_, options, expected, status) => {
    const { client, log, reported, store, break: breakStore } = failing('get', options)
    await client.get('/')
    log.length = store.log.length = 0
    breakStore()
    const response = await client.get('/')
    expect([response.status, response.header('X-After'), setCookies(response)]).toEqual([status, 'yes', []])
    expect([log, reported, store.log]).toEqual([expected, ['get failed'], []])
  })

  test('[6.10] to read: using the session throws an error with the cause', async () => {
    const seen: unknown[] = []
    class App {
      @Route('/')
      index() {
        return ''
      }
      @TeardownRequest
      teardown() {
        try {
          seen.push(session.name)
        } catch (error) {
          seen.push((error as Error).message, withCause((error as Error).cause as Error))
        }
      }
    }
    const store = new MemoryStore()
    const client = clientOf(App, { session: { store } })
    await client.session(stored => {
      stored.name = 'Ada'
    })
    store.get = () => Promise.reject(new Error('no connection'))
    await client.get('/')
    const failure = 'The session store MemoryStore failed to get a session: no connection'
    expect(seen).toEqual(['The session could not be opened', failure])
  })

  test.each([
    ['set', '/'],
    ['destroy', '/clear'],
  ] as const)('[13.8] to %s: the 500 path, and the second pass tries again', async (which, path) => {
    const { client, log, reported, break: breakStore } = failing(which, { handler: true, times: 1 })
    await client.get('/')
    log.length = 0
    breakStore()
    const response = await client.get(path)
    const error = `${which} failed`
    expect([response.status, response.text, setCookies(response).length]).toEqual([200, `handled: ${error}`, 2])
    expect(log).toEqual(['before', 'view', 'after 200', `handler ${error}`, 'after 200', `teardown ${error}`])
    expect(reported).toEqual([error])
  })

  test.each([
    ['set', '/'],
    ['destroy', '/clear'],
  ] as const)('[13.8, 6.6] to %s, again and again: the handler answers, without a cookie', async (which, path) => {
    const { client, log, reported, break: breakStore } = failing(which, { handler: true })
    await client.get('/')
    log.length = 0
    breakStore()
    const response = await client.get(path)
    const error = `${which} failed`
    expect([response.status, response.text, setCookies(response)]).toEqual([200, `handled: ${error}`, []])
    expect(log).toEqual(['before', 'view', 'after 200', `handler ${error}`, 'after 200', `teardown ${error}`])
    expect(reported).toEqual([error])
  })

  test('[13.8] to write, without a handler: the bare page', async () => {
    const { client, log, reported, break: breakStore } = failing('set')
    breakStore()
    const response = await client.get('/')
    expect([response.status, response.header('X-After'), setCookies(response)]).toEqual([500, undefined, []])
    expect([log, reported]).toEqual([['before', 'view', 'after 200', 'teardown set failed'], ['set failed']])
  })

  test.each([
    ['a 500 handler', { handler: true }, 'handled: from the view'],
    ['after methods on the 500', { flag: true }, expect.stringContaining('Internal Server Error')],
  ])("[6.6] to write after the view's error, with %s: the view's error is not masked", async (_, options, text) => {
    const { client, log, reported, break: breakStore } = failing('set', options)
    breakStore()
    const response = await client.get('/error')
    expect(response.text).toEqual(text)
    expect([log.at(-1), reported]).toEqual(['teardown from the view', ['from the view', 'set failed']])
  })
})
