import fc from 'fast-check'
import type Koa from 'koa'
import { get, head, outcome, same } from '../support/same'

// Whatever middleware does to a response, in whatever order: Koa's and ours come out the same, to the byte.

type Act = (ctx: Koa.Context) => unknown

const names = [
  'X-A',
  'x-a',
  'X-B',
  'Content-Type',
  'content-length',
  'Set-Cookie',
  'Vary',
  'Connection',
  'Date',
  'Link',
]
const name = fc.constantFrom(...names)
const text = fc.constantFrom('a', '', 'b c', 'ü', '3', 'close', 'text/css', 'Ω', 'a\nb')
const value = fc.oneof(text, fc.constantFrom(3, 0), fc.array(text, { maxLength: 2 })) as fc.Arbitrary<string>
const code = fc.constantFrom(200, 201, 204, 205, 304, 404, 500, 599, 99, 1000)
const type = fc.constantFrom('html', 'json', 'text/x-own', 'nosuch', '', 'png')
const bodies = ['text', '<p>', '', { a: 1 }, [1], null, undefined, 5, Buffer.from('b')]

/** Something done to a response, and how to read it in a counter-example. */
const act = fc
  .oneof(
    one('ctx.set', name, value, (ctx, each, what) => ctx.set(each, what)),
    one('ctx.append', name, value, (ctx, each, what) => ctx.append(each, what)),
    one('ctx.remove', name, fc.constant(''), (ctx, each) => ctx.remove(each)),
    one('ctx.status=', code, fc.constant(''), (ctx, each) => (ctx.status = each)),
    one('ctx.message=', text, fc.constant(''), (ctx, each) => (ctx.message = each)),
    one('ctx.type=', type, fc.constant(''), (ctx, each) => (ctx.type = each)),
    one('ctx.body=', fc.constantFrom(...bodies), fc.constant(''), (ctx, each) => (ctx.body = each)),
    one('ctx.length=', fc.constantFrom(0, 2, 3), fc.constant(''), (ctx, each) => (ctx.length = each)),
    one('ctx.vary', text, fc.constant(''), (ctx, each) => ctx.vary(each)),
    one('ctx.redirect', text, fc.constant(''), (ctx, each) => ctx.redirect(each)),
    one('ctx.attachment', text, fc.constant(''), (ctx, each) => ctx.attachment(each)),
    one('ctx.cookies.set', fc.constantFrom('a', 'b'), fc.constantFrom('c', 'd'), (ctx, each, what) =>
      ctx.cookies.set(each, what),
    ),
    one('res.setHeader', name, value, ({ res }, each, what) => res.setHeader(each, what) === res),
    one('res.appendHeader', name, value, ({ res }, each, what) => res.appendHeader(each, what) === res),
    one('res.removeHeader', name, fc.constant(''), ({ res }, each) => res.removeHeader(each)),
    one('res.statusCode=', code, fc.constant(''), ({ res }, each) => (res.statusCode = each)),
    one('res.writeHead', code, fc.constant(''), ({ res }, each) => res.writeHead(each) === res),
    one('res.writeHead of a field', name, value, ({ res }, each, what) => res.writeHead(200, { [each]: what }) === res),
    one('res.writeHead of a list', name, text, ({ res }, each, what) => res.writeHead(200, [each, what]) === res),
    one('res.write', fc.constantFrom('w', 'ww'), fc.constant(''), ({ res }, each) => res.write(each)),
    one('res.flushHeaders', fc.constant(''), fc.constant(''), ({ res }) => res.flushHeaders()),
    one('throw', fc.constantFrom(400, 500), text, (ctx, each, what) =>
      ctx.throw(each, what, { headers: { 'X-E': 'e' } }),
    ),
  )
  .filter(({ label }) => label !== '')

function one<A, B>(
  what: string,
  first: fc.Arbitrary<A>,
  second: fc.Arbitrary<B>,
  run: (ctx: Koa.Context, a: A, b: B) => unknown,
): fc.Arbitrary<{ label: string; run: Act }> {
  return fc.tuple(first, second).map(([a, b]) => ({
    label: `${what}(${fc.stringify(a)}, ${fc.stringify(b)})`,
    run: ctx => run(ctx, a, structuredClone(b)), // Node appends to the very list that it was given
    [fc.toStringMethod]: () => `${what}(${fc.stringify(a)}, ${fc.stringify(b)})`,
  }))
}

const look = (ctx: Koa.Context) => [
  [ctx.status, ctx.message, ctx.type, outcome(() => ctx.length), ctx.headerSent, ctx.writable],
  [ctx.res.getHeaders(), ctx.res.getHeaderNames(), ctx.response.get('X-A'), ctx.res.hasHeader('Content-Type')],
]

test('random responses', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 1, maxLength: 8 }), async acts => {
      await same(
        (app, note) => {
          app.on('error', (_, ctx: Koa.Context) => setImmediate(() => ctx.socket.end())) // nothing more may come
          app.use(ctx => {
            ctx.res.once('finish', () => ctx.socket.end())
            for (const { label, run } of acts) {
              if (label.startsWith('throw')) run(ctx)
              note(
                outcome(() => void run(ctx)),
                ...look(ctx),
              )
            }
          })
        },
        get('/'),
        head('/'),
      )
    }),
    { numRuns: Number(process.env.RUNS ?? 60), seed: Number(process.env.SEED ?? 1), interruptAfterTimeLimit: 20_000 },
  )
})
