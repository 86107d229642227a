import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { Get, Post, Route, bootstrap, redirect, withAppContext, type Context } from 'flaskoa'
import { testClient, testRequestContext } from 'flaskoa/testing'

class App {
  @Route('/', { methods: ['GET', 'POST'] })
  async index(ctx: Context) {
    return { method: ctx.method, headers: ctx.headers, body: await text(ctx.req) }
  }
  @Post('/moved') moved() {
    return redirect('/')
  }
  @Get('/mail') mail() {
    return redirect('mailto:ada@example.com')
  }
}
const app = bootstrap(App)

type Anything = Record<string, unknown>

describe('testClient refuses', () => {
  test.each<[unknown, string]>([
    [
      { baseURL: 'https://app.test' },
      "there is no option 'baseURL'. Did you mean 'baseUrl'? The options are propagateExceptions, baseUrl and headers",
    ],
    [{ propagateExceptions: 'no' }, 'propagateExceptions must be true or false, not "no"'],
    [{ baseUrl: '/here' }, 'baseUrl must be an absolute http or https URL, not "/here"'],
    [{ baseUrl: 'ftp://app.test' }, 'baseUrl must be an absolute http or https URL, not "ftp://app.test"'],
    [{ baseUrl: new URL('http://app.test') }, 'baseUrl must be an absolute http or https URL'],
    [{ headers: 'x' }, 'headers must be an object with fields by their names, not "x"'],
    [
      { headers: new Headers() },
      'headers must be an object with fields by their names, not an object of class Headers',
    ],
    [null, 'expected an object of options, not null'],
  ])('the options %p', (options, message) => {
    expect(() => testClient(app, options as object)).toThrow(`testClient: ${message}`)
  })

  test.each<[unknown, string]>([
    [
      { jsn: 1 },
      "there is no option 'jsn'. Did you mean 'json'? The options are json, form, body, query, headers and followRedirects",
    ],
    [{ followRedirects: 'yes' }, 'followRedirects must be true or false'],
    [{ form: new FormData() }, 'form must be an object with values by their names, not an object of class FormData'],
    [{ form: 'a=b' }, 'form must be an object with values by their names, not "a=b"'],
    [{ query: new URLSearchParams('a=b') }, 'query must be an object with values by their names'],
    [{ query: 'a=b' }, 'query must be an object with values by their names, not "a=b"'],
    [{ headers: new Map() }, 'headers must be an object with fields by their names'],
    [
      { body: { a: 1 } },
      'body must be a text, bytes, a Blob, FormData or URLSearchParams, not an object of class Object',
    ],
    [{ body: ['a'] }, 'body must be a text, bytes, a Blob, FormData or URLSearchParams'],
    [{ json: () => 1 }, 'JSON cannot express the function json'],
    ['a=b', 'expected an object of options, not "a=b"'],
  ])('the request %p', async (options, message) => {
    const sending = testClient(app).post('/', options as object)
    await expect(sending).rejects.toThrow(TypeError)
    await expect(sending).rejects.toThrow(message)
  })

  test.each([[undefined], [new URL('http://app.test/')]])('the path %p', async path => {
    const sending = testClient(app).get(path as unknown as string)
    await expect(sending).rejects.toThrow("client.request('GET', …): the path must be a text, such as '/', not ")
  })

  test.each<[unknown, string]>([
    [
      { methd: 'POST' },
      "testRequestContext: there is no option 'methd'. Did you mean 'method'? The options are method, headers and baseUrl",
    ],
    [{ method: 5 }, 'testRequestContext: method must be a text, not 5'],
  ])('testRequestContext refuses %p', async (options, message) => {
    await expect(testRequestContext(app, '/', () => 'never', options as object)).rejects.toThrow(message)
  })
})

type AnyFunction = (...given: unknown[]) => unknown

test.each<[string, () => unknown, string]>([
  ['testClient without an application', () => (testClient as AnyFunction)(), 'testClient needs a Koa application'],
  ['testClient(null)', () => (testClient as AnyFunction)(null), 'testClient needs a Koa application'],
  [
    'session with a value',
    () => (testClient(app).session as AnyFunction)({ userId: 1 }),
    'client.session(session => (session.userId = 1)): the last argument must be a function, not an object of class Object',
  ],
  [
    'request without a method',
    () => (testClient(app).request as AnyFunction)(),
    "client.request: the method must be a text, such as 'GET', not undefined",
  ],
  ['request with an empty method', () => testClient(app).request('', '/'), 'client.request: the method must be a text'],
  [
    'testRequestContext without an application',
    () => (testRequestContext as AnyFunction)(undefined, '/', () => 1),
    'testRequestContext needs an application from bootstrap(...)',
  ],
  [
    'testRequestContext without a path',
    () => (testRequestContext as AnyFunction)(app, () => 1),
    "testRequestContext: the path must be a text, such as '/', not the function (anonymous)",
  ],
  [
    'testRequestContext without a function',
    () => (testRequestContext as AnyFunction)(app, '/'),
    "testRequestContext(app, '/', ctx => ctx.path): the last argument must be a function, not undefined",
  ],
  [
    'withAppContext without a function',
    () => (withAppContext as AnyFunction)(app),
    "withAppContext(app, () => urlFor('index')): the last argument must be a function, not undefined",
  ],
  [
    'withAppContext without an application',
    () => (withAppContext as AnyFunction)(() => 1),
    'withAppContext needs an application from bootstrap(...)',
  ],
])('%s is a TypeError', async (_, call, message) => {
  const calling = (async () => call())()
  await expect(calling).rejects.toThrow(TypeError)
  await expect(calling).rejects.toThrow(message)
})

test('bytes of any kind and streams are bodies', async () => {
  const bodies = [
    Buffer.from('text'),
    new Uint8Array(Buffer.from('text')),
    new DataView(new TextEncoder().encode('text').buffer),
    new TextEncoder().encode('text').buffer,
    new Blob(['text']),
    Readable.from(['te', 'xt']),
    new Blob(['text']).stream(),
  ]
  for (const body of bodies) {
    expect((await testClient(app).post('/', { body: body as Blob })).json<Anything>().body).toBe('text')
  }
})

describe('a followed redirect', () => {
  test('that drops the body drops the fields that describe it', async () => {
    const headers = { 'Content-Type': 'text/plain', 'content-length': '4', 'X-Kept': 'yes', Expect: '100-continue' }
    const response = await testClient(app).post('/moved', { body: 'text', headers, followRedirects: true })
    expect(response.json()).toEqual({ method: 'GET', headers: { host: 'localhost', 'x-kept': 'yes' }, body: '' })
  })

  test('must lead to a URL of http or https', async () => {
    await expect(testClient(app).get('/mail', { followRedirects: true })).rejects.toThrow(
      "the redirect to mailto:ada@example.com can't be followed: it is no http or https URL",
    )
    expect((await testClient(app).get('/mail')).header('location')).toBe('mailto:ada@example.com')
  })
})

test('all fields of a request arrive, also those that Node sends at once or of its own', async () => {
  const headers = { Expect: '100-continue', Connection: 'close', Host: 'app.test' }
  const response = await testClient(app).post('/', { body: 'text', headers })
  expect(response.json<Anything>()).toMatchObject({
    headers: { expect: '100-continue', connection: 'close', host: 'app.test', 'content-length': '4' },
    body: 'text',
  })
})
