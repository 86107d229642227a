import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  AfterResponse,
  bootstrap,
  Get,
  redirect,
  streamWithContext,
  TeardownRequest,
  type Context,
  type Outcome,
} from 'flaskoa'
import { Gate } from '../support/gate'
import { log, note } from '../support/log'
import { serve } from '../support/serve'
import { until } from '../support/until'

// What the ledger has found, each by itself.

const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`

/** Sends requests on one connection, one right behind the other. */
async function pipelined(url: string, ...paths: string[]): Promise<Socket> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  await once(socket, 'connect')
  socket.on('error', () => undefined)
  socket.write(paths.map(get).join(''))
  return socket
}

const noted = (count: number) => until(`${count} things are noted`, () => log.length >= count)

/** How many chunks the plain stream has given. */
let chunks = 0

class App {
  @Get('/slow') async slow(ctx: Context): Promise<string> {
    await once(ctx.req.socket, 'close')
    return 'slow'
  }

  @Get('/text') text(): string {
    return 'text'
  }

  @Get('/large') large(): string {
    return 'x'.repeat(1000)
  }

  @Get('/stream') stream() {
    return streamWithContext(async function* () {
      for (;;) {
        await sleep(1)
        yield 'x'.repeat(10_000)
      }
    })
  }

  @Get('/string') string() {
    return streamWithContext(async function* () {
      yield 'begun'
      throw 'no error' as unknown
    })
  }

  @Get('/plain') async *plain() {
    try {
      for (; ; chunks++) yield 'x'.repeat(100_000)
    } finally {
      note('closed')
    }
  }

  @Get('/fails') fails() {
    return streamWithContext(async function* () {
      throw new Error('at once')
      yield ''
    })
  }

  @Get('/destroyed') destroyed(ctx: Context): string {
    ctx.req.socket.destroy()
    return 'never seen'
  }

  @TeardownRequest() teardown(error: unknown, { path }: Context) {
    note(`teardown ${path} ${error === undefined ? '' : String(error instanceof Error)}`.trim())
  }

  @AfterResponse() afterResponse({ aborted, bytesSent }: Outcome, { path }: Context) {
    note(`outcome ${path} ${aborted ? 'aborted' : bytesSent}`)
  }
}

test('a connection that ends before the turn of a pipelined response has come ends that request, too', async () => {
  await serve(bootstrap(App, { logger: false }), async url => {
    const socket = await pipelined(url, '/slow', '/text', '/stream')
    await noted(1)
    socket.destroy()
    await noted(6)
  })
  expect([...log].sort()).toEqual([
    ...['outcome /slow aborted', 'outcome /stream aborted', 'outcome /text aborted'],
    ...['teardown /slow', 'teardown /stream true', 'teardown /text'],
  ])
})

test('a plain stream is closed when the connection ends before the turn of its response has come', async () => {
  await serve(bootstrap(App, { logger: false }), async url => {
    const socket = await pipelined(url, '/slow', '/plain')
    await noted(1)
    await until('the plain stream has begun', () => chunks > 0)
    socket.destroy()
    await noted(5)
  })
  expect(log).toContain('closed')
})

test('a stream that fails before the turn of its response has come', async () => {
  await serve(bootstrap(App, { logger: false }), async url => {
    await pipelined(url, '/fails', '/fails')
    await noted(4)
  })
  expect([...log].sort()).toEqual([
    ...['outcome /fails aborted', 'outcome /fails aborted', 'teardown /fails true', 'teardown /fails true'],
  ])
})

test('bytesSent counts one response, even when responses are pipelined', async () => {
  let received = 0
  await serve(bootstrap(App, { logger: false }), async url => {
    const socket = await pipelined(url, '/text', '/large', '/text')
    socket.on('data', (data: Buffer) => (received += data.length))
    await noted(6)
    socket.end()
    await once(socket, 'close')
  })
  const [first, second, third] = log.filter(each => each.startsWith('outcome')).map(each => Number(each.split(' ')[2]))
  expect([(first as number) + (second as number) + (third as number), third]).toEqual([received, first])
})

test('a response that is written to a closed connection is aborted', async () => {
  await serve(bootstrap(App, { logger: false }), async url => {
    await pipelined(url, '/destroyed')
    await noted(2)
  })
  expect(log).toEqual(['teardown /destroyed', 'outcome /destroyed aborted'])
})

test('a non-error that a stream throws reaches teardown and the error event as an Error with it as cause', async () => {
  const app = bootstrap(App, { logger: false })
  const reported: Error[] = []
  app.on('error', (error: Error) => reported.push(error))
  await serve(app, async url => {
    await pipelined(url, '/string')
    await noted(2)
  })
  expect(log[0]).toBe('teardown /string true')
  expect(reported.map(({ cause }) => cause)).toEqual(['no error'])
})

test('redirect() in a teardown method comes too late to change a stream, as makeResponse() does', async () => {
  class Late {
    @Get('/') async *index() {
      yield 'whole'
    }

    @TeardownRequest() teardown() {
      redirect('/elsewhere')
    }
  }
  await serve(bootstrap(Late, { logger: false }), async url => {
    expect(await (await fetch(url)).text()).toBe('whole')
  })
})

test('@AfterResponse methods have their own deadline after a response that was closed early', async () => {
  class Left {
    @Get('/') async index({ req }: Context): Promise<string> {
      req.socket.destroy()
      await once(req.socket, 'close')
      return 'late'
    }

    @AfterResponse() last() {
      note('last')
    }

    @AfterResponse() first() {
      note('first')
      return new Promise<void>(() => undefined)
    }
  }
  const app = bootstrap(Left, { requestTimeout: 30, logger: false })
  app.on('error', (error: NodeJS.ErrnoException) => note(String(error.code)))
  await serve(app, async url => {
    await pipelined(url, '/')
    await noted(3)
  })
  expect(log).toEqual(['first', 'REQUEST_TIMEOUT', 'last'])
})

test('teardown waits for a Node stream to close', async () => {
  let connection: Socket | undefined
  class Cursor {
    @Get('/') index(ctx: Context) {
      connection = ctx.req.socket
      const rows = async function* () {
        yield 'first'
        await once(connection as Socket, 'close')
        await sleep(5) // longer than anything else that the end of the connection starts
        note('closed')
      }
      return streamWithContext(Readable.from(rows()))
    }

    @TeardownRequest() teardown() {
      note('teardown')
    }
  }
  await serve(bootstrap(Cursor, { logger: false }), async url => {
    const socket = await pipelined(url, '/')
    await once(socket, 'data')
    socket.destroy()
    await noted(2)
  })
  expect(log).toEqual(['closed', 'teardown'])
})

test('a method that was abandoned at the deadline cannot change a response that has not begun', async () => {
  let givenUp: Promise<unknown> = Promise.resolve()
  const late = new Gate()
  class GivenUp {
    @Get('/') async *index() {
      await late.reached
      yield 'whole'
    }

    @TeardownRequest() async teardown() {
      await givenUp
      void late.pass()
      redirect('/elsewhere')
    }
  }
  const app = bootstrap(GivenUp, { requestTimeout: 30, logger: false })
  givenUp = once(app, 'error')
  await serve(app, async url => {
    const response = await fetch(url, { redirect: 'manual' })
    expect([response.status, await response.text()]).toEqual([200, 'whole'])
  })
})
