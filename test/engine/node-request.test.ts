import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { finished, PassThrough, Readable } from 'node:stream'
import { buffer, text } from 'node:stream/consumers'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import Koa from 'koa'
import { Application } from '../../src/engine/application'
import { Gate, settled } from '../support/gate'
import { portOf, serve } from '../support/serve'
import { get, head, post, same, type Note } from '../support/same'
import { until } from '../support/until'

// What middleware does to Node's own request, past Koa: before its response is out, and after it.

type Act = (req: IncomingMessage, note: Note) => unknown

/** Some turns of the event loop: all that follows from what happened has happened then, in this process. */
const later = async () => {
  for (let turn = 0; turn < 3; turn++) await settled()
}

/** Without `closed`, which is only true once somebody has looked. */
const state = (req: IncomingMessage) => {
  const { readable, readableEnded, destroyed, complete, errored } = req
  return { readable, readableEnded, destroyed, complete, errored, aborted: hasAborted(req) }
}

// Deprecated, and still what many ask.
const hasAborted = (req: IncomingMessage): unknown => Reflect.get(req, 'aborted')

const EVENTS = ['data', 'readable', 'end', 'close', 'error', 'aborted', 'pause', 'resume']

/** Writes down what happens to a request. */
const events =
  (name: 'on' | 'once' | 'addListener' | 'prependListener' | 'prependOnceListener', which: readonly string[]): Act =>
  (req, note) => {
    for (const event of which) req[name](event, () => note(event))
  }

const KEPT = { Connection: 'keep-alive' }
const CHUNKED = { ...KEPT, 'Transfer-Encoding': 'chunked' }
const withoutBody = [get('/', KEPT), head('/', KEPT), post('/', '', KEPT), get('/', CHUNKED, 'POST', '0\r\n\r\n')]
const withBody = [post('/', 'a body', KEPT), get('/', CHUNKED, 'POST', '3\r\nabc\r\n0\r\n\r\n')]

/**
 * Does `before` to each request while its response is not out, and `after` once it is and all that follows has happened.
 * What they note, and in what state the request is, must be the same in Koa.
 */
async function acts({ before, after }: { before?: Act; after?: Act }, requests = withoutBody): Promise<unknown[]> {
  const exchanges = requests.map(request => request + get('/after'))
  const { notes } = await same(
    (app, note) => {
      let first: IncomingMessage
      let out: Promise<unknown>
      app.use(async ({ req, res }, next) => {
        if (req.url === '/after') return next()
        first = req
        out = once(res, 'close')
        note(state(req), await before?.(req, note), state(req))
      })
      app.use(async () => {
        await out
        await later()
        note('out', state(first), await after?.(first, note))
        await later()
        note(state(first))
      })
    },
    ...exchanges,
  )
  return notes
}

describe('before the response', () => {
  test.each<[string, Act]>([
    ['nothing', () => undefined],
    ['each event by on', events('on', EVENTS)],
    ['each event by once', events('once', EVENTS)],
    ['each event by addListener', events('addListener', EVENTS)],
    ['each event by prependListener', events('prependListener', EVENTS)],
    ['each event by prependOnceListener', events('prependOnceListener', EVENTS)],
    ...EVENTS.map((event): [string, Act] => [`${event} alone`, events('on', [event])]),
    ...EVENTS.map((event): [string, Act] => [`${event} alone, put in front`, events('prependListener', [event])]),
    ['all of it', req => text(req)],
    ['all of it, later', async req => (await later(), text(req))],
    ['as bytes', async req => (await buffer(req)).length],
    ['piped', req => text(req.pipe(new PassThrough()))],
    ['as a web stream', req => new Response(Readable.toWeb(req) as ReadableStream).text()],
    ['read', req => String(req.read())],
    ['read, later', async req => (await later(), String(req.read()), state(req))],
    [
      'read until nothing is left',
      async (req, note) => (events('on', ['end'])(req, note), await later(), req.read(), req.read()),
    ],
    ['discarded', req => req.resume() === req],
    ['discarded, later', async req => (await later(), req.resume(), req.resume(), later())],
    [
      'discarded, then listened to',
      async (req, note) => (req.resume(), events('on', ['end', 'close'])(req, note), later()),
    ],
    [
      'discarded later, then listened to',
      async (req, note) => (await later(), req.resume(), events('on', ['end', 'close'])(req, note), later()),
    ],
    ['paused', async req => (req.pause(), req.isPaused())],
    ['paused and listened to', async (req, note) => (req.pause(), events('on', ['data', 'end'])(req, note), later())],
    ['paused, later', async req => (await later(), req.resume(), req.pause(), req.isPaused())],
    ['put back', async req => (await later(), req.unshift('more'), text(req))],
    ['its end waited for', async (req, note) => (finished(req, error => note('finished', error?.message)), later())],
    [
      'its end waited for, and read',
      async (req, note) => (finished(req, error => note('finished', error?.message)), text(req)),
    ],
    [
      'its end waited for, later',
      async (req, note) => (
        await later(),
        finished(req, error => note('finished', error?.message)),
        req.resume(),
        later()
      ),
    ],
    ['its state written', async req => ((req.readable = false), [state(req), await later()])],
    ['a time-out of its own', req => req.setTimeout(1000) === req],
  ])('%s', async (_, before) => {
    expect(await acts({ before })).not.toHaveLength(0)
  })

  test.each<[string, Act]>([
    ['nothing', () => undefined],
    ['all of it', req => text(req)],
    ['piped', req => text(req.pipe(new PassThrough()))],
    ['discarded', req => req.resume() === req],
    [
      'its end waited for, and read',
      async (req, note) => (finished(req, error => note('finished', error?.message)), text(req)),
    ],
  ])('of one with a body: %s', async (_, before) => {
    expect(await acts({ before }, withBody)).not.toHaveLength(0)
  })
})

describe('after the response', () => {
  test.each<[string, Act]>([
    [
      'all of it',
      async req => (req.readableEnded ? text(req).catch((error: unknown) => (error as Error).message) : 'open'),
    ],
    ['read', req => String(req.read())],
    ['discarded', req => req.resume() === req],
    ['paused', req => req.pause() === req],
    ['its end waited for', async (req, note) => (finished(req, error => note('finished', error?.message)), later())],
    ['destroyed', async req => (req.destroy(), later())],
    ['destroyed twice', async req => (req.destroy(new Error('late')), req.destroy(), later())],
  ])('%s', async (_, after) => {
    expect(await acts({ after })).not.toHaveLength(0)
  })
})

/** Node's `end` has been when somebody listens too late for it; here it comes then, once. */
test('a listener that is added after the response still gets the end', async () => {
  const app = new Application()
  let first: IncomingMessage | undefined
  app.use(async ctx => {
    if (first === undefined) return void ((first = ctx.req), (ctx.body = 'first'))
    await later()
    const heard: string[] = []
    for (const event of ['end', 'close']) first.on(event, () => heard.push(event))
    await later()
    ctx.body = [heard, state(first)]
  })
  const answers = await serve(app, async url => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    socket.write(get('/', { Connection: 'keep-alive' }) + get('/'))
    return text(socket)
  })
  expect(answers).toMatch(
    /\[\["end","close"\],\{"readable":false,"readableEnded":true,"destroyed":true,"complete":true/,
  )
})

test.each([
  ['a request that is waiting', get('/'), undefined],
  ['one whose end a listener waits for', get('/'), 'end'],
  ['one whose body is on its way', post('/', 'body').slice(0, -2), undefined],
  ['one whose body is read', post('/', 'body').slice(0, -2), 'data'],
])('the client leaves %s', async (_, request, event) => {
  const { notes } = await sameLeaving(request, event)
  expect(notes).not.toHaveLength(0)
})

/** Koa and the engine, with a client that leaves in the midst of the request. */
async function sameLeaving(request: string, event: string | undefined) {
  const of = async (app: Koa) => {
    const notes: unknown[] = []
    const came = new Gate()
    const gone = new Gate()
    const middleware = async ({ req }: Koa.Context) => {
      if (event !== undefined) req.on(event, () => notes.push(event))
      void came.pass()
      await new Promise(resolve => req.socket.once('close', resolve))
      await later()
      notes.push(state(req))
      void gone.pass()
    }
    app.silent = true // the error event reports a body that breaks off
    app.use(middleware)
    await serve(app, async url => {
      const socket = connect(Number(new URL(url).port), '127.0.0.1')
      socket.write(request)
      await came.reached
      socket.destroy()
      await gone.reached
    })
    return { notes }
  }
  const koa = await of(new Koa())
  expect(await of(new Application() as Koa)).toStrictEqual(koa)
  return koa
}

test('a connection that waits for its next request keeps no earlier request alive', async () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const app = new Application()
  let request: WeakRef<IncomingMessage> | undefined
  app.use(ctx => {
    request = new WeakRef(ctx.req)
    ctx.body = 'answered'
  })
  const server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const socket = connect(portOf(server), '127.0.0.1')
  socket.write(get('/', { Connection: 'keep-alive' }))
  await once(socket, 'data')
  await until('the request is collected', () => (collect(), request?.deref() === undefined))
  socket.destroy()
  server.close()
})
