import {
  AfterRequest,
  BeforeRequest,
  Route,
  TeardownRequest,
  afterThisRequest,
  currentContext,
  session,
  type Response,
  type SessionOptions,
} from 'flaskoa'
import { clientOf } from '../support/client'
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
})
