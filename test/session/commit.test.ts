import koaSession from 'koa-session'
import {
  ErrorHandler,
  Get,
  bootstrap,
  currentContext,
  lifecycle,
  session,
  streamWithContext,
  type AssignedSession,
  type Context,
  type Session,
} from 'flaskoa'
import { testClient } from 'flaskoa/testing'
import { clientOf } from '../support/client'
import { sessionClient, sessionCookie, setCookies } from '../support/session'
import { MemoryStore, stores } from '../support/stores'
import { koaOf } from '../support/worlds'
import { withCause } from '../support/with-cause'

/** What a callback gets: the message of its error. */
const calledBack = (call: (callback: (error?: Error) => void) => unknown) =>
  new Promise<string | undefined>(resolve => {
    call(error => {
      resolve(error && withCause(error))
    })
  })

const assign = (value: unknown) => {
  currentContext().session = value as AssignedSession
}

const write = () => (session.name = 'Ada')

describe('session.save()', () => {
  test.each(stores)('saves at once: %s', async (_, createStore) => {
    const store = createStore()
    const seen: unknown[] = []
    const save = async () => {
      session.name = 'Ada'
      await session.save()
      seen.push(...store.contents, session.modified)
      session.count = 1
    }
    const client = sessionClient({ save }, { session: { store } })
    const response = await client.get('/save')
    expect(seen).toEqual([{ name: 'Ada' }, true])
    expect(setCookies(response)).toHaveLength(2)
    expect(await client.session()).toEqual({ name: 'Ada', count: 1 })
    expect(store.contents).toEqual([{ name: 'Ada', count: 1 }])
  })

  test.each([undefined, new MemoryStore()])('saves an empty session', async store => {
    const actions = { save: () => session.save(), isNew: () => session.isNew }
    const client = sessionClient(actions, { session: { ...(store && { store }) } })
    expect(sessionCookie(await client.get('/save'))).toBeDefined()
    expect((await client.get('/isNew')).json()).toEqual([false])
    expect(store?.contents ?? [{}]).toEqual([{}])
  })

  test.each([undefined, new MemoryStore()])('keeps a session deleted that clear() has emptied', async store => {
    const clear = async () => {
      session.clear()
      await session.save()
    }
    const client = sessionClient({ write, clear }, { session: { ...(store && { store }) } })
    await client.get('/write')
    expect(sessionCookie(await client.get('/clear'))?.value).toBe('')
    expect(store?.contents ?? []).toEqual([])
  })

  test.each([undefined, new MemoryStore()])('sends its cookie with an error page as well', async store => {
    class App {
      @Get('/') async save() {
        write()
        await session.save()
        if (session.populated) throw new RangeError('later')
        return ''
      }
      @ErrorHandler(RangeError) handle() {
        return 'handled'
      }
    }
    const client = clientOf(App, { session: { ...(store && { store }) } })
    expect((await client.get('/')).text).toBe('handled')
    expect(await client.session()).toEqual({ name: 'Ada' })
    expect(store?.contents ?? [{ name: 'Ada' }]).toEqual([{ name: 'Ada' }])
  })

  test.each(stores)('what another request has written since stays: %s', async (_, createStore) => {
    const store = createStore()
    const actions = {
      write,
      other: () => (session.name = 'Grace'),
      act: async () => {
        session.name = 'Ada Lovelace'
        session.permanent = true
        session.regenerate()
        await session.save()
        if (session.externalKey !== undefined) {
          const content = { ...(JSON.parse(store.kept.get(session.externalKey) ?? '') as object), name: 'Grace' }
          store.kept.set(session.externalKey, JSON.stringify(content))
        }
      },
    }
    for (const onConflict of ['merge', 'reject'] as const) {
      const client = sessionClient(actions, { session: { store, onConflict } })
      await client.get('/write')
      expect((await client.get('/act')).status).toBe(200)
      expect((await client.session()).name).toBe('Grace')
    }
  })

  test('in a stream, with a store', async () => {
    class App {
      @Get('/write') write() {
        return write()
      }
      @Get('/') stream() {
        return streamWithContext(async function* () {
          yield 'one'
          session.count = 5
          await session.save()
          yield 'two'
        })
      }
    }
    const store = new MemoryStore()
    const client = clientOf(App, { session: { store } })
    await client.get('/write')
    await client.get('/')
    expect(store.contents).toEqual([{ name: 'Ada', count: 5 }])
  })

  test('in a stream of the request that has made the session, with a store', async () => {
    class App {
      @Get('/') stream() {
        write()
        return streamWithContext(async function* () {
          yield 'one'
          session.count = 5
          await session.save()
          yield 'two'
        })
      }
    }
    const store = new MemoryStore()
    expect((await clientOf(App, { session: { store } }).get('/')).text).toBe('onetwo')
    expect(store.contents).toEqual([{ name: 'Ada', count: 5 }])
  })

  const inCookie = 'it is in a cookie, but the response headers that would carry the cookie are already sent'
  const newKey = 'it needs a new key, but the response headers that would carry the key are already sent'

  test.each<[string, () => unknown, string, (() => MemoryStore) | undefined]>([
    ['in a cookie', () => (session.count = 5), inCookie, undefined],
    ['cleared in a cookie', () => session.clear(), inCookie, undefined],
    ['with a new key in a store', () => session.regenerate(), newKey, () => new MemoryStore()],
  ])('in a stream, %s: an error that says why', async (_, change, message, makeStore) => {
    const errors: string[] = []
    class App {
      @Get('/') stream() {
        write()
        return streamWithContext(async function* () {
          yield 'one'
          change()
          for (const save of [() => session.save(), () => session.manuallyCommit()]) {
            await save().catch((error: unknown) => errors.push((error as Error).message))
          }
        })
      }
    }
    await clientOf(App, makeStore && { session: { store: makeStore() } }).get('/')
    const expected = expect.stringContaining(message) as string
    expect(errors).toEqual([expected, expected])
  })

  test('of a store that fails', async () => {
    const store = new MemoryStore()
    store.before = () => {
      throw new Error('down')
    }
    const seen: unknown[] = []
    const actions = {
      waits: async () => {
        write()
        seen.push(await calledBack(callback => session.save(callback)))
        seen.push(await session.save().catch((error: unknown) => (error as Error).name))
      },
      // The rejected promise is no unhandled one: the end of the request fails.
      leaves: () => {
        write()
        void session.save()
      },
    }
    const client = sessionClient(actions, { session: { store } })
    expect((await client.get('/waits')).status).toBe(500)
    expect(seen).toEqual(['The session store MemoryStore failed to set a session: down', 'SessionStoreError'])
    expect((await client.get('/leaves')).status).toBe(500)
  })

  test('of a session that another request has changed', async () => {
    const store = new MemoryStore()
    class App {
      @Get('/write') write() {
        return write()
      }
      @Get('/') async save() {
        store.kept.set(session.externalKey as string, '{"name":"Grace","_session":true}')
        session.name = 'Ada Lovelace'
        await session.save()
        return ''
      }
      @ErrorHandler(409) conflict() {
        return session.name ?? ''
      }
    }
    const client = clientOf(App, { session: { store, onConflict: 'reject' } })
    await client.get('/write')
    expect((await client.get('/')).text).toBe('Grace')
    expect(store.contents).toEqual([{ name: 'Grace' }])
  })
})

test('session.manuallyCommit() saves at once what has changed, and nothing else', async () => {
  const store = new MemoryStore()
  const actions = { commit: () => session.manuallyCommit(), write: () => (write(), session.manuallyCommit()) }
  const client = sessionClient(actions, { session: { store } })
  await client.get('/commit')
  expect(store.log).toEqual([])
  await client.get('/write')
  expect(store.contents).toEqual([{ name: 'Ada' }])
})

test('session.commit({ regenerate: true }) moves the session to a new key at once', async () => {
  const store = new MemoryStore()
  const keys: unknown[] = []
  const commit = async () => {
    keys.push(session.externalKey)
    await session.commit({ regenerate: true })
    keys.push(session.externalKey)
  }
  const client = sessionClient({ write, commit, key: () => session.externalKey }, { session: { store } })
  await client.get('/write')
  await client.get('/commit')
  expect(new Set(keys).size).toBe(2)
  expect((await client.get('/key')).json()).toEqual([keys[1]])
  expect([...store.kept.keys()]).toEqual([keys[1]])
})

describe('session.externalKey', () => {
  test('is the key that the client gets', async () => {
    const key = () => (write(), session.externalKey)
    const client = sessionClient({ key }, { session: { store: new MemoryStore() } })
    const first = await client.get('/key')
    expect(first.json()).toEqual([sessionCookie(first)?.value])
    expect((await client.get('/key')).json()).toEqual(first.json())
  })

  test('of a session in the cookie, and of one that was cleared in it', async () => {
    const key = async () => {
      session.clear()
      await session.manuallyCommit()
      return session.externalKey === undefined
    }
    const client = sessionClient({ write, key })
    await client.get('/write')
    expect((await client.get('/key')).json()).toEqual([true])
  })
})

describe('ctx.session = …', () => {
  test.each([5, 'Ada', undefined, true])('%p: an error', async value => {
    const client = sessionClient({ assign: () => assign(value) }, { testing: true })
    await expect(client.get('/assign')).rejects.toThrow('assign null, which destroys the session, or an object')
  })

  test.each([
    'save',
    'regenerate',
    'manuallyCommit',
    'commit',
    'length',
    'populated',
    'externalKey',
    'toJSON',
    'isNew',
    '_x',
  ])('an object with the name %s: an error, and nothing has changed', async name => {
    const seen: unknown[] = []
    const act = () => {
      expect(() => {
        assign({ count: 1, [name]: 2 })
      }).toThrow(`session key ${name}`)
      expect(() => Reflect.set(session, name, 2)).toThrow(`session key ${name}`)
      seen.push(session.toJSON())
    }
    const client = sessionClient({ write, act })
    await client.get('/write')
    await client.get('/act')
    expect(seen).toEqual([{ name: 'Ada' }])
  })

  test.each(stores)('an object keeps the key: %s', async (_, createStore) => {
    const store = createStore()
    const client = sessionClient({ write, act: () => assign({ count: 1 }) }, { session: { store } })
    await client.get('/write')
    const keys = [...store.kept.keys()]
    await client.get('/act')
    expect([...store.kept.keys()]).toEqual(keys)
    expect(store.contents).toEqual([{ count: 1 }])
  })

  test('the session itself, an empty object, null', async () => {
    const client = sessionClient({
      write,
      itself: () => assign(currentContext().session),
      empty: () => assign({}),
      null: () => assign(null),
    })
    await client.get('/write')
    await client.get('/itself')
    expect(await client.session()).toEqual({ name: 'Ada' })
    expect(sessionCookie(await client.get('/empty'))?.value).toBe('')
    await client.get('/write')
    expect(sessionCookie(await client.get('/null'))?.value).toBe('')
  })

  test('after null, ctx.session is null until there are values again', async () => {
    const act = () => {
      const ctx = currentContext() as { session: Session | null }
      ctx.session = null
      const seen: unknown[] = [ctx.session, session.name]
      session.count = 1
      return [...seen, ctx.session]
    }
    const client = sessionClient({ write, act })
    await client.get('/write')
    expect((await client.get('/act')).json()).toEqual([[null, null, { count: 1 }]])
    expect(await client.session()).toEqual({ count: 1 })
  })

  test('in a lifecycle inside of another one that has the session', async () => {
    class Outer {
      @Get('/write') write() {
        return write()
      }
    }
    class Inner {
      @Get('/null') act(ctx: Context) {
        ctx.session = null
        return String(ctx.session)
      }
    }
    const seen: unknown[] = []
    const app = bootstrap(Outer, { secretKey: 'secret' })
    app.use(async (ctx, next) => {
      await next()
      seen.push(ctx.session)
    })
    app.use(lifecycle(Inner))
    const client = testClient(app)
    await client.get('/write')
    expect((await client.get('/null')).text).toBe('null')
    expect(seen).toEqual([null])
    expect(await client.session()).toEqual({})
  })

  test('without a secret', async () => {
    const client = sessionClient(
      { object: () => assign({ count: 1 }), null: () => assign(null) },
      { secretKey: undefined, testing: true },
    )
    for (const path of ['/object', '/null']) await expect(client.get(path)).rejects.toThrow('no secret key is set')
  })
})

test('without a secret there is nothing to save, and no way to', async () => {
  const failing = {
    save: (callback?: () => void) => session.save(callback as never),
    regenerate: (callback?: () => void) => session.regenerate(callback as never),
    commit: (callback?: () => void) => session.commit({ save: true }, callback as never),
    renew: (callback?: () => void) => session.commit({ regenerate: true }, callback as never),
  }
  const seen: unknown[] = []
  const act = async () => {
    seen.push([
      session.length,
      session.populated,
      session.externalKey,
      session.toJSON(),
      await session.manuallyCommit(),
    ])
    seen.push(await session.commit(), await calledBack(callback => session.commit(callback)))
    for (const call of Object.values(failing)) {
      expect(await calledBack(call)).toMatch('no secret key is set')
      expect(() => call()).toThrow('no secret key is set')
    }
  }
  const client = sessionClient({ act }, { secretKey: undefined, testing: true })
  await client.get('/act')
  expect(seen).toEqual([[0, false, undefined, {}, undefined], undefined, undefined])
})

test.each(['anonymous', 'read-only'] as const)('a session that could not be read, %s', async onStoreFailure => {
  const store = new MemoryStore()
  const client = sessionClient(
    {
      write,
      act: async () => [
        await calledBack(callback => session.save(callback)),
        await calledBack(callback => session.regenerate(callback)),
        session.externalKey,
      ],
    },
    { session: { store, onStoreFailure } },
  )
  await client.get('/write')
  store.before = () => {
    throw new Error('down')
  }
  const failure = 'The session store MemoryStore failed to get a session'
  const refusal = onStoreFailure === 'anonymous' ? null : `The session cannot be changed at the moment: ${failure}`
  expect((await client.get('/act')).json()).toEqual([[null, refusal, null]])
})

describe('the session of an application that has its own', () => {
  test('without the methods of koa-session', async () => {
    const values = { name: 'Ada' }
    const app = koaOf((ctx, next) => {
      Object.defineProperty(ctx, 'session', { value: values, configurable: true })
      return next()
    })
    Object.defineProperty(app.context, 'session', { value: undefined, writable: true, configurable: true })
    class App {
      @Get('/') async act() {
        return { error: await calledBack(callback => session.regenerate(callback)), name: session.name }
      }
    }
    app.use(lifecycle(App))
    expect((await testClient(app).get('/')).json()).toEqual({
      error: expect.stringContaining('its middleware has no regenerate()') as string,
      name: 'Ada',
    })
  })

  test('koa-session that is used after bootstrap with a secret stays ctx.session', async () => {
    class App {
      @Get('/') act(ctx: Context) {
        return [ctx.session.name ?? null, write()]
      }
    }
    const app = bootstrap(App, { secretKey: 'secret' })
    koaSession({ key: 'own' }, app as never) satisfies unknown
    const client = testClient(app)
    await client.get('/')
    expect((await client.get('/')).json()).toEqual([null, 'Ada'])
    expect(await client.session()).toEqual({ name: 'Ada' })
  })
})

test('the test client’s session has them as well', async () => {
  const store = new MemoryStore()
  const client = sessionClient({ write }, { session: { store } })
  await client.session(async stored => {
    stored.count = 1
    await stored.save()
    expect(store.contents).toEqual([{ count: 1 }])
  })
  expect(await client.session()).toEqual({ count: 1 })
})
