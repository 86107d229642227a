import { Route, bootstrap, makeResponse, redirect, session, type Context } from 'flaskoa'
import { testClient, type CookieJar, type TestClient, type TestCookie } from 'flaskoa/testing'
import { clientOf } from '../support/client'

/** A URL that ends in `set` answers with the `Set-Cookie` fields in its query, any other with the `Cookie` field. */
class App {
  @Route('/')
  root(ctx: Context) {
    return ctx.get('Cookie')
  }

  @Route('/<path:path>')
  any({ path }: { path: string }, ctx: Context) {
    if (!path.endsWith('set')) return ctx.get('Cookie')
    return makeResponse('', 200, { 'Set-Cookie': [ctx.query.cookie ?? []].flat() })
  }
}

const app = bootstrap(App)
const clientAt = (baseUrl = 'http://localhost') => testClient(app, { baseUrl })

/** A client that has been sent these `Set-Cookie` fields by `/set` or another URL. */
async function clientWith(cookie: string | string[], url = '/set', baseUrl?: string): Promise<TestClient> {
  const client = clientAt(baseUrl)
  await client.get(url, { query: { cookie } })
  return client
}

/** What the client sends to each of these URLs. */
async function sentTo(client: TestClient, ...urls: string[]): Promise<string[]> {
  const responses = await Promise.all(urls.map(url => client.get(url)))
  return responses.map(({ text }) => text)
}

describe('the path', () => {
  test.each([
    ['/', ['a=1', 'a=1', 'a=1', 'a=1']],
    ['/shop', ['', 'a=1', 'a=1', '']],
    ['/shop/', ['', '', 'a=1', '']],
    ['/shop/cart', ['', '', 'a=1', '']],
    ['shop', ['a=1', 'a=1', 'a=1', 'a=1']],
    ['', ['a=1', 'a=1', 'a=1', 'a=1']],
  ])('%j', async (path, expected) => {
    const client = await clientWith(`a=1; Path=${path}`)
    expect(await sentTo(client, '/', '/shop', '/shop/cart', '/shopping')).toEqual(expected)
  })

  test.each([
    ['/set', '/'],
    ['/shop/set', '/shop'],
    ['/shop/cart/set', '/shop/cart'],
  ])('is the folder of the request by default: %s', async (url, path) => {
    const client = await clientWith('a=1', url)
    expect(client.cookies.get('a')?.path).toBe(path)
    expect(await sentTo(client, path, `${path === '/' ? '' : path}/x`)).toEqual(['a=1', 'a=1'])
    expect(await sentTo(client, '/other')).toEqual([path === '/' ? 'a=1' : ''])
  })
})

describe('the end of a cookie', () => {
  const past = 'Thu, 01 Jan 1970 00:00:00 GMT'
  const future = 'Fri, 01 Jan 2100 00:00:00 GMT'

  test.each([
    ['a session', '', 'a=1'],
    ['a date to come', `; Expires=${future}`, 'a=1'],
    ['a date that is over', `; Expires=${past}`, ''],
    ['a date that cannot be read', '; Expires=tomorrow', 'a=1'],
    ['seconds', '; Max-Age=60', 'a=1'],
    ['no seconds', '; Max-Age=0', ''],
    ['less than none', '; Max-Age=-99999999999999999999', ''],
    ['more seconds than dates have', '; Max-Age=99999999999999999999', 'a=1'],
    ['seconds that cannot be read', '; Max-Age=soon', 'a=1'],
    ['Max-Age wins: kept', `; Expires=${past}; Max-Age=60`, 'a=1'],
    ['Max-Age wins: over', `; Max-Age=0; Expires=${future}`, ''],
  ])('%s', async (_, attributes, expected) => {
    const client = await clientWith(`a=1${attributes}`)
    expect([await sentTo(client, '/'), [...client.cookies].length]).toEqual([[expected], expected === '' ? 0 : 1])
  })

  test('removes it from the client', async () => {
    const now = jest.spyOn(Date, 'now').mockReturnValue(Date.UTC(2030, 0))
    try {
      const client = await clientWith(['a=1; Max-Age=60', 'b=2; Expires=Tue, 01 Jan 2030 00:02:00 GMT', 'c=3'])
      expect(client.cookies.get('a')?.expires).toEqual(new Date(Date.UTC(2030, 0, 1, 0, 1)))
      const sent: string[] = []
      for (const seconds of [59, 60, 119, 120]) {
        now.mockReturnValue(Date.UTC(2030, 0, 1, 0, 0, seconds))
        sent.push(...(await sentTo(client, '/')))
      }
      expect(sent).toEqual(['a=1; b=2; c=3', 'b=2; c=3', 'b=2; c=3', 'c=3'])
      expect([client.cookies.get('a'), client.cookies.delete('a')]).toEqual([undefined, false])
    } finally {
      now.mockRestore()
    }
  })

  test('a cookie is deleted by one with the same name, domain and path', async () => {
    const client = await clientWith(['a=1', 'a=2; Path=/shop', 'b=3'])
    await client.get('/set', { query: { cookie: ['a=; Max-Age=0', `b=; Expires=${past}; Path=/shop`] } })
    expect(await sentTo(client, '/', '/shop')).toEqual(['b=3', 'a=2; b=3'])
  })

  test('deleting a cookie that the client does not have changes nothing', async () => {
    const client = await clientWith(['a=1', 'b=; Max-Age=0'])
    expect(await sentTo(client, '/')).toEqual(['a=1'])
  })
})

describe('a Secure cookie', () => {
  test.each([
    ['https://shop.test', 'a=1'],
    ['http://localhost', 'a=1'],
    ['http://shop.localhost:8080', 'a=1'],
    ['http://127.0.0.1', 'a=1'],
    ['http://[::1]', 'a=1'],
    ['http://shop.test', ''],
    ['http://127.0.0.1.shop.test', ''],
    ['http://notlocalhost', ''],
  ])('from %s: %j', async (baseUrl, expected) => {
    const client = await clientWith('a=1; Secure', '/set', baseUrl)
    expect([await sentTo(client, '/'), client.cookies.get('a')?.secure]).toEqual([
      [expected],
      expected === '' ? undefined : true,
    ])
  })

  test('is not sent over http', async () => {
    const client = await clientWith(['a=1; secure', 'b=2'], '/set', 'https://shop.test')
    expect(await sentTo(client, 'https://shop.test/', 'http://shop.test/')).toEqual(['a=1; b=2', 'b=2'])
  })
})

describe('the domain', () => {
  const hosts = ['http://shop.test/', 'http://www.shop.test/', 'http://a.www.shop.test/', 'http://workshop.test/']

  test.each([
    ['the host alone by default', '', ['', 'a=1', '', '']],
    ['empty: the default', '; Domain=', ['', 'a=1', '', '']],
    ['the host and its subdomains', '; Domain=www.shop.test', ['', 'a=1', 'a=1', '']],
    ['a parent of the host', '; Domain=shop.test', ['a=1', 'a=1', 'a=1', '']],
    ['with a dot in front', '; Domain=.shop.test', ['a=1', 'a=1', 'a=1', '']],
    ['in capital letters', '; DOMAIN=SHOP.test', ['a=1', 'a=1', 'a=1', '']],
    ['another host: refused', '; Domain=other.test', ['', '', '', '']],
    ['a subdomain: refused', '; Domain=a.www.shop.test', ['', '', '', '']],
    ['a sibling: refused', '; Domain=api.shop.test', ['', '', '', '']],
    ['the end of a name: refused', '; Domain=hop.test', ['', '', '', '']],
    ['a top-level domain: refused', '; Domain=test', ['', '', '', '']],
  ])('%s', async (_, attributes, expected) => {
    const client = await clientWith(`a=1${attributes}`, '/set', 'http://www.shop.test')
    expect(await sentTo(client, ...hosts)).toEqual(expected)
  })

  test.each([
    ['localhost', 'localhost', 'a=1'],
    ['localhost', '.localhost', 'a=1'],
    ['127.0.0.1', '127.0.0.1', 'a=1'],
    ['127.0.0.1', '0.0.1', ''],
    ['127.0.0.1', 'localhost', ''],
    ['[::1]', '[::1]', 'a=1'],
  ])('of %s may be %s: %j', async (host, domain, expected) => {
    const client = await clientWith(`a=1; Domain=${domain}`, '/set', `http://${host}`)
    expect(await sentTo(client, '/', 'http://sub.localhost/')).toEqual([expected, ''])
  })

  test('the port makes no difference', async () => {
    const client = await clientWith('a=1; Domain=shop.test', '/set', 'http://shop.test:8080')
    expect(await sentTo(client, 'http://shop.test/', 'http://shop.test:9090/')).toEqual(['a=1', 'a=1'])
  })

  test('a cookie of the host and one of its domain are two', async () => {
    const client = await clientWith(['a=1', 'a=2; Domain=shop.test'], '/set', 'http://shop.test')
    expect(Array.from(client.cookies, ({ domain, value }) => [domain, value])).toEqual([
      ['shop.test', '1'],
      ['.shop.test', '2'],
    ])
  })
})

describe('the prefixes of names', () => {
  test.each([
    ['__Secure-a=1; Secure', true],
    ['__Secure-a=1', false],
    ['__Host-a=1; Secure; Path=/', true],
    ['__Host-a=1; Path=/', false],
    ['__Host-a=1; Secure', false],
    ['__Host-a=1; Secure; Path=/set', false],
    ['__Host-a=1; Secure; Path=/; Domain=shop.test', false],
  ])('%s: %j', async (cookie, isKept) => {
    const client = await clientWith(cookie, '/set', 'https://shop.test')
    expect(await sentTo(client, '/')).toEqual([isKept ? cookie.split(';')[0] : ''])
  })
})

describe('names and values', () => {
  test.each([
    ['a=b=c==', 'a=b=c=='],
    ['a="quoted value"; Path=/', 'a="quoted value"'],
    ['a=%C3%BC%', 'a=%C3%BC%'],
    ['a=', 'a='],
    ['  a \t= 1 2  ; Path=/', 'a=1 2'],
    ['a=1; Path= / ; Secure ;; unknown; Unknown=x', 'a=1'],
  ])('%j is sent as %j', async (cookie, expected) => {
    expect(await sentTo(await clientWith(cookie), '/')).toEqual([expected])
  })

  test.each(['', ' ', ';', ';;=', '=1', ' =1', 'a', 'a; b=1', '; a=1', '=; a=1', 'a=1; Secure; Domain=..'])(
    '%j is ignored',
    async cookie => {
      const client = await clientWith([cookie, 'good=1'])
      expect(await sentTo(client, '/')).toEqual(['good=1'])
    },
  )
})

test('several cookies are sent with the longest path first, then the oldest; a new value changes no order', async () => {
  const client = await clientWith(['a=1', 'b=1; Path=/shop', 'c=1', 'd=1; Path=/shop/cart', 'e=1; Path=/shop'])
  await client.get('/set', { query: { cookie: ['e=2; Path=/shop', 'a=2', 'f=2'] } })
  expect(await sentTo(client, '/shop/cart/1', '/')).toEqual(['d=1; b=1; e=2; a=2; c=1; f=2', 'a=2; c=1; f=2'])
  await client.get('/set', { query: { cookie: ['a=; Max-Age=0', 'a=3'] } })
  expect(await sentTo(client, '/')).toEqual(['c=1; f=2; a=3'])
})

test('each redirect sets its cookies, and the next request has them', async () => {
  class Steps {
    @Route('/one')
    one() {
      return makeResponse('', 302, { Location: '/shop/two', 'Set-Cookie': ['a=1', 'gone=1'] })
    }

    @Route('/shop/two')
    two(ctx: Context) {
      ctx.set('Set-Cookie', ['b=2', 'gone=; Max-Age=0; Path=/'])
      return redirect('/shop/three')
    }

    @Route('/shop/three')
    three(ctx: Context) {
      return ctx.get('Cookie')
    }
  }
  const client = testClient(bootstrap(Steps))
  expect((await client.get('/one', { followRedirects: true })).text).toBe('b=2; a=1')
  expect((await client.get('/one', { followRedirects: true })).redirects.length).toBe(2)
})

describe('the session’s cookie', () => {
  class Visits {
    @Route('/')
    count() {
      session.count = (session.count ?? 0) + 1
      return [session.count]
    }
  }
  const visit = async (client: TestClient) => (await client.get('/')).json()

  test('behaves like other cookies', async () => {
    const client = clientOf(Visits)
    expect([await visit(client), await visit(client)]).toEqual([[1], [2]])
    expect(client.cookies.get('koa.sess')).toEqual({
      name: 'koa.sess',
      value: expect.stringMatching(/^[\w-]+=*$/),
      domain: 'localhost',
      path: '/',
      expires: undefined,
      secure: false,
      httpOnly: true,
      sameSite: expect.any(String),
    })
    client.cookies.delete('koa.sess')
    expect([await visit(client), await client.session()]).toEqual([[1], { count: 1 }])
  })

  test('is secure where the application has it so', async () => {
    const options = { secretKey: 'secret', logger: false, session: { secure: true } } as const
    const own = bootstrap(Visits, options)
    own.proxy = true
    const client = testClient(own, { baseUrl: 'https://shop.test', headers: { 'X-Forwarded-Proto': 'https' } })
    expect([await visit(client), await visit(client)]).toEqual([[1], [2]])
    expect(client.cookies.get('koa.sess')?.secure).toBe(true)
    expect((await client.get('http://shop.test/')).json()).toEqual([1])
  })

  test('causes an error if the client refuses it', async () => {
    const client = clientOf(Visits, { session: { domain: 'other.test' } })
    await expect(client.session(stored => (stored.count = 5))).rejects.toThrow(
      /^the client refuses the session's cookie, as browsers do: koa\.sess=.*domain=other\.test/,
    )
    expect([await visit(client), await visit(client)]).toEqual([[1], [1]])
  })
})

describe('client.cookies', () => {
  const namesIn = (jar: CookieJar) => Array.from(jar, ({ name }) => name)

  test('get gives a cookie with its attributes', async () => {
    const attributes =
      'Path=/shop; Domain=test.test; Secure; HttpOnly; SameSite=Lax; Expires=Fri, 01 Jan 2100 00:00:00 GMT'
    const { cookies } = await clientWith(`a=1; ${attributes}`, '/set', 'https://test.test')
    expect(cookies.get('a')).toEqual<TestCookie>({
      name: 'a',
      value: '1',
      domain: '.test.test',
      path: '/shop',
      expires: new Date('2100-01-01T00:00:00Z'),
      secure: true,
      httpOnly: true,
      sameSite: 'Lax',
    })
    expect(cookies.get('b')).toBeUndefined()
  })

  test('get gives the one that is sent first', async () => {
    const { cookies } = await clientWith(['a=1', 'a=2; Path=/shop'])
    expect(cookies.get('a')?.value).toBe('2')
  })

  test('set adds and replaces', async () => {
    const client = await clientWith(['a=1', 'b=1'])
    client.cookies.set('a', '"2=%"')
    client.cookies.set('c', '')
    expect(await sentTo(client, '/')).toEqual(['a="2=%"; b=1; c='])
    expect(client.cookies.get('c')).toEqual({
      name: 'c',
      value: '',
      domain: 'localhost',
      path: '/',
      secure: false,
      httpOnly: false,
    })
  })

  test('set takes attributes', async () => {
    const client = clientAt('http://shop.test/base/')
    client.cookies.set('path', '1', { path: '/base' })
    client.cookies.set('host', '1', { domain: 'other.test' })
    client.cookies.set('hosts', '1', { domain: '.other.test' })
    client.cookies.set('safe', '1', { secure: true })
    client.cookies.set('over', '1', { expires: new Date(0) })
    client.cookies.set('kept', '1', { expires: new Date(Date.UTC(2100, 0)), httpOnly: true, sameSite: 'Strict' })
    const urls = ['x', '/', 'https://shop.test/', 'http://other.test/', 'http://www.other.test/']
    expect(await sentTo(client, ...urls)).toEqual([
      ...['path=1; kept=1', 'kept=1', 'safe=1; kept=1', 'host=1; hosts=1', 'hosts=1'],
    ])
    expect(client.cookies.get('kept')).toMatchObject({ httpOnly: true, sameSite: 'Strict' })
  })

  test('set deletes with a date that is over', async () => {
    const client = await clientWith(['a=1', 'b=1'])
    client.cookies.set('a', '', { expires: new Date(0) })
    expect(namesIn(client.cookies)).toEqual(['b'])
  })

  test.each([
    ['', '1', 'a cookie cannot be named ""'],
    ['a b', '1', 'a cookie cannot be named "a b"'],
    ['a=b', '1', 'a cookie cannot be named "a=b"'],
    ['a;b', '1', 'a cookie cannot be named "a;b"'],
    ['a', '1; Path=/', 'a cookie cannot have the value "1; Path=/"'],
    ['a', '1\r\n', 'a cookie cannot have the value "1\\r\\n"'],
  ])('set refuses %j with the value %j', (name, value, message) => {
    const { cookies } = clientAt()
    expect(() => cookies.set(name, value)).toThrow(new TypeError(message))
    expect([...cookies]).toEqual([])
  })

  test.each<[string, unknown[], string]>([
    ['a name that is no text', [5, '1'], 'a cookie cannot be named 5'],
    ['no name', [undefined, '1'], 'a cookie cannot be named undefined'],
    ['a value that is no text', ['a', 1], 'a cookie cannot have the value 1'],
    ['no value', ['a'], 'a cookie cannot have the value undefined'],
    [
      'an attribute that it does not know',
      ['a', '1', { maxAge: 5 }],
      'client.cookies.set("a", …): there is no option \'maxAge\'. The options are domain, path, expires, secure, httpOnly and sameSite',
    ],
    ['a misspelt attribute', ['a', '1', { httponly: true }], "there is no option 'httponly'. Did you mean 'httpOnly'?"],
    [
      'a domain',
      ['a', '1', { domain: 'http://shop.test' }],
      'domain must be the name of a host, not "http://shop.test"',
    ],
    ['a path', ['a', '1', { path: 'shop' }], 'path must be a path that begins with \'/\', not "shop"'],
    ['a date that is none', ['a', '1', { expires: 'tomorrow' }], 'expires must be a valid Date, not "tomorrow"'],
    [
      'an invalid date',
      ['a', '1', { expires: new Date(NaN) }],
      'expires must be a valid Date, not an object of class Date',
    ],
    ['secure', ['a', '1', { secure: 'yes' }], 'secure must be true or false, not "yes"'],
    ['httpOnly', ['a', '1', { httpOnly: 1 }], 'httpOnly must be true or false, not 1'],
    ['sameSite', ['a', '1', { sameSite: true }], 'sameSite must be a text, not true'],
    ...[null, 'Path=/', ['Path=/']].map((attributes): [string, unknown[], string] => [
      'attributes that are no object',
      ['a', '1', attributes],
      'client.cookies.set("a", …): the attributes must be an object, not ',
    ]),
  ])('set refuses %s', (_, given, message) => {
    const { cookies } = clientAt()
    const set = () => {
      ;(cookies.set as (...given: unknown[]) => void)(...given)
    }
    expect(set).toThrow(TypeError)
    expect(set).toThrow(message)
    expect([...cookies]).toEqual([])
  })

  test('an attribute that is undefined has its default', () => {
    const [one, two] = [clientAt(), clientAt()]
    one.cookies.set('a', '1', { domain: undefined, path: undefined, secure: undefined } as object)
    two.cookies.set('a', '1')
    expect([...one.cookies]).toEqual([...two.cookies])
  })

  test('delete removes each cookie of a name', async () => {
    const client = await clientWith(['a=1', 'a=2; Path=/shop', 'b=1'])
    expect([client.cookies.delete('a'), client.cookies.delete('a'), namesIn(client.cookies)]).toEqual([
      ...[true, false],
      ['b'],
    ])
    expect(await sentTo(client, '/shop')).toEqual(['b=1'])
  })

  test('clear removes all', async () => {
    const client = await clientWith(['a=1', 'b=1; Path=/shop'])
    client.cookies.clear()
    expect([await sentTo(client, '/shop'), [...client.cookies]]).toEqual([[''], []])
  })

  test('one client takes another’s cookies', async () => {
    const one = await clientWith(['a=1; Domain=shop.test', 'b=2; Path=/shop'], '/set', 'http://shop.test')
    const two = clientAt()
    for (const { name, value, ...attributes } of one.cookies) two.cookies.set(name, value, attributes)
    expect([...two.cookies]).toEqual([...one.cookies])
    const three = clientAt()
    for (const cookie of one.cookies) three.cookies.set(cookie.name, cookie.value, cookie)
    expect([...three.cookies]).toEqual([...one.cookies])
  })
})
