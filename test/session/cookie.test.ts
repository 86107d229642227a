import { Readable } from 'node:stream'
import Koa from 'koa'
import createSession from 'koa-session'
import {
  AfterRequest,
  BeforeRequest,
  ErrorHandler,
  Route,
  TeardownRequest,
  afterThisRequest,
  bootstrap,
  currentContext,
  lifecycle,
  session,
  streamWithContext,
  type Context,
  type Response,
  type SessionOptions,
} from 'flaskoa'
import { testClient } from 'flaskoa/testing'
import { ask } from '../support/ask'
import { clientOf } from '../support/client'
import { settled } from '../support/gate'
import { serve } from '../support/serve'
import { contentOf, sessionClient, sessionCookie, setCookies } from '../support/session'

/** What visitors do in most of these tests. */
const actions = {
  nothing: () => undefined,
  write: () => (session.name = 'Ada'),
  read: () => session.name,
  same: () => (session.name = session.name as string),
  push: () => (session.items ??= []).push('new'),
  define: () => Object.defineProperty(session, 'name', { value: 'Ada', enumerable: true, writable: true }) && 'done',
  remove: () => delete session.name,
  removeMissing: () => delete session.count,
  clear: () => session.clear(),
}

const DELETED = 'expires=Thu, 01 Jan 1970 00:00:00 GMT'

describe('the cookie', () => {
  test('[13.9] is HttpOnly and SameSite=Lax, for the whole site, until the browser closes', async () => {
    const response = await sessionClient(actions).get('/write')
    expect(sessionCookie(response)?.attributes).toEqual(['path=/', 'samesite=lax', 'httponly'])
    expect(setCookies(response)).toEqual([
      expect.stringMatching(/^koa\.sess=[\w=]+; path=\/; samesite=lax; httponly$/),
      expect.stringMatching(/^koa\.sess\.sig=[\w-]+; path=\/; samesite=lax; httponly$/),
    ])
  })

  test('[13.9] can be made otherwise', async () => {
    const client = sessionClient(actions, {
      session: { key: 'id', path: '/app', domain: 'localhost', sameSite: 'strict', secure: true, httpOnly: false },
      koa: { proxy: true },
    })
    const response = await client.get('/write', { headers: { 'X-Forwarded-Proto': 'https' } })
    expect(sessionCookie(response, 'id')?.attributes).toEqual([
      ...['path=/app', 'domain=localhost', 'samesite=strict', 'secure'],
    ])
  })

  test('[13.9] an option that is undefined keeps its default', async () => {
    const unset = { key: undefined, maxAge: undefined, sameSite: undefined } as unknown as SessionOptions
    const response = await sessionClient(actions, { session: unset }).get('/write')
    expect(sessionCookie(response)?.attributes).toEqual(['path=/', 'samesite=lax', 'httponly'])
  })

  test('[13.9] is Secure over HTTPS', async () => {
    const client = sessionClient(actions, { koa: { proxy: true } })
    const response = await client.get('/write', { headers: { 'X-Forwarded-Proto': 'https' } })
    expect(sessionCookie(response)?.attributes).toContain('secure')
  })

  test('is sent beside other cookies', async () => {
    const client = sessionClient({
      both: () => {
        currentContext().cookies.set('own', '1', { signed: false })
        session.name = 'Ada'
      },
    })
    const names = setCookies(await client.get('/both')).map(cookie => cookie.split('=')[0])
    expect(names).toEqual(['own', 'koa.sess', 'koa.sess.sig'])
  })

  test('[13.2] holds the whole content', async () => {
    const client = sessionClient(actions)
    expect(contentOf(sessionCookie(await client.get('/write')))).toMatchObject({ name: 'Ada' })
    expect(contentOf(sessionCookie(await client.get('/push')))).toMatchObject({ name: 'Ada', items: ['new'] })
    expect(await client.session()).toEqual({ name: 'Ada', items: ['new'] })
  })
})

describe('when it is saved', () => {
  test.each([
    ['[13.2, 13.3] a write', ['write'], true],
    ['[13.3] a write of the value that was there', ['write', 'same'], true],
    ['[13.3] a definition', ['define'], true],
    ['[13.3] a change inside of a list', ['push', 'push'], true],
    ['[13.3] a removal', ['push', 'write', 'remove'], true],
    ['[13.2] nothing', ['nothing'], false],
    ['[13.2] nothing, with a session', ['write', 'nothing'], false],
    ['[13.3] a read', ['write', 'read'], false],
    ['[13.3] the removal of a name that is not there', ['write', 'removeMissing'], false],
  ])('%s', async (_, visits, saved) => {
    const client = sessionClient(actions)
    for (const visit of visits.slice(0, -1)) await client.get(`/${visit}`)
    expect(setCookies(await client.get(`/${visits.at(-1)}`)).length).toBe(saved ? 2 : 0)
  })

  test.each([
    ['its last value goes', ['write', 'remove']],
    ['it is cleared', ['write', 'clear']],
    ['it is cleared though there was none', ['clear']],
  ])('[13.2] it is deleted when %s', async (_, visits) => {
    const client = sessionClient(actions)
    for (const visit of visits.slice(0, -1)) await client.get(`/${visit}`)
    const response = await client.get(`/${visits.at(-1)}`)
    expect(sessionCookie(response)).toEqual({ value: '', attributes: expect.arrayContaining([DELETED]) })
    expect([...client.cookies]).toEqual([])
    expect((await client.get('/read')).json()).toEqual([null])
  })

  test('[13.2] what is set and removed in one request leaves nothing to delete or keep', async () => {
    const client = sessionClient({
      both: () => {
        session.name = 'Ada'
        delete session.name
      },
    })
    expect(sessionCookie(await client.get('/both'))?.value).toBe('')
  })

  test('[13.3] isNew and modified reflect what happened', async () => {
    const states: unknown[] = []
    const note = () => states.push([session.isNew, session.modified])
    const client = sessionClient({
      write: () => {
        note()
        session.name = 'Ada'
        note()
      },
      read: note,
    })
    await client.get('/write')
    await client.get('/read')
    expect(states).toEqual([
      [true, false],
      [true, true],
      [false, false],
    ])
  })

  test('[13.1] opened before all methods, saved after all after methods', async () => {
    class App {
      @BeforeRequest
      before() {
        session.items = ['before']
        afterThisRequest(this.add('after this'))
      }
      @Route('/')
      index() {
        session.items?.push('view')
        return ''
      }
      @AfterRequest
      last(response: Response) {
        return this.add('last')(response)
      }
      @AfterRequest
      first(response: Response) {
        expect(response.headers).not.toHaveProperty('set-cookie')
        return this.add('first')(response)
      }
      @TeardownRequest
      teardown() {
        session.items?.push('teardown')
      }
      private readonly add = (item: string) => (response: Response) => {
        session.items?.push(item)
        return response
      }
    }
    const client = clientOf(App, { testing: true })
    await client.get('/')
    expect(await client.session()).toEqual({ items: ['before', 'view', 'after this', 'first', 'last'] })
  })

  test('[13.1] saved also when a before method answered, and for an unknown URL', async () => {
    class App {
      @BeforeRequest
      before() {
        session.count = (session.count ?? 0) + 1
        return session.count === 1 ? 'answer' : undefined
      }
      @Route('/')
      index() {
        return ''
      }
    }
    const client = clientOf(App)
    expect((await client.get('/')).text).toBe('answer')
    expect((await client.get('/unknown')).status).toBe(404)
    expect((await client.post('/')).status).toBe(405)
    expect((await client.options('/')).status).toBe(200)
    expect(await client.session()).toEqual({ count: 4 })
  })
})

describe('Vary: Cookie', () => {
  test.each([
    ['[13.4] a read', 'read', 'Cookie'],
    ['[13.4] a write', 'write', 'Cookie'],
    ['[13.4] a deletion', 'clear', 'Cookie'],
    ['[13.4] a look at its names', 'keys', 'Cookie'],
    ['[13.4] a look for a name', 'in', 'Cookie'],
    ['[13.4] no use', 'nothing', undefined],
  ])('%s', async (_, visit, vary) => {
    const client = sessionClient({ ...actions, keys: () => Object.keys(session), in: () => 'name' in session })
    expect((await client.get(`/${visit}`)).header('Vary')).toBe(vary)
    await client.get('/write')
    expect((await client.get(`/${visit}`)).header('Vary')).toBe(vary)
  })

  test('[13.4] is added to what varies already', async () => {
    const client = sessionClient(actions, {
      middleware: [
        async (ctx, next) => {
          ctx.vary('Origin')
          await next()
        },
      ],
    })
    expect((await client.get('/read')).header('Vary')).toBe('Origin, Cookie')
  })

  describe('of a stream that keeps its request', () => {
    const streams = {
      first: () => streamWithContext(() => [String(session.name)]),
      later: () =>
        streamWithContext(function* () {
          yield 'a'
          yield String(session.name)
        }),
      waiting: () =>
        streamWithContext(async function* () {
          await settled()
          yield String(session.name)
        }),
      unused: () => streamWithContext(['a']),
    }
    class App {
      @Route('/write')
      write() {
        session.name = 'Ada'
        return ''
      }
      @Route('/plain')
      plain() {
        return Readable.from(['a'], { objectMode: false })
      }
      @Route('/<name>')
      stream({ name }: { name: string }) {
        return streams[name as keyof typeof streams]()
      }
      @Route('/varies')
      varies(ctx: Context) {
        ctx.vary('Origin')
        return streamWithContext(['a'])
      }
      @Route('/fails')
      fails(): string {
        streamWithContext(['a'])
        throw new Error('no stream')
      }
    }

    test.each(['first', 'later', 'waiting', 'unused', 'varies'])(
      '[13.4] %s: is sent, whatever the stream will read, also to HEAD',
      async path => {
        const app = bootstrap(App, { secretKey: 'secret', logger: false })
        await serve(app, async url => {
          const { headers } = await ask(`${url}/write`)
          const cookie = (headers['set-cookie'] ?? []).map(each => each.split(';')[0]).join('; ')
          const vary = path === 'varies' ? 'Origin, Cookie' : 'Cookie'
          for (const sent of [{ cookie }, {}] as Record<string, string>[]) {
            for (const method of ['GET', 'HEAD']) {
              expect((await ask(`${url}/${path}`, { method, headers: sent })).headers.vary).toBe(vary)
            }
          }
          if (path === 'later') expect((await ask(`${url}/later`, { headers: { cookie } })).text).toBe('aAda')
        })
      },
    )

    test('[13.4] not without a session, and not for other streams', async () => {
      expect((await testClient(bootstrap(App)).get('/unused')).header('Vary')).toBeUndefined()
      expect((await clientOf(App).get('/plain')).header('Vary')).toBeUndefined()
    })

    test('in a Koa application whose session is its own, Vary is its own', async () => {
      const app = new Koa()
      app.keys = ['secret']
      app.use(createSession(app)).use(lifecycle(App))
      expect((await testClient(app).get('/unused')).header('Vary')).toBeUndefined()
    })

    test('an error handler may make a stream when the session could not be opened', async () => {
      class Broken {
        @Route('/')
        index() {
          return ''
        }
        @ErrorHandler(500)
        failed() {
          return streamWithContext(['failed'])
        }
      }
      const store = { get: () => Promise.reject(new Error('down')), set: () => undefined, destroy: () => undefined }
      const client = clientOf(Broken, { session: { store, signed: false } })
      expect((await client.get('/', { headers: { cookie: 'koa.sess=key' } })).text).toBe('failed')
    })

    test('middleware of the application may have destroyed its own session', async () => {
      const app = new Koa()
      app.keys = ['secret']
      app.use(createSession(app)).use((ctx: Context, next: Koa.Next) => {
        ctx.session = null
        return next()
      })
      app.use(lifecycle(App))
      expect((await testClient(app).get('/unused')).text).toBe('a')
    })
  })
})
