import Koa from 'koa'
import { z } from 'zod'
import { bodyParser } from '@koa/bodyparser'
import {
  BeforeRequest,
  Blueprint,
  ErrorHandler,
  Get,
  Post,
  Route,
  bootstrap,
  extensionOf,
  lifecycle,
  makeResponse,
  session,
  type BootstrapOptions,
  type Context,
  type FormOf,
  type HttpError,
} from 'flaskoa'
import { csrf, csrfToken, type CsrfOptions } from 'flaskoa/security'
import { renderTemplateString, templates } from 'flaskoa/templates'
import { testClient, type TestClient } from 'flaskoa/testing'
import { log, note } from '../support/log'
import { MULTIPART, multipart, part } from '../support/multipart'
import { protocols } from '../support/send'
import { setupError } from '../support/setup-error'

class App {
  @Get('/token') token() {
    return csrfToken()
  }

  @Post('/') async write(ctx: Context) {
    note('written')
    return [...(await ctx.request.form())]
  }

  @Route('/any', { methods: ['GET', 'PUT', 'PATCH', 'DELETE', 'PROPFIND'] }) any() {
    return 'done'
  }

  @Post('/login') login() {
    session.clear()
    return 'logged in'
  }
}

const secretKey = 'a secret of the tests, long enough'
const application = (options?: CsrfOptions, controller = App, more: BootstrapOptions = {}) =>
  bootstrap(controller, { secretKey, logger: false, extensions: [csrf(options)], ...more })
const clientOf = (...given: Parameters<typeof application>) => testClient(application(...given))
const tokenFor = async (client: TestClient) => (await client.get('/token')).text

const secretOf = async (client: TestClient) => String(((await client.session()) as { csrf_token?: unknown }).csrf_token)

/** What a client got: the status and the text of the page. */
const said = ({ status, text }: { status: number; text: string }) => [status, /<p>(.*)<\/p>/.exec(text)?.[1]]

const MISSING = 'The CSRF token is missing.'
const WRONG = 'The CSRF token is not valid: load the page with the form again.'
const NO_SESSION = 'The session has no CSRF token: load the page with the form first.'
const OTHER_SITE = 'The request comes from a page of another site.'

test('a form needs a token of its session, and the view gets the form', async () => {
  const client = clientOf()
  expect(said(await client.post('/', { form: { title: 'x' } }))).toEqual([400, NO_SESSION])
  const token = await tokenFor(client)
  expect(said(await client.post('/', { form: { title: 'x' } }))).toEqual([400, MISSING])
  expect(said(await client.post('/', { form: { title: 'x', csrf_token: 'x' } }))).toEqual([400, WRONG])
  expect(log).toEqual([])
  const written = await client.post('/', { form: { title: 'x', csrf_token: token } })
  expect([written.status, written.json()]).toEqual([
    200,
    [
      ['title', 'x'],
      ['csrf_token', token],
    ],
  ])
})

test('in a multipart form as well', async () => {
  const client = clientOf()
  const token = await tokenFor(client)
  const send = (...fields: Parameters<typeof multipart>[0]) =>
    client.post('/', { body: multipart(fields), headers: { 'content-type': MULTIPART } })
  expect(said(await send(part('title', 'x')))).toEqual([400, MISSING])
  expect((await send(part('title', 'x'), part('csrf_token', token))).json()).toEqual([
    ['title', 'x'],
    ['csrf_token', token],
  ])
})

test('scripts send it in a header field', async () => {
  const client = clientOf()
  const headers = { 'X-CSRF-Token': await tokenFor(client) }
  expect((await client.put('/any', { headers, json: { a: 1 } })).text).toBe('done')
  expect(said(await client.put('/any', { json: { csrf_token: headers['X-CSRF-Token'] } }))).toEqual([400, MISSING])
  expect(said(await client.put('/any', { body: 'text', headers: { 'content-type': 'text/plain' } }))).toEqual([
    400,
    MISSING,
  ])
  expect(said(await client.put('/any', { headers: { 'X-CSRF-Token': 'x' } }))).toEqual([400, WRONG])
})

test('all methods but GET, HEAD and OPTIONS need one', async () => {
  const client = clientOf()
  await tokenFor(client)
  for (const method of ['PUT', 'PATCH', 'DELETE', 'PROPFIND'])
    expect(said(await client.request(method, '/any'))).toEqual([400, MISSING])
  for (const method of ['GET', 'HEAD', 'OPTIONS']) expect((await client.request(method, '/any')).status).toBe(200)
})

test('a URL without a rule, and a method that is not allowed, stay what they are', async () => {
  const client = clientOf()
  expect((await client.post('/missing')).status).toBe(404)
  expect((await client.post('/token')).status).toBe(405)
})

describe('tokens', () => {
  test('each is another text, and all of them are right', async () => {
    const client = clientOf()
    const tokens = [await tokenFor(client), await tokenFor(client), await tokenFor(client)]
    expect(new Set(tokens).size).toBe(3)
    for (const token of tokens) {
      expect(token).toMatch(/^[\w-]{86}$/)
      expect((await client.post('/', { form: { csrf_token: token } })).status).toBe(200)
    }
  })

  test('one of another session is wrong, also after a log-in', async () => {
    const [one, other] = [clientOf(), clientOf()]
    const [token, foreign] = [await tokenFor(one), await tokenFor(other)]
    expect(said(await one.post('/', { form: { csrf_token: foreign } }))).toEqual([400, WRONG])
    expect((await one.post('/login', { form: { csrf_token: token } })).status).toBe(200)
    expect(said(await one.post('/', { form: { csrf_token: token } }))).toEqual([400, NO_SESSION])
    await tokenFor(one)
    expect(said(await one.post('/', { form: { csrf_token: token } }))).toEqual([400, WRONG])
  })

  test.each<[string, (token: string) => string]>([
    ['shorter', token => token.slice(0, -1)],
    ['longer', token => `${token}A`],
    ['twice', token => token + token],
    ['with a changed first character', token => (token.startsWith('A') ? 'B' : 'A') + token.slice(1)],
    ['in base64', token => `${token.slice(0, -1)}=`],
    ['with a space', token => ` ${token}`],
    ['the halves exchanged, as if they were bytes of their own', token => token.slice(43) + token.slice(0, 43)],
    ['nothing but zeros', () => 'A'.repeat(86)],
    ['the secret of the session', () => ''],
  ])('%s is wrong', async (_, change) => {
    const client = clientOf()
    const token = change(await tokenFor(client)) || (await secretOf(client))
    expect(said(await client.post('/', { form: { csrf_token: token } }))).toEqual([400, WRONG])
  })

  test.each([5, null, '', 'short', ['x'], 'x'.repeat(43) + '!'])(
    'a session with %j in its place gets a new secret',
    async value => {
      const client = clientOf()
      await client.session(values => {
        Object.assign(values, { csrf_token: value })
      })
      expect(said(await client.post('/', { form: { csrf_token: 'A'.repeat(86) } }))).toEqual([400, NO_SESSION])
      expect((await client.post('/', { form: { csrf_token: await tokenFor(client) } })).status).toBe(200)
    },
  )

  test('outside of a request there is none', () => {
    expect(() => csrfToken()).toThrow('csrfToken() was used outside of a request')
  })

  test('without the extension there is none: nothing would check it', async () => {
    const app = bootstrap(App, { testing: true, secretKey: 'k' })
    await expect(testClient(app).get('/token')).rejects.toThrow(
      'csrfToken(): the application checks no tokens. Add the extension: bootstrap(App, { extensions: [csrf()] }).',
    )
  })

  test('a form of a template has it by csrf_token()', async () => {
    class Page {
      @Get('/') index() {
        return renderTemplateString('<input name="csrf_token" value="{{ csrf_token() }}">')
      }

      @Post('/') save() {
        return 'saved'
      }
    }
    const client = clientOf(undefined, Page as never, { extensions: [csrf(), templates({ folders: [] })] })
    const { text } = await client.get('/')
    const form = { csrf_token: /value="([^"]+)"/.exec(text)?.[1] ?? '' }
    expect(said(await client.post('/', { form: { csrf_token: `${form.csrf_token}A` } }))).toEqual([400, WRONG])
    expect((await client.post('/', { form })).text).toBe('saved')
  })

  test('other engines get it by both of its names', async () => {
    class Page {
      @Get('/') index(ctx: Context) {
        const names = extensionOf(ctx.app, 'csrf')?.templateGlobals as Record<string, () => string>
        return Object.entries(names).map(([name, token]) => [name, token().length])
      }
    }
    const app = application({}, Page as never)
    expect((await testClient(app).get('/')).json()).toEqual([
      ['csrf_token', 86],
      ['csrfToken', 86],
    ])
  })
})

describe('pages of other sites', () => {
  const send = async (headers: Record<string, string>, options?: CsrfOptions, more?: BootstrapOptions) => {
    const client = testClient(application(options, App, more), { baseUrl: 'http://app.example:8080' })
    const token = await tokenFor(client)
    return said(await client.put('/any', { headers: { 'X-CSRF-Token': token, ...headers } }))[1] ?? 'taken'
  }

  test.each<[string, Record<string, string>]>([
    ['taken', {}],
    ['taken', { 'sec-fetch-site': 'same-origin' }],
    ['taken', { 'sec-fetch-site': 'none' }],
    ['taken', { 'sec-fetch-site': 'same-origin', origin: 'https://behind-a-proxy.example' }],
    [OTHER_SITE, { 'sec-fetch-site': 'cross-site' }],
    [OTHER_SITE, { 'sec-fetch-site': 'same-site' }],
    [OTHER_SITE, { 'sec-fetch-site': 'cross-site', origin: 'http://app.example:8080' }],
    [OTHER_SITE, { 'sec-fetch-site': '' }],
    ['taken', { origin: 'http://app.example:8080' }],
    ['taken', { origin: 'https://app.example:8080' }],
    ['taken', { origin: 'http://APP.example:8080' }],
    [OTHER_SITE, { origin: 'http://app.example' }],
    [OTHER_SITE, { origin: 'http://app.example:8081' }],
    [OTHER_SITE, { origin: 'http://evil.example:8080' }],
    [OTHER_SITE, { origin: 'http://app.example:8080.evil.example' }],
    [OTHER_SITE, { origin: 'http://app.example:8080@evil.example' }],
    [OTHER_SITE, { origin: 'null' }],
    [OTHER_SITE, { origin: '' }],
    [OTHER_SITE, { origin: 'null', referer: 'http://app.example:8080/' }],
    ['taken', { referer: 'http://app.example:8080/form' }],
    [OTHER_SITE, { referer: 'http://evil.example/http://app.example:8080/' }],
    [OTHER_SITE, { referer: 'nonsense' }],
  ])('%s: %j', async (expected, headers) => {
    expect(await send(headers)).toBe(expected)
  })

  test.each<[string, string, string]>([
    ['taken', 'https://app.example', 'app.example:443'],
    ['taken', 'http://app.example', 'app.example:80'],
    [OTHER_SITE, 'http://app.example', 'app.example:443'],
    [OTHER_SITE, 'file://', 'app.example'],
  ])('%s: a page of %s, when a proxy writes Host: %s', async (expected, origin, host) => {
    expect(await send({ origin, host })).toBe(expected)
  })

  test('trusted origins may send requests', async () => {
    const options = { trustedOrigins: ['https://login.example'] }
    expect(await send({ origin: 'https://login.example', 'sec-fetch-site': 'cross-site' }, options)).toBe('taken')
    expect(await send({ origin: 'https://login.example' }, options)).toBe('taken')
    expect(await send({ origin: 'http://login.example' }, options)).toBe(OTHER_SITE)
    expect(await send({ origin: 'https://other.example', 'sec-fetch-site': 'cross-site' }, options)).toBe(OTHER_SITE)
  })
})

describe('which routes', () => {
  test('except names endpoints', async () => {
    const client = clientOf({ except: ['write'] })
    expect((await client.post('/', { form: { a: 'b' } })).json()).toEqual([['a', 'b']])
    expect(said(await client.post('/login'))).toEqual([400, NO_SESSION])
  })

  @Blueprint('/blog', { name: 'blog' })
  class Blog {
    @Post('/write') write() {
      return 'written'
    }

    @Post('/ping') ping() {
      return 'pong'
    }
  }

  test('a blueprint alone', async () => {
    const client = clientOf({ blueprint: Blog, except: ['ping'] }, App, { blueprints: [Blog] })
    expect(said(await client.post('/blog/write'))).toEqual([400, NO_SESSION])
    expect((await client.post('/blog/ping')).text).toBe('pong')
    expect((await client.post('/', { form: { a: 'b' } })).status).toBe(200)
    const headers = { 'X-CSRF-Token': await tokenFor(client) }
    expect((await client.post('/blog/write', { headers })).text).toBe('written')
  })

  test('the application, with a route of a blueprint left out', async () => {
    const client = clientOf({ except: ['blog.ping'] }, App, { blueprints: [Blog] })
    expect(said(await client.post('/blog/write'))).toEqual([400, NO_SESSION])
    expect((await client.post('/blog/ping')).text).toBe('pong')
  })

  test('an endpoint that does not exist is a SetupError', () => {
    expect(setupError(() => application({ except: ['wirte'] }))).toMatch(
      /^FLASKOA_BAD_ENDPOINT .*there is no endpoint 'wirte' here\. It has: any, login, token, write\.$/,
    )
  })
})

describe('what answers', () => {
  test('an error handler for 400, before the methods of the application', async () => {
    class Handled extends App {
      @BeforeRequest() before() {
        note('before')
      }

      @ErrorHandler(400) refused({ message }: HttpError) {
        return makeResponse({ message }, 403)
      }
    }
    const client = clientOf({}, Handled)
    const refused = await client.post('/')
    expect([refused.status, refused.json()]).toEqual([403, { message: NO_SESSION }])
    expect(log).toEqual([])
  })

  test('a body that is no form is refused as everywhere', async () => {
    const client = clientOf({}, App, { limits: { form: 100 } })
    await tokenFor(client)
    const headers = { 'content-type': 'application/x-www-form-urlencoded; charset=latin1' }
    expect((await client.post('/', { body: 'a=b', headers })).status).toBe(415)
    const large = multipart([part('a', 'x'.repeat(200))])
    expect((await client.post('/', { body: large, headers: { 'content-type': MULTIPART } })).status).toBe(413)
  })

  test('the body of a client without a session is not read', async () => {
    const client = clientOf({}, App, { limits: { form: 100 } })
    const large = multipart([part('a', 'x'.repeat(200))])
    expect(said(await client.post('/', { body: large, headers: { 'content-type': MULTIPART } }))).toEqual([
      400,
      NO_SESSION,
    ])
  })
})

describe('without a secret key', () => {
  const NEEDED =
    'FLASKOA_BAD_OPTION bootstrap: the extension csrf needs secretKey, a long and random text that signs the cookie of the session. ' +
    'Or give Koa its keys, koa: { keys: [...] }. With session: { signed: false } any client can change its session.'

  test('there is no session that a token could belong to: a SetupError', () => {
    expect(setupError(() => application({}, App, { secretKey: undefined }))).toBe(NEEDED)
  })

  test.each<[string, BootstrapOptions]>([
    ["Koa's own keys", { koa: { keys: ['a secret of the tests, long enough'] } }],
    ['a session that is not signed', { session: { signed: false } }],
    [
      'the key of another extension',
      { extensions: [csrf(), { name: 'keys', options: { secretKey: 'a secret of the tests, long enough' } }] },
    ],
  ])('%s will do', async (_, more) => {
    const client = clientOf({}, App, { secretKey: undefined, ...more })
    expect((await client.post('/', { form: { csrf_token: await tokenFor(client) } })).status).toBe(200)
  })

  test('in an application of Koa, which may get its keys later, each form is refused', async () => {
    const koa = new Koa()
    koa.silent = true
    koa.use(lifecycle(App, { extensions: [csrf()] }))
    const client = testClient(koa)
    expect(said(await client.post('/'))).toEqual([400, NO_SESSION])
    expect((await client.get('/token')).status).toBe(500)
  })
})

test('names of your own for the field and the header', async () => {
  const client = clientOf({ field: '_token', header: 'X-Token' })
  const token = await tokenFor(client)
  expect((await client.post('/', { form: { _token: token } })).status).toBe(200)
  expect((await client.put('/any', { headers: { 'x-token': token } })).status).toBe(200)
  expect(said(await client.post('/', { form: { csrf_token: token } }))).toEqual([400, MISSING])
})

describe('views that read the body in other ways', () => {
  const Entry = z.object({ title: z.string() })
  class Views extends App {
    @Post('/declared', { form: Entry }) declared({ form }: { form: FormOf<typeof Entry> }) {
      return form
    }

    @Post('/bytes') async bytes(ctx: Context) {
      return String((await ctx.request.bytes()).length)
    }

    @Post('/parts') async parts(ctx: Context) {
      const names = []
      for await (const { name } of ctx.request.parts()) names.push(name)
      return names
    }
  }

  test('the option form, request.bytes(), and request.parts() with the header field', async () => {
    const client = clientOf({}, Views)
    const token = await tokenFor(client)
    const form = { title: 'x', csrf_token: token }
    expect((await client.post('/declared', { form })).json()).toEqual({ title: 'x' })
    expect((await client.post('/bytes', { form })).text).toBe(String(new URLSearchParams(form).toString().length))
    const body = multipart([part('title', 'x')])
    const headers = { 'content-type': MULTIPART, 'X-CSRF-Token': token }
    expect((await client.post('/parts', { body, headers })).json()).toEqual(['title'])
    expect((await client.post('/declared', { body, headers })).json()).toEqual({ title: 'x' })
  })

  test('behind a body parser of Koa', async () => {
    class Parsed {
      @Get('/token') token() {
        return csrfToken()
      }

      @Post('/') write(ctx: Context) {
        return (ctx.request as unknown as { body: object }).body
      }
    }
    const client = clientOf({}, Parsed as never, { middleware: [bodyParser()] })
    const token = await tokenFor(client)
    expect((await client.post('/', { form: { a: 'b', csrf_token: token } })).json()).toEqual({
      a: 'b',
      csrf_token: token,
    })
    expect(said(await client.post('/', { form: { a: 'b' } }))).toEqual([400, MISSING])
    expect(said(await client.post('/', { json: { csrf_token: 5 } }))).toEqual([400, MISSING])
    const body = multipart([part('csrf_token', token)])
    expect((await client.post('/', { body, headers: { 'content-type': MULTIPART } })).status).toBe(200)
  })
})

test.each(protocols)('%s', async (_, serveWhile) => {
  const app = application()
  const client = testClient(app)
  const token = await tokenFor(client)
  const cookie = [...client.cookies].map(({ name, value }) => `${name}=${value}`).join('; ')
  await serveWhile(app, async send => {
    const type = 'application/x-www-form-urlencoded'
    const form = (text: string) => send({ type, body: text, headers: { cookie } })
    expect((await form(`a=b&csrf_token=${token}`))[0]).toBe(200)
    expect((await form('a=b'))[0]).toBe(400)
  })
})

test('without a context of its own after an await', async () => {
  const client = clientOf({}, App, { asyncContext: false })
  expect((await client.post('/', { form: { csrf_token: await tokenFor(client) } })).status).toBe(200)
  expect(said(await client.post('/', { form: { a: 'b' } }))).toEqual([400, MISSING])
})

test.each([
  [
    { feild: 'x' },
    "FLASKOA_BAD_OPTION csrf has no option 'feild'. It has: blueprint, except, field, header, trustedOrigins.",
  ],
  [{ header: 'X CSRF' }, 'FLASKOA_BAD_OPTION csrf: the option header must be the name of a header field'],
  [{ except: 'write' }, "FLASKOA_BAD_OPTION csrf: the option except must be a list of endpoints, like ['show']"],
  [{ trustedOrigins: ['login.example'] }, 'FLASKOA_BAD_OPTION csrf: the option trustedOrigins has "login.example"'],
  [
    { trustedOrigins: ['https://login.example/'] },
    'FLASKOA_BAD_OPTION csrf: the option trustedOrigins has "https://login.example/"',
  ],
])('csrf(%j) is a SetupError', (options, message) => {
  expect(setupError(() => csrf(options as CsrfOptions))).toContain(message)
})
