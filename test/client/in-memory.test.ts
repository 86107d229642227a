import { bootstrap, Get as GetPage, g, makeResponse, redirect, session, type Context } from 'flaskoa'
import { client, ConnectionError } from 'flaskoa/client'
import { Get, Post, type ArgsOf } from 'flaskoa/contract'
import { testClient } from 'flaskoa/testing'
import { z } from 'zod'

const routes = {
  login: Post('/login', { form: z.object({ name: z.string() }), response: { 204: null } }),
  me: Get('/me', { cookies: z.object({ theme: z.string().optional() }), response: z.object({ name: z.string() }) }),
  upload: Post('/upload', { form: z.object({ file: z.file() }) }),
  save: Post('/save', { body: z.object({ a: z.int() }), response: { 201: z.object({ a: z.int() }) } }),
  moved: Get('/moved'),
  cookies: Get('/cookies'),
  fails: Get('/fails'),
  breaks: Get('/breaks'),
}

class App {
  @routes.login login({ form }: ArgsOf<typeof routes.login>) {
    session.name = form.name
  }
  @routes.me me({ cookies }: ArgsOf<typeof routes.me>) {
    return { name: `${String(session.name)} ${cookies.theme ?? 'light'}` }
  }
  @routes.upload async upload({ form: { file } }: ArgsOf<typeof routes.upload>) {
    return [file.name, await file.text()]
  }
  @routes.save save({ body }: ArgsOf<typeof routes.save>) {
    return body
  }
  @routes.moved moved() {
    return redirect('/target')
  }
  @GetPage('/target') target() {
    return 'target'
  }
  @routes.cookies cookies(ctx: Context) {
    return makeResponse(ctx.get('X-Own'), 200, { 'Set-Cookie': ['a=1', 'b=2'] })
  }
  @routes.fails fails(): never {
    g.name = 'ann'
    throw new RangeError('a mistake')
  }
  @routes.breaks breaks(ctx: Context) {
    ctx.req.socket.destroy()
    return ''
  }
}

const inTests = () => testClient(bootstrap(App, { secretKey: 'secret', testing: true, logger: false }))

test('requests are made without sockets, and cookies are kept', async () => {
  const tests = inTests()
  const api = client(tests, routes)
  expect((await api.login({ form: { name: 'ann' } })).status).toBe(204)
  expect((await api.me()).body).toEqual({ name: 'ann light' })
  tests.cookies.set('theme', 'dark')
  expect((await api.me()).body).toEqual({ name: 'ann dark' })
  // Cookies of a call are in the place of those that the client keeps.
  expect((await api.me({ cookies: { theme: 'blue' } })).body).toEqual({ name: 'undefined blue' })
})

test('JSON, forms, files, header fields and redirects are as on a socket', async () => {
  const api = client(inTests(), routes, { headers: { 'X-Own': 'yes' } })
  expect(await api.save({ body: { a: 1 } })).toMatchObject({ status: 201, body: { a: 1 } })
  expect(await api.save({ body: {} as never })).toMatchObject({ status: 422, body: { errors: [{ pointer: '#/a' }] } })
  expect((await api.upload({ form: { file: new File(['text'], 'a.txt') } })).body).toEqual(['a.txt', 'text'])
  expect((await api.moved()).body).toBe('target')
  const { body, headers } = await api.cookies()
  expect([body, headers.getSetCookie()]).toEqual(['yes', ['a=1', 'b=2']])
})

test("an application's error rejects as it does for the test client", async () => {
  const tests = inTests()
  await expect(client(tests, routes).fails()).rejects.toThrow(new RangeError('a mistake'))
  expect(tests.g.name).toBe('ann')
})

test('a connection that breaks is a ConnectionError', async () => {
  const error: unknown = await client(inTests(), routes)
    .breaks()
    .catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(ConnectionError)
  expect(error).toMatchObject({ method: 'GET', url: '/breaks', cause: { code: 'ECONNRESET' } })
})

test('a header field without a value is absent', async () => {
  const response = { status: 200, headers: { 'x-a': undefined, 'x-b': 1 }, body: new Uint8Array() }
  const { headers } = await client({ request: () => Promise.resolve(response) }, routes).moved()
  expect([...headers]).toEqual([['x-b', '1']])
})

test('a rejection with nothing is passed on', async () => {
  const broken = { request: () => Promise.reject(undefined) }
  await expect(client(broken, routes).moved()).rejects.toBeUndefined()
})

test('a signal aborts', async () => {
  const reason = new Error('no longer wanted')
  const controller = new AbortController()
  const never = { request: () => new Promise<never>(() => undefined) }
  const call = client(never, routes).moved({}, { signal: controller.signal })
  setImmediate(() => controller.abort(reason))
  await expect(call).rejects.toBe(reason)
  await expect(client(never, routes).moved({}, { signal: controller.signal })).rejects.toBe(reason)
  const signal = new AbortController().signal
  expect((await client(inTests(), routes).moved({}, { signal })).body).toBe('target')
})
