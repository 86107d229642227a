import { AsyncLocalStorage } from 'node:async_hooks'
import { once } from 'node:events'
import { get, type Server } from 'node:http'
import { PassThrough, Readable } from 'node:stream'
import type Koa from 'koa'
import {
  AfterRequest,
  AfterResponse,
  ErrorHandler,
  Get,
  TeardownAppContext,
  TeardownRequest,
  bootstrap,
  gracefulShutdown,
  session,
  streamWithContext,
  withAppContext,
  type Context,
  type Response,
} from 'flaskoa'
import { ask } from '../support/ask'
import { MemoryStore } from '../support/stores'
import { portOf, serve } from '../support/serve'
import { until } from '../support/until'
import { worlds } from '../support/worlds'

// A middleware's AsyncLocalStorage, for instance a trace id, is there in all code of its request, whatever calls that code.

const trace = new AsyncLocalStorage<string>()
let seen: string[] = []
beforeEach(() => {
  seen = []
})

const look = (place: string) => {
  seen.push(`${place} ${trace.getStore()}`)
}

let traces = 0
const traced: Koa.Middleware = (_, next) => trace.run(`t${++traces}`, next)
beforeEach(() => {
  traces = 0
})

const never = new Promise<string>(() => undefined)

class App {
  @Get('/sync') sync() {
    return 'sync'
  }
  @Get('/async') async later() {
    await new Promise(setImmediate)
    return 'async'
  }
  @Get('/boom') boom(): string {
    throw new Error('boom')
  }
  @Get('/stream') stream() {
    return streamWithContext(async function* () {
      try {
        look('stream')
        yield 'one'
        await new Promise(setImmediate)
        look('stream')
        yield 'two'
      } finally {
        look('end of stream')
      }
    })
  }
  @Get('/broken') broken() {
    return streamWithContext(async function* () {
      yield await Promise.resolve('one')
      throw new Error('broken')
    })
  }
  @Get('/endless') endless(ctx: Context) {
    ctx.signal.addEventListener('abort', () => {
      look('abort')
    })
    return streamWithContext(async function* () {
      try {
        yield 'one'
        await new Promise(resolve => ctx.signal.addEventListener('abort', resolve))
      } finally {
        look('end of stream')
      }
    })
  }
  @Get('/hangs') hangs(ctx: Context) {
    ctx.signal.addEventListener('abort', () => {
      look('abort')
    })
    return never
  }
  @Get('/plain-stream') plain() {
    return Readable.from(
      (async function* () {
        yield await Promise.resolve('one')
        throw new Error('broken')
      })(),
    )
  }
  @Get('/session') newSession() {
    session.name = 'Ada'
    return ''
  }
  @ErrorHandler(503) late() {
    look('handler')
    return 'late'
  }
  @AfterRequest after(response: Response) {
    look('after')
    return response
  }
  @TeardownRequest teardown() {
    look('teardown')
  }
  @TeardownAppContext teardownApp() {
    look('app teardown')
  }
  @AfterResponse told() {
    look('after response')
  }
}

const told = (count = 1) =>
  until(
    `@AfterResponse has run ${count} times`,
    () => seen.filter(each => each.startsWith('after response')).length >= count,
  )

/** What one request saw, and where. */
async function seenIn(app: Koa, path: string): Promise<string[]> {
  app.on('error', () => {
    look('error')
  })
  await serve(app, async url => {
    await ask(url + path).catch(() => undefined)
    await told()
  })
  return seen
}

/** A client that disconnects after the first chunk. */
async function leave(url: string): Promise<void> {
  const request = get(url, { agent: false }).on('error', () => undefined)
  const [response] = (await once(request, 'response')) as [NodeJS.ReadableStream]
  await once(response, 'data')
  request.destroy()
}

describe.each(worlds)('the AsyncLocalStorage of a middleware around the lifecycle, %s', (_, make) => {
  const app = () => make(App, [traced], { secretKey: 'secret' })
  const ended = ['teardown t1', 'app teardown t1', 'after response t1']

  test.each(['/sync', '/async'])('%s', async path => {
    expect(await seenIn(app(), path)).toEqual(['after t1', ...ended])
  })

  test('an error', async () => {
    expect(await seenIn(app(), '/boom')).toEqual(['error t1', ...ended])
  })

  test('a stream that keeps its request', async () => {
    const stream = ['stream t1', 'stream t1', 'end of stream t1']
    expect(await seenIn(app(), '/stream')).toEqual(['after t1', ...stream, ...ended])
  })

  test.each(['/broken', '/plain-stream'])('the error of a stream: %s', async path => {
    const all = await seenIn(app(), path)
    expect(all.filter(each => each.startsWith('error'))).toEqual(['error t1'])
    expect([...new Set(all.map(each => each.split(' ').at(-1)))]).toEqual(['t1'])
  })

  test('a stream that another one, of an outer middleware, reads', async () => {
    const outer: Koa.Middleware = async (ctx, next) => {
      await next()
      ctx.body = (ctx.body as Readable).pipe(new PassThrough())
    }
    const all = await seenIn(make(App, [outer, traced]), '/plain-stream')
    expect(all.filter(each => each.startsWith('error'))).toEqual(['error t1'])
  })

  test('a client that disconnects', async () => {
    await serve(app(), async url => {
      await leave(`${url}/endless`)
      await told()
    })
    expect(seen).toEqual(['after t1', 'abort t1', 'end of stream t1', ...ended])
  })

  test('the deadline', async () => {
    const all = await seenIn(make(App, [traced], { requestTimeout: 20 }), '/hangs')
    expect(all).toEqual(['abort t1', 'handler t1', 'after t1', ...ended])
  })

  test('a session whose key the client does not receive', async () => {
    const store = new MemoryStore()
    store.before = command => {
      look(command)
    }
    const hidden: Koa.Middleware = async (ctx, next) => {
      await next()
      ctx.remove('Set-Cookie')
    }
    const options = { secretKey: 'secret', session: { store } }
    const all = await seenIn(make(App, [hidden, traced], options), '/session')
    await until('the session is destroyed', () => store.kept.size === 0)
    expect(all).toEqual(['after t1', 'set t1', 'teardown t1', 'app teardown t1', 'destroy t1', 'after response t1'])
  })
})

test('a teardown that debug mode keeps for the next request', async () => {
  const app = bootstrap(App, { middleware: [traced], logger: false, preserveContextOnException: true })
  await serve(app, async url => {
    await ask(`${url}/boom`)
    await told(1)
    await ask(`${url}/sync`)
    await told(2)
  })
  expect(seen).toEqual([
    'after response t1',
    ...['teardown t1', 'app teardown t1'],
    ...['after t2', 'teardown t2', 'app teardown t2', 'after response t2'],
  ])
})

test('the end of a request that a shutdown no longer waits for', async () => {
  const app = bootstrap(App, { middleware: [traced], logger: false })
  const server: Server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { close, uninstall } = gracefulShutdown(server, { timeout: 20 })
  try {
    const answers = ['/hangs', '/endless'].map(path => ask(`http://127.0.0.1:${portOf(server)}${path}`))
    await until('both requests are in their views', () => traces === 2 && seen.includes('after t2'))
    await trace.run('shutdown', () => Promise.all([close(), ...answers.map(each => each.catch(() => undefined))]))
  } finally {
    uninstall()
  }
  expect(seen.filter(each => each.endsWith('shutdown'))).toEqual([])
  expect(seen.filter(each => each.endsWith('t1'))).toEqual([
    ...['abort t1', 'handler t1', 'after t1', 'teardown t1', 'app teardown t1', 'after response t1'],
  ])
  expect(seen.filter(each => each.endsWith('t2'))).toEqual([
    ...['after t2', 'abort t2', 'end of stream t2', 'teardown t2', 'app teardown t2', 'after response t2'],
  ])
})

test('listeners of the events of teardown, behind a stream', async () => {
  const app = bootstrap(App, { middleware: [traced], logger: false })
  for (const name of ['requestTearingDown', 'appContextTearingDown', 'appContextPopped']) {
    app.on(name, () => {
      look(name)
    })
  }
  expect((await seenIn(app, '/stream')).filter(each => !each.endsWith(' t1'))).toEqual([])
  expect(seen).toEqual(
    expect.arrayContaining(['requestTearingDown t1', 'appContextTearingDown t1', 'appContextPopped t1']),
  )
})

test('withAppContext', async () => {
  await trace.run('job', () =>
    withAppContext(bootstrap(App), async () => {
      await new Promise(setImmediate)
      look('job')
    }),
  )
  expect(seen).toEqual(['job job', 'app teardown job'])
})
