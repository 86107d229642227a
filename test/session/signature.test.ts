import Keygrip from 'keygrip'
import { BeforeRequest, Route, bootstrap, session } from 'flaskoa'
import { testClient, type TestClient } from 'flaskoa/testing'
import { clientOf, cookieHeader } from '../support/client'
import { contentOf, sessionClient, sessionCookie, setCookies } from '../support/session'

const actions = {
  read: () => session.name,
  write: () => (session.name = 'Ada'),
  clear: () => session.clear(),
}

/** `client` with the session cookies of a client that wrote. */
async function withCookiesOf(secretKey: string | string[], client: TestClient): Promise<TestClient> {
  const other = sessionClient(actions, { secretKey })
  await other.get('/write')
  for (const { name, value, ...attributes } of other.cookies) client.cookies.set(name, value, attributes)
  return client
}

const encode = (content: unknown) => Buffer.from(JSON.stringify(content)).toString('base64')

describe('a session that cannot be trusted', () => {
  test('[13.7] is empty when another secret signed it', async () => {
    const client = await withCookiesOf('foreign', sessionClient(actions, { secretKey: 'own' }))
    const response = await client.get('/read')
    expect([response.status, response.json()]).toEqual([200, [null]])
  })

  test('[13.7] and can be written anew', async () => {
    const client = await withCookiesOf('foreign', sessionClient(actions, { secretKey: 'own' }))
    await client.get('/write')
    expect((await client.get('/read')).json()).toEqual(['Ada'])
  })

  test.each([
    ['without a signature', `koa.sess=${encode({ name: 'Eve' })}`],
    ['with a made-up signature', `koa.sess=${encode({ name: 'Eve' })}; koa.sess.sig=abc`],
    ['with an empty signature', `koa.sess=${encode({ name: 'Eve' })}; koa.sess.sig=`],
    ['that is empty', 'koa.sess=; koa.sess.sig='],
    ['and nothing but a signature', 'koa.sess.sig=abc'],
    ['of another shape', 'koa.sess; ;;=; koa.sess.sig=='],
  ])('[13.7] is empty for a cookie %s', async (_, cookie) => {
    const response = await sessionClient(actions).get('/read', { headers: { cookie } })
    expect([response.status, response.json(), setCookies(response)]).toEqual([200, [null], []])
  })

  test('[13.7] is empty when the content was changed under its signature', async () => {
    const client = sessionClient(actions)
    await client.get('/write')
    client.cookies.set('koa.sess', encode({ name: 'Eve' }))
    expect((await client.get('/read')).json()).toEqual([null])
  })

  test.each([
    ['no base64', '%%%%'],
    ['no JSON', Buffer.from('{"name":').toString('base64')],
    ['null', encode(null)],
    ['a number', encode(5)],
    ['a text', encode('name')],
    ['a list', encode(['name'])],
  ])('[13.7] is empty for signed content that is %s', async (_, content) => {
    const sig = new Keygrip(['secret']).sign(`koa.sess=${content}`)
    const client = sessionClient(actions, { secretKey: 'secret' })
    const response = await client.get('/read', { headers: { cookie: `koa.sess=${content}; koa.sess.sig=${sig}` } })
    expect([response.status, response.json()]).toEqual([200, [null]])
  })

  test('[13.7] is empty when its time is over', async () => {
    const content = encode({ _time: Date.now() - 2000, name: 'Ada', _expire: Date.now() - 1000, _maxAge: 1000 })
    const sig = new Keygrip(['secret']).sign(`koa.sess=${content}`)
    const client = sessionClient(actions, { secretKey: 'secret' })
    const response = await client.get('/read', { headers: { cookie: `koa.sess=${content}; koa.sess.sig=${sig}` } })
    expect(response.json()).toEqual([null])
  })

  test('values under reserved names are ignored', async () => {
    const content = encode({
      _time: Date.now(),
      name: 'Ada',
      modified: 1,
      isNew: 1,
      clear: 1,
      save: 1,
      permanent: 'x',
      length: 9,
    })
    const sig = new Keygrip(['secret']).sign(`koa.sess=${content}`)
    const cookie = `koa.sess=${content}; koa.sess.sig=${sig}`
    const client = sessionClient({ ...actions, count: () => (session.count = 1) }, { secretKey: 'secret' })
    expect((await client.get('/read', { headers: { cookie } })).json()).toEqual(['Ada'])
    expect((await client.get('/count', { headers: { cookie } })).status).toBe(200)
    expect(await client.session()).toEqual({ name: 'Ada', count: 1 })
    expect((await client.get('/clear', { headers: { cookie } })).status).toBe(200)
    expect(await client.session()).toEqual({})
  })
})

describe('several secrets', () => {
  test('an older one still verifies, the first signs', async () => {
    const client = await withCookiesOf('old', sessionClient(actions, { secretKey: ['new', 'old'] }))
    expect((await client.get('/read')).json()).toEqual(['Ada'])
    await client.get('/write')
    const cookie = cookieHeader(client)
    const later = sessionClient(actions, { secretKey: 'new' })
    expect((await later.get('/read', { headers: { cookie } })).json()).toEqual(['Ada'])
  })

  test('a secret that was taken out no longer verifies', async () => {
    const client = await withCookiesOf('oldest', sessionClient(actions, { secretKey: ['new', 'old'] }))
    expect((await client.get('/read')).json()).toEqual([null])
  })

  test('a read signs the cookie anew, with the attributes it had', async () => {
    const client = await withCookiesOf('old', sessionClient(actions, { secretKey: ['new', 'old'] }))
    const response = await client.get('/read')
    expect([contentOf(sessionCookie(response)), setCookies(response)]).toEqual([
      expect.objectContaining({ name: 'Ada' }),
      [
        expect.stringMatching(/^koa\.sess=[\w=]+; path=\/; samesite=lax; httponly$/),
        expect.stringMatching(/^koa\.sess\.sig=[\w-]+; path=\/; samesite=lax; httponly$/),
      ],
    ])
    expect(setCookies(await client.get('/read'))).toEqual([])
  })

  test('they are the keys of the Koa application', () => {
    class App {
      @Route('/')
      index() {
        return ''
      }
    }
    expect(bootstrap(App, { secretKey: ['new', 'old'] }).keys).toEqual(['new', 'old'])
    expect(bootstrap(App, { secretKey: 'one' }).keys).toEqual(['one'])
    expect(bootstrap(App).keys).toBeUndefined()
  })

  test('keys given to Koa itself sign the session as well', async () => {
    class App {
      @Route('/')
      index() {
        return [(session.count = (session.count ?? 0) + 1)]
      }
    }
    const client = testClient(bootstrap(App, { koa: { keys: ['koa'] } }))
    await client.get('/')
    expect((await client.get('/')).json()).toEqual([2])
  })
})

describe('no secret', () => {
  const noSecret = { secretKey: undefined, testing: true } as const

  test('[13.6] reading gives an empty session', async () => {
    const client = sessionClient(
      {
        read: () => [
          ...[session.name === undefined, 'name' in session, Object.keys(session), { ...session }],
          ...[session.isNew, session.modified, session.permanent, session.maxAge],
        ],
      },
      noSecret,
    )
    const response = await client.get('/read', { headers: { cookie: `koa.sess=${encode({ name: 'Eve' })}` } })
    expect(response.json()).toEqual([[true, false, [], {}, true, false, false, 'session']])
  })

  test.each<[string, () => unknown]>([
    ['a write', () => (session.name = 'Ada')],
    ['permanent', () => (session.permanent = true)],
    ['clear', () => session.clear()],
    ['delete', () => delete session.name],
    ['defineProperty', () => Object.defineProperty(session, 'name', { value: 'Ada' })],
  ])('[13.6] %s throws, with the remedy', async (_, write) => {
    const client = sessionClient({ write }, noSecret)
    await expect(client.get('/write')).rejects.toThrow(
      'The session cannot be written because no secret key is set. Set one: bootstrap(AppController, { secretKey:',
    )
  })

  test('[13.6] nothing is ever saved: no cookie, no Vary', async () => {
    const client = sessionClient(actions, { ...noSecret, testing: false })
    const read = await client.get('/read')
    const written = await client.get('/write')
    expect([read, written].map(({ status, headers }) => [status, headers.vary, headers['set-cookie']])).toEqual([
      [200, undefined, undefined],
      [500, undefined, undefined],
    ])
  })

  test('signed: false needs none, and keeps a session that anyone can write', async () => {
    const client = sessionClient(actions, { ...noSecret, session: { signed: false } })
    expect(setCookies(await client.get('/write'))).toEqual([expect.stringMatching(/^koa\.sess=/)])
    expect((await client.get('/read')).json()).toEqual(['Ada'])
    const cookie = `koa.sess=${encode({ name: 'Eve' })}`
    expect((await client.get('/read', { headers: { cookie } })).json()).toEqual(['Eve'])
  })

  test.each([['no JSON'], ['%00'], [encode(null)], [encode([1, 2])], [encode({ __proto__: null, toString: 1 })]])(
    '[13.7] signed: false with the content %j is answered',
    async content => {
      const client = sessionClient(actions, { ...noSecret, session: { signed: false } })
      const headers = { cookie: `koa.sess=${content}` }
      expect((await client.get('/read', { headers })).json()).toEqual([null])
      expect(sessionCookie(await client.get('/write', { headers }))?.value).toMatch(/./)
    },
  )
})

test('[13.7] a custom decoder that throws leaves an empty session', async () => {
  class App {
    @BeforeRequest
    before() {
      session.count = (session.count ?? 0) + 1
    }
    @Route('/')
    index() {
      return [session.count]
    }
  }
  const decode = (): never => {
    throw new RangeError('not mine')
  }
  const client = clientOf(App, { session: { decode } })
  await client.get('/')
  expect((await client.get('/')).json()).toEqual([1])
})
