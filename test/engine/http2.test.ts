import { once } from 'node:events'
import { connect, constants, createServer, type ClientHttp2Session, type IncomingHttpHeaders } from 'node:http2'
import { PassThrough, Readable } from 'node:stream'
import type Koa from 'koa'
import { settled } from '../support/gate'
import { applicationOf, summary } from '../support/same'
import { portOf } from '../support/serve'

// An application behind Node's HTTP/2 server, without TLS: it makes the response's class itself.

interface Seen {
  answers: { headers: IncomingHttpHeaders; body: string }[]
  reported: string[]
  notes: unknown[]
}

type Talk = (session: ClientHttp2Session, ask: (headers: Record<string, string>) => Promise<void>) => Promise<unknown>

async function over2(
  kind: 'Koa' | 'engine',
  setUp: (app: Koa, note: (...v: unknown[]) => void) => unknown,
  talk: Talk,
) {
  const seen: Seen = { answers: [], reported: [], notes: [] }
  const app = applicationOf(kind, each => setUp(each, (...values) => seen.notes.push(...values)))
  app.on('error', (error: Error, ctx?: Koa.Context) => seen.reported.push(`${summary(error)} on ${ctx?.url}`))
  const server = createServer(app.callback() as never).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const session = connect(`http://127.0.0.1:${portOf(server)}`)
  try {
    await talk(session, async headers => {
      const stream = session.request(headers)
      stream.end()
      const [received] = (await once(stream, 'response')) as [IncomingHttpHeaders]
      let body = ''
      for await (const chunk of stream.setEncoding('utf8')) body += chunk
      seen.answers.push({ headers: { ...received, date: 'now' }, body })
    })
  } finally {
    session.destroy()
    await new Promise(resolve => server.close(resolve))
  }
  return seen
}

async function same2(setUp: Parameters<typeof over2>[1], talk: Talk): Promise<Seen> {
  const koa = await over2('Koa', setUp, talk)
  expect(await over2('engine', setUp, talk)).toEqual(koa)
  return koa
}

test.each<[string, Koa.Middleware, number, string]>([
  ['text', ctx => void (ctx.body = 'text'), 200, 'text'],
  ['JSON', ctx => void (ctx.body = { a: 1 }), 200, '{"a":1}'],
  ['null', ctx => void (ctx.body = null), 204, ''],
  ['nothing', () => {}, 404, '404'],
  ['a status', ctx => void (ctx.status = 403), 403, '403'],
  ['a message', ctx => void ((ctx.status = 403), (ctx.message = 'No')), 403, '403'],
  ['a stream', ctx => void (ctx.body = Readable.from(['a', 'b'])), 200, 'ab'],
  ['fields', ctx => void (ctx.set({ 'X-A': 'a', 'Set-Cookie': ['b=c', 'd=e'] }), (ctx.body = 'x')), 200, 'x'],
  ['an error', ctx => ctx.throw(400, 'bad'), 400, 'bad'],
  ['another error', () => Promise.reject(new Error('secret')), 500, 'Internal Server Error'],
  ['a redirect', ctx => ctx.redirect('/a'), 302, 'Redirecting to /a.'],
  ['cookies', ctx => void (ctx.cookies.set('a', 'b'), (ctx.body = 'x')), 200, 'x'],
  [
    'a field again',
    ctx => void (ctx.set('X-A', 'a'), ctx.set('X-B', 'b'), ctx.set('x-a', 'c'), (ctx.body = 'x')),
    200,
    'x',
  ],
  ['a list', ctx => void (ctx.res.setHeader('X-A', ['a', 'b']), (ctx.body = 'x')), 200, 'x'],
  ['a number', ctx => void (ctx.res.setHeader('X-A', 1), (ctx.body = 'x')), 200, 'x'],
  [
    'a field less',
    ctx => void (ctx.set('X-A', 'a'), ctx.set('X-B', 'b'), ctx.remove('x-a'), (ctx.body = 'x')),
    200,
    'x',
  ],
  ['a name with spaces', ctx => void (ctx.res.setHeader(' X-A ', 'a'), (ctx.body = 'x')), 200, 'x'],
  [
    'spaces around a name that is removed',
    ctx =>
      void (
        ctx.set('X-A', 'a'),
        ctx.res.removeHeader(' X-A '),
        ctx.set('X-A', 'b'),
        ctx.remove('X-A'),
        (ctx.body = 'x')
      ),
    200,
    'x',
  ],
  [
    'a field and more of it',
    ctx => void (ctx.append('X-A', 'a'), ctx.res.appendHeader('X-A', 'b'), (ctx.body = 'x')),
    200,
    'x',
  ],
  ['a date', ctx => void (ctx.set('Date', 'now'), (ctx.body = 'x')), 200, 'x'],
  ['no date', ctx => void (ctx.remove('Date'), ctx.set('X-A', 'a'), (ctx.body = 'x')), 200, 'x'],
  ['bytes', ctx => void (ctx.body = Buffer.from('x')), 200, 'x'],
  ['an empty text', ctx => void (ctx.body = ''), 200, ''],
  ['a long text', ctx => void (ctx.body = 'x'.repeat(20_000)), 200, 'x'.repeat(20_000)],
  [
    'more names than are remembered',
    ctx => {
      for (let index = 0; index < 600; index++) {
        ctx.set(`X-${index}`, 'a')
        ctx.remove(`X-${index}`)
      }
      ctx.set('X-Last', 'a')
      ctx.body = 'x'
    },
    200,
    'x',
  ],
  ['past Koa', ctx => void (ctx.res.writeHead(201, { 'X-A': 'a' }), ctx.res.end('own')), 201, 'own'],
])('%s', async (name, middleware, status, body) => {
  const { answers } = await same2(
    app => app.use(middleware),
    async (_session, ask) => {
      await ask({ ':path': '/', accept: 'text/plain' })
      // Koa never ends the answer to a HEAD that fails.
      if (!name.includes('error')) await ask({ ':path': '/', ':method': 'HEAD' })
    },
  )
  expect([answers[0]?.headers[':status'], answers[0]?.body, answers[1]?.body ?? '']).toEqual([status, body, ''])
})

test('the request', async () => {
  const { notes } = await same2(
    (app, note) =>
      app.use(ctx => {
        note(ctx.method, ctx.url, ctx.path, ctx.query, ctx.host, ctx.hostname, ctx.href, ctx.protocol, ctx.get('x-a'))
        note(ctx.req.httpVersion, ctx.response.message, ctx.writable, ctx.headerSent, ctx.ip, ctx.accepts('html'))
        note(ctx.res === ctx.response.res, ctx.socket.remoteAddress)
        ctx.body = 'x'
      }),
    (_, ask) => ask({ ':path': '/a?b=c', ':authority': 'example.com:80', 'x-a': 'd', accept: 'text/html' }),
  )
  expect(notes.slice(0, 6)).toEqual(['GET', '/a?b=c', '/a', { b: 'c' }, 'example.com:80', 'example.com'])
})

test('several at once on one connection', async () => {
  const { answers } = await same2(
    app => app.use(async ctx => void (await new Promise(setImmediate), (ctx.body = ctx.url))),
    async (_, ask) => Promise.all(['/1', '/2', '/3'].map(path => ask({ ':path': path }))),
  )
  expect(answers.map(each => each.body).sort()).toEqual(['/1', '/2', '/3'])
})

test('a stream that breaks', async () => {
  const { reported } = await same2(
    app =>
      app.use(ctx => {
        const stream = new PassThrough()
        stream.write('chunk')
        ctx.body = stream
        setTimeout(() => stream.destroy(new Error('broken')), 10)
      }),
    (_, ask) => ask({ ':path': '/' }).catch(() => undefined),
  )
  expect(reported.length).toBeGreaterThan(0)
})

test('a client that disconnects', async () => {
  let go = () => {}
  let seen = Promise.resolve()
  await same2(
    app =>
      app.use(async ctx => {
        seen = new Promise(resolve => (ctx.res as unknown as Readable).once('close', resolve))
        go()
        await seen
        ctx.body = 'late'
      }),
    async session => {
      const stream = session.request({ ':path': '/' })
      stream.on('error', () => undefined)
      await new Promise<void>(resolve => (go = resolve))
      stream.close(constants.NGHTTP2_CANCEL)
      await seen
      await settled()
    },
  )
})
