import {
  AfterRequest,
  ErrorHandler,
  Route,
  bootstrap,
  makeResponse,
  session,
  type HttpError,
  type Response,
  type SessionOptions,
} from 'flaskoa'
import { testClient, type TestClient } from 'flaskoa/testing'
import { clientOf, cookieHeader } from '../support/client'
import { Gate } from '../support/gate'
import { sessionClient, sessionCookie, setCookies } from '../support/session'
import { AtomicStore, MemoryStore, ObjectStore, stores } from '../support/stores'

type Options = Omit<SessionOptions, 'store'>

/** A client with a session, and a view that waits at a gate before it does `slow`. */
async function begun(
  make: () => MemoryStore,
  slow: () => unknown,
  options: Options = {},
  content: object = { name: 'Ada', items: [1], count: 1 },
) {
  const store = make()
  const gate = new Gate()
  const client = sessionClient(
    {
      slow: async () => {
        await gate.pass()
        return slow()
      },
      clear: () => session.clear(),
      regenerate: () => session.regenerate(),
      empty: () => Object.keys(session).forEach(key => delete (session as unknown as Record<string, unknown>)[key]),
      name: () => (session.name = 'Bea'),
      count: () => (session.count = 2),
      push: () => session.items?.push(2),
      permanent: () => (session.permanent = true),
      noName: () => delete session.name,
      nothing: () => undefined,
    },
    { session: { store, ...options } },
  )
  await client.session(stored => Object.assign(stored, content))
  store.log.length = 0
  /** Sends `/slow`, and the others while it waits. */
  const meanwhile = async (...others: string[]) => {
    const response = client.get('/slow')
    await gate.reached
    for (const other of others) await client.get(`/${other}`)
    gate.open()
    return response
  }
  return { client, store, meanwhile }
}

describe.each(stores)('a store with %s', (_, make) => {
  describe('a session that another request has destroyed', () => {
    const changes: [string, Options, () => unknown][] = [
      ['a write', {}, () => (session.count = 5)],
      ['a change inside of a value', {}, () => session.items?.push(5)],
      ['a write with onConflict: last-write', { onConflict: 'last-write' }, () => (session.count = 5)],
      ['a removal', {}, () => delete session.name],
      ['the removal of everything', {}, () => Object.keys(session).forEach(key => delete session[key as 'name'])],
      ['a refresh', { rolling: true }, () => undefined],
      ['a refresh with onConflict: reject', { rolling: true, onConflict: 'reject' }, () => undefined],
      ['regenerate()', {}, () => session.regenerate()],
      ['regenerate() and a write', {}, () => [session.regenerate(), (session.count = 5)]],
    ]
    test.each(changes)('stays destroyed: %s', async (_, options, slow) => {
      const { client, store, meanwhile } = await begun(make, slow, options)
      const response = await meanwhile('clear')
      expect([response.status, setCookies(response), store.contents]).toEqual([200, [], []])
      expect(await client.session()).toEqual({})
    })

    test('stays destroyed by a removal of everything', async () => {
      const { store, meanwhile } = await begun(make, () => (session.count = 5))
      await meanwhile('empty')
      expect(store.contents).toEqual([])
    })

    test('stays destroyed by regenerate(), whose session has another key', async () => {
      const { client, store, meanwhile } = await begun(make, () => (session.count = 5))
      const response = await meanwhile('regenerate')
      expect([response.status, setCookies(response)]).toEqual([200, []])
      expect([store.contents, await client.session()]).toEqual([
        [{ name: 'Ada', items: [1], count: 1 }],
        { name: 'Ada', items: [1], count: 1 },
      ])
    })

    test('with onConflict: reject the write is a 409', async () => {
      const { store, meanwhile } = await begun(make, () => (session.count = 5), { onConflict: 'reject' })
      const response = await meanwhile('clear')
      expect([response.status, setCookies(response), store.contents]).toEqual([409, [], []])
    })

    test('a session that begins after clear() is another one', async () => {
      const { store, meanwhile } = await begun(make, () => [session.clear(), (session.count = 5)])
      const [key] = store.kept.keys()
      await meanwhile('clear')
      expect([store.contents, store.kept.has(key as string)]).toEqual([[{ count: 5 }], false])
    })

    test('and that the second pass clears: the cookie is deleted, and what is written then is another one', async () => {
      const store = make()
      const gate = new Gate()
      class App {
        @Route('/clear')
        clear() {
          session.clear()
          return ''
        }
        @Route('/')
        async index() {
          session.count = 1
          await gate.pass()
          return ''
        }
        @AfterRequest
        after(response: Response) {
          return response
        }
        @ErrorHandler(500)
        failed() {
          session.clear()
          session.name = 'new'
          return ''
        }
      }
      const app = bootstrap(App, { secretKey: 'secret', session: { store }, logger: false })
      const client = testClient(app)
      await client.session(stored => (stored.count = 0))
      let finished = 0
      app.on('requestFinished', () => {
        if (finished++ === 1) throw new Error('from a listener')
      })
      const response = client.get('/')
      await gate.reached
      await client.get('/clear')
      gate.open()
      await response
      expect([store.contents, await client.session()]).toEqual([[{ name: 'new' }], { name: 'new' }])
    })
  })

  test('a session that another request has destroyed is not refreshed, by the second pass neither', async () => {
    const store = make()
    const gate = new Gate()
    class App {
      @Route('/')
      async index() {
        await gate.pass()
        return ''
      }
      @ErrorHandler(500)
      failed() {
        return 'handled'
      }
    }
    const session = { store, rolling: true }
    const app = bootstrap(App, { secretKey: 'secret', session, logger: false })
    const client = testClient(app)
    await client.session(stored => (stored.count = 0))
    app.once('requestFinished', () => {
      throw new Error('from a listener')
    })
    const response = client.get('/')
    await gate.reached
    store.kept.clear()
    gate.open()
    const { text, headers } = await response
    expect([text, headers['set-cookie'], headers.vary, store.contents]).toEqual(['handled', undefined, undefined, []])
  })

  describe('a session that another request has changed', () => {
    test.each<[string, () => unknown, string[], object]>([
      ['other names', () => (session.count = 5), ['name', 'push'], { name: 'Bea', items: [1, 2], count: 5 }],
      ['the same name: the last write', () => (session.name = 'Eve'), ['name'], { name: 'Eve', items: [1], count: 1 }],
      ['the same value set again', () => (session.name = 'Ada'), ['name'], { name: 'Ada', items: [1], count: 1 }],
      ['inside of a value', () => session.items?.push(3), ['name'], { name: 'Bea', items: [1, 3], count: 1 }],
      ['a name that was deleted there', () => (session.count = 5), ['noName'], { items: [1], count: 5 }],
      ['a name that is deleted here', () => delete session.name, ['count'], { items: [1], count: 2 }],
      ['a deletion over a write', () => delete session.name, ['name'], { items: [1], count: 1 }],
      ['a write over a deletion', () => (session.name = 'Eve'), ['noName'], { items: [1], count: 1, name: 'Eve' }],
      [
        'a definition',
        () => Object.defineProperty(session, 'name', { value: 'Eve', enumerable: true, configurable: true }),
        ['name'],
        { name: 'Eve', items: [1], count: 1 },
      ],
    ])('merge: %s', async (_, slow, others, expected) => {
      const { client, meanwhile } = await begun(make, slow)
      expect((await meanwhile(...others)).status).toBe(200)
      expect(await client.session()).toEqual(expected)
    })

    test('merge: the last name is deleted here, another was added there', async () => {
      const { client, meanwhile } = await begun(make, () => delete session.name, {}, { name: 'Ada' })
      const response = await meanwhile('count')
      expect(sessionCookie(response)?.value).not.toBe('')
      expect(await client.session()).toEqual({ count: 2 })
    })

    test('merge: each has deleted one, which leaves nothing', async () => {
      const { store, meanwhile } = await begun(make, () => delete session.count, {}, { name: 'Ada', count: 1 })
      const response = await meanwhile('noName')
      expect([sessionCookie(response)?.value, store.contents]).toEqual(['', []])
    })

    test('merge: a refresh takes over everything', async () => {
      const { client, meanwhile } = await begun(make, () => undefined, { rolling: true, onConflict: 'last-write' })
      await meanwhile('name', 'count')
      expect(await client.session()).toEqual({ name: 'Bea', items: [1], count: 2 })
    })

    test('merge: a lifetime that was chosen there stays, in the cookie too', async () => {
      const { client, meanwhile } = await begun(make, () => (session.count = 5))
      const response = await meanwhile('permanent')
      expect(sessionCookie(response)?.attributes.join()).toContain('expires')
      await client.session(stored => {
        expect([stored.permanent, stored.count]).toEqual([true, 5])
      })
    })

    test('merge: a lifetime that is chosen here counts', async () => {
      const { client, meanwhile } = await begun(make, () => (session.maxAge = 1000))
      await meanwhile('permanent')
      await client.session(stored => {
        expect(stored.maxAge).toBe(1000)
      })
    })

    test('merge: clear() takes everything', async () => {
      const { store, meanwhile } = await begun(make, () => session.clear())
      await meanwhile('name', 'count')
      expect(store.contents).toEqual([])
    })

    test('merge: regenerate() takes over what was written there', async () => {
      const { client, store, meanwhile } = await begun(make, () => [session.regenerate(), (session.count = 5)])
      await meanwhile('name')
      expect(await client.session()).toEqual({ name: 'Bea', items: [1], count: 5 })
      expect(store.kept.size).toBe(1)
    })

    test('last-write: all that it has is written', async () => {
      const { client, meanwhile } = await begun(make, () => (session.count = 5), { onConflict: 'last-write' })
      await meanwhile('name')
      expect(await client.session()).toEqual({ name: 'Ada', items: [1], count: 5 })
    })

    test.each<[string, () => unknown]>([
      ['a write', () => (session.count = 5)],
      ['a change inside of a value', () => session.items?.push(5)],
      ['regenerate()', () => session.regenerate()],
      ['a removal of everything', () => Object.keys(session).forEach(key => delete session[key as 'name'])],
    ])('reject: %s is a 409, and nothing is written', async (_, slow) => {
      const { client, meanwhile } = await begun(make, slow, { onConflict: 'reject' })
      const response = await meanwhile('name')
      expect([response.status, response.text]).toEqual([409, expect.stringContaining('changed by another request')])
      expect(await client.session()).toEqual({ name: 'Bea', items: [1], count: 1 })
    })

    test('reject: another lifetime is a change too', async () => {
      const { meanwhile } = await begun(make, () => (session.count = 5), { onConflict: 'reject' })
      expect((await meanwhile('permanent')).status).toBe(409)
    })

    test.each<[string, string[], Options]>([
      ['others have only read', ['nothing'], {}],
      ['others have only made it last', ['nothing', 'nothing'], { maxAge: 100_000 }],
    ])('reject: no conflict when %s', async (_, others, options) => {
      const { client, meanwhile } = await begun(make, () => (session.count = 5), { onConflict: 'reject', ...options })
      expect((await meanwhile(...others)).status).toBe(200)
      expect(await client.session()).toMatchObject({ count: 5 })
    })
  })
})

describe('the 409', () => {
  test('goes to its handler, which sees what is stored and can write to it; all after methods run again', async () => {
    const gate = new Gate()
    const log: string[] = []
    class App {
      @Route('/')
      async index() {
        session.name = 'Ada'
        await gate.pass()
        return 'fine'
      }
      @Route('/count')
      count() {
        session.count = 5
        return ''
      }
      @ErrorHandler(409)
      conflict(error: HttpError & { code?: string }) {
        log.push(`${error.code} ${session.name} ${session.count}`)
        session.items = ['reported']
        return makeResponse('again, please', 409)
      }
      @AfterRequest
      after(response: Response) {
        log.push(`after ${response.status}`)
        return response
      }
    }
    const store = new MemoryStore()
    const client = clientOf(App, { session: { store, onConflict: 'reject' }, testing: true })
    await client.session(stored => (stored.count = 1))
    const response = client.get('/')
    await gate.reached
    await client.get('/count')
    gate.open()
    expect([(await response).status, (await response).text]).toEqual([409, 'again, please'])
    expect(log).toEqual(['after 200', 'after 200', 'SESSION_CONFLICT undefined 5', 'after 409'])
    expect(await client.session()).toEqual({ count: 5, items: ['reported'] })
  })

  test('again in the second pass takes the 500 path', async () => {
    const reported: Error[] = []
    const store = new MemoryStore()
    class App {
      @Route('/')
      index() {
        session.name = 'Ada'
        return ''
      }
      @ErrorHandler(409)
      conflict() {
        session.name = 'Bea'
        return 'never sent'
      }
    }
    const app = bootstrap(App, { secretKey: 'secret', session: { store, onConflict: 'reject' }, logger: false })
    const client = testClient(app)
    app.on('error', (error: Error) => reported.push(error))
    await client.session(stored => (stored.count = 0))
    // Somebody else writes before each look of the request at what is stored.
    let count = 0
    store.before = (command, key) => {
      if (command === 'get') store.kept.set(key, JSON.stringify({ count: ++count }))
    }
    const response = await client.get('/')
    expect([response.status, reported.map(error => error.message)]).toEqual([
      500,
      ['The session was changed by another request at the same time'],
    ])
    expect(store.contents).toEqual([{ count }])
  })

  test('ends a merge that loses to other requests again and again', async () => {
    const store = new AtomicStore()
    const client = sessionClient({ write: () => (session.name = 'Ada') }, { session: { store } })
    await client.session(stored => (stored.count = 0))
    let count = 0
    store.before = (command, key) => {
      if (command === 'compareAndSet') store.kept.set(key, JSON.stringify({ count: ++count }))
    }
    const response = await client.get('/write')
    expect([response.status, count, store.contents]).toEqual([409, 100, [{ count: 100 }]])
  })

  test('is reported after the response of an error, which stays', async () => {
    class App {
      @Route('/')
      index(): string {
        session.name = 'Ada'
        throw new Error('from the view')
      }
      @ErrorHandler(500)
      failed() {
        return 'handled'
      }
    }
    const store = new MemoryStore()
    const app = bootstrap(App, { secretKey: 'secret', session: { store, onConflict: 'reject' }, logger: false })
    const client = testClient(app)
    const reported: string[] = []
    app.on('error', (error: Error) => reported.push(error.message))
    await client.session(stored => (stored.count = 0))
    let count = 0
    store.before = (_, key) => store.kept.set(key, JSON.stringify({ count: ++count }))
    expect((await client.get('/')).text).toBe('handled')
    expect(reported).toEqual(['from the view', 'The session was changed by another request at the same time'])
  })
})

describe('parallel writes', () => {
  test('to a store that is slow: one after the other', async () => {
    const store = new MemoryStore()
    const first = new Gate()
    const client = sessionClient(
      { name: () => (session.name = 'Bea'), count: () => (session.count = 2), clear: () => session.clear() },
      { session: { store } },
    )
    await client.session(stored => (stored.items = [1]))
    store.log.length = 0
    let waits = true
    store.before = command => {
      if (command !== 'set' || !waits) return undefined
      waits = false
      return first.pass()
    }
    const name = client.get('/name')
    await first.reached
    const others = [client.get('/count'), client.get('/clear')]
    await new Promise(resolve => setImmediate(resolve))
    expect(store.log).toEqual(['get', 'get', 'set', 'get', 'get'])
    first.open()
    await Promise.all([name, ...others])
    expect(store.log).toEqual(['get', 'get', 'set', 'get', 'get', 'get', 'set', 'destroy'])
    expect(store.contents).toEqual([])
  })

  test('a failed write does not stop the others', async () => {
    const store = new MemoryStore()
    const gate = new Gate()
    const client = sessionClient(
      { name: () => (session.name = 'Bea'), count: () => (session.count = 2) },
      { session: { store } },
    )
    await client.session(stored => (stored.items = [1]))
    let waits = true
    store.before = async command => {
      if (command !== 'set' || !waits) return
      waits = false
      await gate.pass()
      throw new Error('away')
    }
    const name = client.get('/name')
    await gate.reached
    const count = client.get('/count')
    gate.open()
    expect([(await name).status, (await count).status]).toEqual([500, 200])
    expect(await client.session()).toEqual({ items: [1], count: 2 })
  })

  test('to a store that keeps the very objects: a change inside of a value is not taken for that of another request', async () => {
    const store = new ObjectStore()
    const client = sessionClient(
      { push: () => session.items?.push(2), read: () => session.items },
      { session: { store, onConflict: 'reject' } },
    )
    await client.session(stored => (stored.items = [1]))
    expect((await client.get('/push')).status).toBe(200)
    expect((await client.get('/read')).json()).toEqual([[1, 2]])
  })

  test('in two applications with one store', async () => {
    const store = new MemoryStore()
    const gate = new Gate()
    const actions = {
      slow: async () => {
        await gate.pass()
        session.name = 'Ada'
      },
      count: () => (session.count = 2),
    }
    const [one, two] = [1, 2].map(() => sessionClient(actions, { session: { store } }))
    await one?.session(stored => (stored.items = [1]))
    const headers = { cookie: cookieHeader(one as TestClient) }
    const slow = one?.get('/slow')
    await gate.reached
    await two?.get('/count', { headers })
    gate.open()
    await slow
    expect(store.contents).toEqual([{ items: [1], name: 'Ada', count: 2 }])
  })
})

test('a stored value under a reserved name is not merged', async () => {
  const { client, store, meanwhile } = await begun(
    () => new MemoryStore(),
    () => {
      const [key] = store.kept.keys()
      store.kept.set(key as string, '{"name":"Bea","clear":1,"permanent":true,"_maxAge":5000}')
      session.count = 5
    },
  )
  await meanwhile()
  expect(await client.session()).toEqual({ name: 'Bea', count: 5 })
})
