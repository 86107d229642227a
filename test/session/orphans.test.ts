import { once } from 'node:events'
import { request } from 'node:http'
import {
  AfterRequest,
  ErrorHandler,
  Route,
  bootstrap,
  currentContext,
  session,
  type BootstrapOptions,
  type Class,
  type Context,
  type Response,
} from 'flaskoa'
import { testClient, type TestClient } from 'flaskoa/testing'
import { Gate, settled } from '../support/gate'
import { serve } from '../support/serve'
import { cookieHeader } from '../support/client'
import { setCookies } from '../support/session'
import { AtomicStore, MemoryStore } from '../support/stores'
import { withCause } from '../support/with-cause'

class App {
  @Route('/write')
  write() {
    session.name = 'Ada'
    return 'written'
  }
  @Route('/regenerate')
  regenerate() {
    session.name = 'Bea'
    session.regenerate()
    return ''
  }
  @Route('/again')
  again() {
    session.clear()
    session.name = 'Cleo'
    return ''
  }
}

class WithHandler extends App {
  @ErrorHandler(500)
  failed() {
    return 'handled'
  }
}

class Clearing extends App {
  @ErrorHandler(500)
  failed() {
    session.clear()
    return 'handled'
  }
}

class Renewing extends App {
  @ErrorHandler(500)
  failed() {
    session.clear()
    session.count = 1
    return 'handled'
  }
}

/** An application with a store that is empty or has one session, and a listener that throws after the first save. */
function appOf(controller: Class, { failing = false, ...options }: BootstrapOptions & { failing?: boolean } = {}) {
  const store = new MemoryStore()
  const reported: string[] = []
  const app = bootstrap(controller, {
    secretKey: 'secret',
    logger: false,
    ...options,
    session: { store, ...options.session },
  })
  app.on('error', (error: Error) => reported.push(withCause(error)))
  let isFailing = failing
  app.on('requestFinished', () => {
    const fails = isFailing
    isFailing = false
    if (fails) throw new Error('from a listener')
  })
  return { app, client: testClient(app), store, reported }
}

/** Each row in the store belongs to a key that the client has. */
async function expectNoOrphan(client: TestClient, store: MemoryStore, rows: object[]) {
  await settled()
  expect(store.contents).toEqual(rows)
  const cookie = cookieHeader(client)
  for (const key of store.kept.keys()) expect(cookie).toContain(key)
}

describe('a new session whose response is replaced by an error page', () => {
  test.each<[string, Class, BootstrapOptions, object[]]>([
    ['the bare page: destroyed', App, {}, []],
    ['the second pass: saved under the same key', WithHandler, {}, [{ name: 'Ada' }]],
    [
      'after methods on the 500: saved under the same key',
      App,
      { afterRequestOnUnhandledError: true },
      [{ name: 'Ada' }],
    ],
    ['a handler that clears it: destroyed', Clearing, {}, []],
    ['a handler that begins another: that one stays', Renewing, {}, [{ count: 1 }]],
  ])('%s', async (_, controller, options, rows) => {
    const { client, store } = appOf(controller, { failing: true, ...options })
    const response = await client.get('/write')
    expect(setCookies(response).length > 0).toBe(rows.length > 0 || controller === Clearing)
    await expectNoOrphan(client, store, rows)
  })

  test('the second pass fails as well: destroyed', async () => {
    class Failing extends WithHandler {
      runs = 0
      @AfterRequest
      after(response: Response) {
        if (this.runs++ > 0) throw new Error('from an after method')
        return response
      }
    }
    const { client, store } = appOf(Failing, { failing: true })
    expect((await client.get('/write')).text).toBe('handled')
    await expectNoOrphan(client, store, [])
  })

  test('exceptions propagate: destroyed', async () => {
    const { client, store } = appOf(App, { failing: true, testing: true })
    await expect(client.get('/write')).rejects.toThrow('from a listener')
    await expectNoOrphan(client, store, [])
  })

  test.each<[string, (ctx: Context) => unknown]>([
    [
      'outer middleware throws',
      () => {
        throw new Error('from outside')
      },
    ],
    ['outer middleware removes the cookie', ctx => ctx.remove('Set-Cookie')],
    [
      'the body is an error',
      ctx =>
        Object.assign(ctx, {
          body: new globalThis.ReadableStream({ start: controller => controller.error(new Error('broken')) }),
        }),
    ],
  ])('%s: destroyed', async (_, spoil) => {
    const { client, store } = appOf(App, {
      middleware: [
        async (ctx, next) => {
          await next()
          spoil(ctx as Context)
        },
      ],
    })
    await client.get('/write').catch(() => undefined)
    await settled()
    await expectNoOrphan(client, store, [])
  })

  test('it can’t be destroyed: the error is reported', async () => {
    const { client, store, reported } = appOf(App, { failing: true })
    store.before = command => {
      if (command === 'destroy') throw new Error('no destroy')
    }
    await client.get('/write')
    await settled()
    expect(reported).toEqual([
      'from a listener',
      'The session store MemoryStore failed to destroy a session: no destroy',
    ])
  })

  test('the client has disconnected by then: destroyed', async () => {
    const gate = new Gate()
    class Slow {
      @Route('/')
      async index() {
        await gate.pass()
        session.name = 'Ada'
        return ''
      }
    }
    const { app, store } = appOf(Slow)
    const closed = new Promise(resolve => app.use((ctx, next) => (ctx.res.once('close', resolve), next())))
    app.middleware.unshift(app.middleware.pop() as never)
    await serve(app, async url => {
      const client = request(url)
        .on('error', () => undefined)
        .end()
      await gate.reached
      client.destroy()
      await closed
      const torn = once(app, 'appContextPopped')
      gate.open()
      await torn
      await settled()
      expect([store.log, store.contents]).toEqual([['set', 'destroy'], []])
    })
  })
})

describe('a session whose cookie can’t be set', () => {
  const tooLate = 'it needs a new key, but the response headers that would carry the key are already sent'

  function byHand(change: () => unknown) {
    class ByHand extends App {
      @Route('/')
      index() {
        const { res } = Object.assign(currentContext(), { respond: false })
        change()
        res.writeHead(200)
        res.end('by hand')
        return 'not sent'
      }
    }
    return appOf(ByHand)
  }

  test.each<[string, () => unknown]>([['new', () => (session.name = 'Ada')]])(
    'it is %s, and the headers are out: not written',
    async (_, change) => {
      const { client, store, reported } = byHand(change)
      await client.get('/').catch(() => undefined)
      expect([store.log, reported]).toEqual([[], [expect.stringContaining(tooLate)]])
    },
  )

  test('it is there, and the headers are out: written, as the client has the key', async () => {
    const { client, store, reported } = byHand(() => (session.count = 1))
    await client.get('/write')
    await client.get('/')
    expect([store.contents, reported]).toEqual([[{ name: 'Ada', count: 1 }], []])
  })

  test('it is cleared, and the headers are out: destroyed', async () => {
    const { client, store, reported } = byHand(() => session.clear())
    await client.get('/write')
    await client.get('/')
    expect([store.contents, reported]).toEqual([[], []])
  })

  test('it gets a new key, and the headers are out: it stays as it was', async () => {
    const { client, store, reported } = byHand(() => session.regenerate())
    await client.get('/write')
    await client.get('/').catch(() => undefined)
    await expectNoOrphan(client, store, [{ name: 'Ada' }])
    expect(reported).toEqual([expect.stringContaining(tooLate)])
  })

  test.each<[string, object]>([
    ['a key that no cookie can have', { genid: () => 'a;b' }],
    [
      'an externalKey that throws',
      {
        externalKey: {
          get: () => undefined,
          set: () => {
            throw new Error('no key')
          },
        },
      },
    ],
  ])('%s: not left in the store', async (_, options) => {
    const { client, store } = appOf(App, { session: options })
    expect((await client.get('/write')).status).toBe(500)
    await settled()
    expect([store.log, store.contents]).toEqual([['set', 'destroy'], []])
  })

  test('beforeSave throws: nothing is written', async () => {
    const beforeSave = () => {
      throw new Error('from beforeSave')
    }
    const { client, store } = appOf(App, { session: { beforeSave } })
    expect((await client.get('/write')).status).toBe(500)
    expect(store.log).toEqual([])
  })

  test('the store fails though it has written: destroyed, and the second pass takes another key', async () => {
    const { client, store } = appOf(WithHandler)
    const original = store.set.bind(store)
    let times = 0
    store.set = async (key, content) => {
      await original(key, content)
      if (times++ === 0) throw new Error('no answer')
    }
    expect((await client.get('/write')).text).toBe('handled')
    await expectNoOrphan(client, store, [{ name: 'Ada' }])
  })
})

describe('a key that travels otherwise', () => {
  test.each<[string, (ctx: Context, key: string) => void]>([
    ['in a header', (ctx, key) => ctx.set('X-Session', key)],
    ['in code', (ctx, key) => ctx.set('X-Session', Buffer.from(key).toString('base64'))],
  ])('%s: the row stays', async (_, set) => {
    const { client, store } = appOf(App, { session: { externalKey: { get: () => undefined, set } } })
    await client.get('/write')
    await settled()
    expect(store.contents).toEqual([{ name: 'Ada' }])
  })

  test('in a header that an error page does not have: the row is destroyed', async () => {
    const externalKey = { get: () => undefined, set: (ctx: Context, key: string) => ctx.set('X-Session', key) }
    const { client, store } = appOf(App, { failing: true, session: { externalKey } })
    await client.get('/write')
    await settled()
    expect(store.contents).toEqual([])
  })
})

describe('clear() and regenerate()', () => {
  test('clear() without a session: the cookie is deleted, and the store is not called', async () => {
    class Clear {
      @Route('/')
      index() {
        session.clear()
        return ''
      }
    }
    const { client, store } = appOf(Clear)
    expect([setCookies(await client.get('/')).length, store.log]).toEqual([2, []])
  })

  test.each<[string, object[]]>([
    ['regenerate', [{ name: 'Bea' }]],
    ['again', [{ name: 'Cleo' }]],
  ])('/%s: the session has a new key, and the old row is destroyed', async (path, rows) => {
    for (const make of [() => new MemoryStore(), () => new AtomicStore()]) {
      const store = make()
      const { client } = appOf(App, { session: { store } })
      await client.get('/write')
      const [old] = store.kept.keys()
      await client.get(`/${path}`)
      await expectNoOrphan(client, store, rows)
      expect(store.kept.has(old as string)).toBe(false)
    }
  })

  test('regenerate() whose response is lost: the session is as it was, under the key that the client has', async () => {
    const { app, client, store } = appOf(App)
    await client.get('/write')
    app.once('requestFinished', () => {
      throw new Error('from a listener')
    })
    expect((await client.get('/regenerate')).status).toBe(500)
    await expectNoOrphan(client, store, [{ name: 'Ada' }])
    expect(await client.session()).toEqual({ name: 'Ada' })
  })

  test('regenerate() and the second pass: one new key', async () => {
    const { app, client, store } = appOf(WithHandler)
    await client.get('/write')
    app.once('requestFinished', () => {
      throw new Error('from a listener')
    })
    expect((await client.get('/regenerate')).text).toBe('handled')
    await expectNoOrphan(client, store, [{ name: 'Bea' }])
  })

  test('regenerate(), and the second pass clears: neither row stays', async () => {
    const { app, client, store } = appOf(Clearing)
    await client.get('/write')
    app.once('requestFinished', () => {
      throw new Error('from a listener')
    })
    expect((await client.get('/regenerate')).text).toBe('handled')
    await expectNoOrphan(client, store, [])
  })

  test('regenerate() of which the store fails once: the second pass does it', async () => {
    const { client, store } = appOf(WithHandler)
    await client.get('/write')
    const [old] = store.kept.keys()
    let times = 0
    store.before = command => {
      if (command === 'set' && times++ === 0) throw new Error('no set')
    }
    expect((await client.get('/regenerate')).text).toBe('handled')
    await expectNoOrphan(client, store, [{ name: 'Bea' }])
    expect(store.kept.has(old as string)).toBe(false)
  })
})
