import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import serveFiles from 'koa-static'
import { AfterResponse, Get, streamWithContext, TeardownRequest, type Context, type Outcome } from 'flaskoa'
import { log, note } from '../support/log'
import { serve } from '../support/serve'
import { until } from '../support/until'
import { worlds } from '../support/worlds'

// A client closes or resets its connection with the last byte of Content-Length, before the stream that is sent has ended.

const SIZE = 300_000
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'whole-'))
  await writeFile(join(folder, 'file'), Buffer.alloc(SIZE, 'x'))
})
afterAll(() => rm(folder, { recursive: true }))

type Leave = (socket: Socket) => unknown
const leaves: [string, Leave][] = [
  ['closes', socket => socket.destroy()],
  ['resets', socket => socket.resetAndDestroy()],
]

/** Reads a response to its last promised byte, but for some, and leaves at once. Returns the bytes that were received. */
async function take(url: string, path: string, leave: Leave, missing = 0): Promise<number> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`)
  let received = 0
  let size: number | undefined
  socket.on('data', (chunk: Buffer) => {
    // The head comes in the first chunk.
    size ??= chunk.indexOf('\r\n\r\n') + 4 + Number(/content-length: (\d+)/i.exec(chunk.toString('latin1'))?.[1])
    received += chunk.length
    if (received === size - missing) leave(socket)
  })
  await once(socket, 'close')
  return received
}

/** A body whose end comes after its client has left. */
async function* endingLate(ctx: Context, size = SIZE) {
  yield 'x'.repeat(size)
  // Not `once`, which rejects when the socket fails.
  await new Promise(resolve => ctx.req.socket.once('close', resolve))
}

class App {
  static outcomes: Outcome[] = []

  @Get('/held') held(ctx: Context) {
    ctx.length = SIZE
    return streamWithContext(() => endingLate(ctx))
  }
  @Get('/plain') plain(ctx: Context) {
    ctx.length = SIZE
    return Readable.from(endingLate(ctx))
  }
  @Get('/file') file(ctx: Context) {
    ctx.length = SIZE
    return createReadStream(join(folder, 'file'))
  }
  @Get('/held-file') heldFile(ctx: Context) {
    ctx.length = SIZE
    return streamWithContext(createReadStream(join(folder, 'file')))
  }
  @Get('/by-hand') byHand(ctx: Context) {
    ctx.respond = false
    ctx.length = SIZE
    ctx.res.write('x'.repeat(SIZE - 2), 'latin1')
    ctx.res.write('é', () => note('written'))
    return ctx.response
  }
  @Get('/text') text() {
    return 'x'.repeat(5_000_000)
  }
  @Get('/bytes') bytes() {
    return Buffer.alloc(5_000_000, 'x')
  }
  @Get('/short') short(ctx: Context) {
    ctx.length = SIZE + 1
    return streamWithContext(() => endingLate(ctx))
  }
  @TeardownRequest() teardown(error: Error | undefined, ctx: Context) {
    note(`teardown ${error?.name}, aborted: ${ctx.signal.aborted}`)
  }
  @AfterResponse() record(outcome: Outcome, ctx: Context) {
    App.outcomes.push(outcome)
    note(`outcome ${outcome.error?.name}, aborted: ${outcome.aborted} ${ctx.signal.aborted}`)
  }
}
beforeEach(() => (App.outcomes = []))

const untilOutcomes = (count: number) => until(`${count} outcomes`, () => App.outcomes.length === count)

describe.each(worlds)('%s, a client that has received all bytes', (world, make) => {
  /** Koa itself reports a closed connection as an error. */
  const reported: unknown[] = []
  const app = () => make(App, []).on('error', error => reported.push(error))
  beforeEach(() => (reported.length = 0))

  describe.each(leaves)('and %s the connection', (_, leave) => {
    test.each(['/held', '/plain', '/by-hand'])('has not aborted %s', async path => {
      await serve(app(), async url => {
        const received = await take(url, path, leave)
        await untilOutcomes(1)
        expect(App.outcomes[0]).toMatchObject({ error: undefined, handled: true, aborted: false, bytesSent: received })
      })
      const written = path === '/by-hand' ? ['written'] : []
      const ends = ['outcome undefined, aborted: false false', 'teardown undefined, aborted: false', ...written]
      expect([...log].sort()).toEqual(ends)
      expect(world === 'in bootstrap' ? reported : []).toEqual([])
    })

    test.each(['/file', '/held-file', '/text', '/bytes', '/static/file'])(
      'has not aborted %s, repeatedly',
      async path => {
        const files = serveFiles(folder)
        class Static extends App {
          @Get('/static/<path:path>') async serve({ path }: { path: string }, ctx: Context) {
            ctx.path = `/${path}`
            await files(ctx, () => Promise.resolve())
            return ctx.response
          }
        }
        const repeats = path === '/text' || path === '/bytes' ? 10 : 40
        await serve(
          make(Static, []).on('error', error => reported.push(error)),
          async url => {
            for (let count = 1; count <= repeats; count++) {
              const received = await take(url, path, leave)
              await untilOutcomes(count)
              expect(App.outcomes[count - 1]).toMatchObject({ error: undefined, aborted: false, bytesSent: received })
            }
          },
        )
        expect(new Set(log)).toEqual(
          new Set(['outcome undefined, aborted: false false', 'teardown undefined, aborted: false']),
        )
        expect(world === 'in bootstrap' ? reported : []).toEqual([])
      },
    )
  })
})

describe.each(worlds)('%s, a client that leaves before the last byte', (_, make) => {
  test.each(leaves)('and %s the connection has aborted the response', async (_, leave) => {
    await serve(make(App, []), async url => {
      await take(url, '/short', leave, 1)
      await untilOutcomes(1)
    })
    expect([...log].sort()).toEqual(['outcome undefined, aborted: true true', 'teardown AbortError, aborted: true'])
  })
})
