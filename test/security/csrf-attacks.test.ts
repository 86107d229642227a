import Koa from 'koa'
import koaSession from 'koa-session'
import {
  Blueprint,
  Get,
  Post,
  Route,
  bootstrap,
  lifecycle,
  session,
  type BootstrapOptions,
  type Context,
} from 'flaskoa'
import { csrf, csrfToken } from 'flaskoa/security'
import { testClient, type TestClient } from 'flaskoa/testing'
import { log, note } from '../support/log'
import { MULTIPART, multipart, part } from '../support/multipart'
import { MemoryStore } from '../support/stores'
import { setupError } from '../support/setup-error'

// What someone may try who knows the form, and has no token of the session or has to put it elsewhere.

class App {
  @Get('/token') token() {
    return csrfToken()
  }

  @Route('/', { methods: ['GET', 'POST', 'TRACE'] }) async write(ctx: Context) {
    note(`${ctx.method} / runs`)
    return ctx.method === 'POST' ? [...(await ctx.request.form().catch(() => []))] : ''
  }

  @Post('/login') async login() {
    await session.regenerate()
    return csrfToken()
  }
}

@Blueprint('/blog', { name: 'blog' })
class Blog {
  @Post('/') write() {
    return note('blog runs', 'written')
  }
}

const application = (more: BootstrapOptions = {}) =>
  bootstrap(App, {
    secretKey: 'a secret of the tests, long enough',
    logger: false,
    extensions: [csrf()],
    blueprints: [Blog],
    ...more,
  })
const clientOf = (more?: BootstrapOptions) => testClient(application(more))
const tokenFor = async (client: TestClient) => (await client.get('/token')).text
const said = ({ status, text }: { status: number; text: string }) => `${status} ${/<p>(.*)<\/p>/.exec(text)?.[1]}`

const MISSING = '400 The CSRF token is missing.'
const WRONG = '400 The CSRF token is not valid: load the page with the form again.'
const NO_SESSION = '400 The session has no CSRF token: load the page with the form first.'

type Sent = NonNullable<Parameters<TestClient['post']>[1]>
const file = (token: string): Sent => ({
  body: multipart([part('csrf_token', token, 'token.txt')]),
  headers: { 'content-type': MULTIPART },
})

test.each<[string, string, (token: string) => Sent, string?]>([
  ['in a file', MISSING, file],
  ['under the name of a list', MISSING, token => ({ form: { 'csrf_token[]': token } })],
  ['under a name in capitals', MISSING, token => ({ form: { CSRF_TOKEN: token } })],
  ['in JSON', MISSING, token => ({ json: { csrf_token: token } })],
  [
    'in a text that looks like a form',
    MISSING,
    token => ({ body: `csrf_token=${token}`, headers: { 'content-type': 'text/plain' } }),
  ],
  [
    'behind a wrong one',
    WRONG,
    token => ({
      body: `csrf_token=x&csrf_token=${token}`,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    }),
  ],
  [
    'beside a wrong one in the header field',
    WRONG,
    token => ({ form: { csrf_token: token }, headers: { 'x-csrf-token': 'x' } }),
  ],
  ['twice in the header field', WRONG, token => ({ headers: { 'x-csrf-token': `${token}, ${token}` } })],
  ['followed by a million letters', WRONG, token => ({ form: { csrf_token: token.padEnd(400_000, 'A') } })],
])('a token %s does not count', async (_, answer, given) => {
  const client = clientOf()
  expect(said(await client.post('/', given(await tokenFor(client))))).toBe(answer)
  expect(log).toEqual([])
})

test('a token in the query does not count', async () => {
  const client = clientOf()
  expect(said(await client.post(`/?csrf_token=${await tokenFor(client)}`, { form: { a: 'b' } }))).toBe(MISSING)
})

test('a token from before the log-in does not count after it, the new one does', async () => {
  const client = clientOf()
  const known = await tokenFor(client)
  const fresh = (await client.post('/login', { form: { csrf_token: known } })).text
  expect(said(await client.post('/blog/', { form: { csrf_token: known } }))).toBe(WRONG)
  expect((await client.post('/blog/', { form: { csrf_token: fresh } })).text).toBe('written')
})

test.each<[string, BootstrapOptions]>([
  ['in a store', { session: { store: new MemoryStore() } }],
  ['in a store without conflicts', { session: { store: new MemoryStore(), onConflict: 'last-write' } }],
])('also of a session %s', async (_, more) => {
  const client = clientOf(more)
  const known = await tokenFor(client)
  const fresh = (await client.post('/login', { form: { csrf_token: known } })).text
  expect(said(await client.post('/blog/', { form: { csrf_token: known } }))).toBe(WRONG)
  expect((await client.post('/blog/', { form: { csrf_token: fresh } })).text).toBe('written')
})

test('also of a session that koa-session has opened around the lifecycle', async () => {
  const koa = new Koa()
  koa.keys = ['a secret of the tests, long enough']
  koa.use(koaSession(koa))
  koa.use(lifecycle(App, { extensions: [csrf()], blueprints: [Blog] }))
  const client = testClient(koa)
  const known = await tokenFor(client)
  const fresh = (await client.post('/login', { form: { csrf_token: known } })).text
  expect(said(await client.post('/blog/', { form: { csrf_token: known } }))).toBe(WRONG)
  expect((await client.post('/blog/', { form: { csrf_token: fresh } })).text).toBe('written')
})

test('a session that an attacker has planted gives no token of the victim', async () => {
  const [attacker, victim] = [clientOf(), clientOf()]
  const token = await tokenFor(attacker)
  expect(said(await victim.post('/', { form: { csrf_token: token } }))).toBe(NO_SESSION)
  await tokenFor(victim)
  expect(said(await victim.post('/', { form: { csrf_token: token } }))).toBe(WRONG)
})

test('methods that only read need no token, and no header field changes the method', async () => {
  const client = clientOf()
  for (const method of ['GET', 'HEAD', 'TRACE', 'OPTIONS']) expect((await client.request(method, '/')).status).toBe(200)
  expect(log).toEqual(['GET / runs', 'HEAD / runs', 'TRACE / runs'])
  await tokenFor(client)
  for (const name of ['X-HTTP-Method-Override', 'X-HTTP-Method', 'X-Method-Override'])
    expect(said(await client.post('/', { headers: { [name]: 'GET' }, form: { _method: 'GET' } }))).toBe(MISSING)
})

test('of the application and of a blueprint both, each with its own field', async () => {
  const client = clientOf({ extensions: [csrf(), csrf({ blueprint: Blog, field: 'blog_token' })] })
  const token = await tokenFor(client)
  const send = async (form: Record<string, string>) => said(await client.post('/blog/', { form }))
  expect(await send({ csrf_token: token })).toBe(MISSING)
  expect(await send({ blog_token: token })).toBe(MISSING)
  expect(log).toEqual([])
  expect((await client.post('/blog/', { form: { csrf_token: token, blog_token: token } })).text).toBe('written')
})

test('twice for the same routes is a SetupError', () => {
  expect(setupError(() => application({ extensions: [csrf(), csrf({ except: ['write'] })] }))).toContain(
    "two extensions have the name 'csrf'",
  )
})

test('a page with a token is for one session in caches, too', async () => {
  const { headers } = await clientOf().get('/token')
  expect(headers.vary).toContain('Cookie')
})
