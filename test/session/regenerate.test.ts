import Koa from 'koa'
import koaSession from 'koa-session'
import { Route, lifecycle, session } from 'flaskoa'
import { testClient } from 'flaskoa/testing'
import { cookieHeader } from '../support/client'
import { contentOf, sessionClient, sessionCookie, setCookies } from '../support/session'
import { MemoryStore } from '../support/stores'

const actions = {
  logIn: () => {
    session.name = 'Ada'
    session.regenerate()
  },
  read: () => session.name,
  regenerate: () => session.regenerate(),
  clear: () => session.clear(),
  both: () => {
    session.regenerate()
    session.clear()
  },
}

describe('session.regenerate()', () => {
  test('a client with the key from before the log-in is not logged in', async () => {
    const store = new MemoryStore()
    const victim = sessionClient({ ...actions, visit: () => (session.count = 1) }, { session: { store } })
    await victim.get('/visit')
    const cookie = cookieHeader(victim)
    await victim.get('/logIn')
    expect((await victim.get('/read')).json()).toEqual(['Ada'])
    expect(await victim.session()).toEqual({ name: 'Ada', count: 1 })
    expect((await victim.get('/read', { headers: { cookie } })).json()).toEqual([null])
  })

  test('keeps the lifetime', async () => {
    const client = sessionClient(actions, { session: { store: new MemoryStore() } })
    await client.session(stored => {
      stored.maxAge = 5_000_000
    })
    await client.get('/regenerate')
    await client.session(stored => {
      expect(stored.maxAge).toBe(5_000_000)
    })
  })

  test('in a cookie: sent anew', async () => {
    const client = sessionClient(actions)
    await client.get('/logIn')
    expect(setCookies(await client.get('/read'))).toEqual([])
    expect(contentOf(sessionCookie(await client.get('/regenerate')))).toMatchObject({ name: 'Ada' })
  })

  test.each([undefined, new MemoryStore()])('of an empty session: nothing', async store => {
    const client = sessionClient(actions, { session: store ? { store } : {} })
    expect(setCookies(await client.get('/regenerate'))).toEqual([])
    expect(store?.log ?? []).toEqual([])
  })

  test('before clear(): cleared', async () => {
    const store = new MemoryStore()
    const client = sessionClient(actions, { session: { store } })
    await client.get('/logIn')
    await client.get('/both')
    expect(store.contents).toEqual([])
  })

  test('without a secret it cannot be written', async () => {
    const client = sessionClient(actions, { secretKey: undefined, testing: true })
    await expect(client.get('/regenerate')).rejects.toThrow('no secret key is set')
  })
})

describe('renew, with a store', () => {
  test('makes the session last when half of its time is over', async () => {
    const store = new MemoryStore()
    const client = sessionClient(actions, { session: { store, maxAge: 100_000, rolling: false, renew: true } })
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask', 'setTimeout'] })
    try {
      await client.get('/read')
      await client.get('/logIn')
      jest.advanceTimersByTime(40_000)
      expect(setCookies(await client.get('/read'))).toEqual([])
      jest.advanceTimersByTime(20_000)
      expect(setCookies(await client.get('/read'))).toHaveLength(2)
      jest.advanceTimersByTime(90_000)
      expect((await client.get('/read')).json()).toEqual(['Ada'])
    } finally {
      jest.useRealTimers()
    }
  })

  test('does not renew a session that ends with the browser', async () => {
    const store = new MemoryStore()
    const client = sessionClient(actions, { session: { store, renew: true } })
    await client.get('/logIn')
    expect(setCookies(await client.get('/read'))).toEqual([])
  })
})

describe("the session of an application's own koa-session", () => {
  class Outer {
    @Route('/<action>')
    act({ action }: { action: string }) {
      return [actions[action as 'read']() ?? null]
    }
  }

  function appWith(extend: (app: Koa, store: MemoryStore) => void) {
    const app = new Koa({ keys: ['app'] })
    app.silent = true
    const store = new MemoryStore()
    extend(app, store)
    app.use(lifecycle(Outer))
    const reported: string[] = []
    app.on('error', (error: Error) => reported.push(error.message))
    return { client: testClient(app), store, reported }
  }

  test('regenerate(): a new key, the old row is destroyed', async () => {
    const { client, store } = appWith((app, store) => app.use(koaSession({ store }, app)))
    await client.session(stored => (stored.count = 1))
    const [old] = store.kept.keys()
    await client.get('/logIn')
    expect([store.contents, store.kept.has(old as string)]).toEqual([[{ count: 1, name: 'Ada' }], false])
    expect((await client.get('/read')).json()).toEqual(['Ada'])
  })

  test.each([true, false])('clear() deletes the names (store: %s)', async hasStore => {
    const { client } = appWith((app, store) => app.use(koaSession(hasStore ? { store } : {}, app)))
    await client.get('/logIn')
    await client.get('/clear')
    expect((await client.get('/read')).json()).toEqual([null])
    expect(await client.session()).not.toHaveProperty('name')
  })

  test('of another kind: clear() deletes the names, regenerate() says what to use', async () => {
    const kept: Record<string, unknown> = { count: 1 }
    const { client, reported } = appWith(app => {
      Object.defineProperty(app.context, 'session', { get: () => kept })
    })
    expect((await client.get('/regenerate')).status).toBe(500)
    expect(reported).toEqual([expect.stringContaining('its middleware has no regenerate()')])
    await client.get('/clear')
    expect(kept).toEqual({})
  })

  test('with a clear() of its own: that one is called', async () => {
    const clear = jest.fn()
    const { client } = appWith(app => {
      Object.defineProperty(app.context, 'session', { get: () => ({ clear }) })
    })
    await client.get('/clear')
    expect(clear).toHaveBeenCalledTimes(1)
  })

  test('which is null by the end, or from the start', async () => {
    const { client, reported } = appWith(app => {
      app.use(koaSession(app))
      app.use((ctx, next) => {
        if (ctx.path === '/read') Object.assign(ctx, { session: null })
        return next().then(() => undefined)
      })
      app.use(async (ctx, next) => {
        ctx.app.once('requestFinished', () => undefined)
        await next()
      })
    })
    expect((await client.get('/read')).status).toBe(500)
    expect(reported).toEqual([expect.stringContaining('null')])
  })

  test('which the view takes away after regenerate()', async () => {
    class App {
      @Route('/')
      index(ctx: Koa.Context) {
        session.regenerate()
        ctx.session = null
        return ''
      }
    }
    const app = new Koa({ keys: ['app'] })
    const store = new MemoryStore()
    app.use(koaSession({ store }, app))
    app.use(lifecycle(App))
    const client = testClient(app)
    await client.session(stored => (stored.count = 1))
    expect((await client.get('/')).status).toBe(200)
    expect(store.contents).toEqual([])
  })
})
