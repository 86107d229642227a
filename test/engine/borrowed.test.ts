import { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type Koa from 'koa'
import { get, post, same } from '../support/same'

// What others do with Node's request and response when they take them for their own: all as with Koa.

/** An Express application, in all that matters: it gives both objects methods of its own over Node's. */
function express({ req, res }: Koa.Context): void {
  Object.setPrototypeOf(req, Object.create(IncomingMessage.prototype) as object)
  Object.setPrototypeOf(res, Object.create(ServerResponse.prototype) as object)
  const chunks: unknown[] = [res.getHeader('X-Before')]
  res.statusCode = 200
  res.setHeader('X-Powered-By', 'Express')
  req.on('data', (chunk: Buffer) => chunks.push(chunk.toString()))
  req.on('end', () => res.end(JSON.stringify(chunks)))
}

test.each([
  ['at once', () => undefined],
  ['after a while', () => sleep(5)],
])('a request and a response that are handed to Express, %s', async (_, wait) => {
  const { short } = await same(
    app =>
      app.use(async ctx => {
        ctx.set('X-Before', 'Koa')
        await wait()
        ctx.respond = false
        express(ctx)
        await new Promise(resolve => ctx.res.once('close', resolve))
      }),
    get('/'),
    post('/', 'a body'),
  )
  expect(short.map(text => text.includes('x-before: Koa') || text.includes('X-Before: Koa'))).toEqual([true, true])
  expect(short.map(text => text.slice(text.indexOf('[')))).toEqual([
    expect.stringContaining('["Koa"]'),
    expect.stringContaining('["Koa","a body"]'),
  ])
})

test.each<[string, (req: IncomingMessage) => IncomingMessage]>([
  ['inherits from it', req => Object.create(req) as IncomingMessage],
  ['wraps it', req => new Proxy(req, {})],
])('what %s is a request, too', async (_, wrap) => {
  const { notes } = await same(
    (app, note) =>
      app.use(async ctx => {
        const wrapped = wrap(ctx.req)
        note(wrapped.readable, wrapped.destroyed, wrapped.readableEnded)
        if (ctx.method === 'GET') await sleep(5)
        const chunks: string[] = []
        wrapped.on('data', (chunk: Buffer) => chunks.push(chunk.toString()))
        await new Promise(resolve => wrapped.on('end', resolve))
        note(chunks, ctx.req.readableEnded, wrapped.readableEnded)
        ctx.body = 'x'
      }),
    get('/'),
    post('/', 'a body'),
  )
  expect(notes).toEqual([true, false, false, [], true, true, true, false, false, ['a body'], true, true])
})

test("the properties of the request's prototype can be read", async () => {
  await same((app, note) =>
    app.use(ctx => {
      const { readable, destroyed, readableEnded } = Object.getPrototypeOf(ctx.req) as IncomingMessage
      note(readable, destroyed, readableEnded)
      ctx.body = 'x'
    }),
  )
})

test('a response may be given properties of any name', async () => {
  await same((app, note) =>
    app.use(ctx => {
      const names = ['fields', 'names', 'plain', 'shared', 'whenClosed']
      note(Object.keys(ctx.res).filter(name => names.includes(name)))
      Object.assign(ctx.res, { fields: { some: 'thing' }, names: 5, plain: false, shared: true, whenClosed: 'no' })
      ctx.set('X-Set', 'set')
      ctx.body = 'x'
    }),
  )
})

test('strictContentLength prevents a body longer than Content-Length from being sent', async () => {
  const { wire, reported } = await same(app =>
    app.use(ctx => {
      ctx.body = 'h€llo'
      ctx.res.strictContentLength = true
      ctx.length = 3
      ctx.res.once('error', () => undefined)
      setTimeout(() => ctx.socket.destroy(), 20) // shows that nothing is sent until then
    }),
  )
  expect([wire, reported]).toEqual([[''], [expect.stringContaining('ERR_HTTP_CONTENT_LENGTH_MISMATCH')]])
})
