import { once } from 'node:events'
import { connect } from 'node:net'
import { PassThrough } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { createGunzip } from 'node:zlib'
import type { Middleware } from 'koa'
import { AfterResponse, gracefulShutdown, Post, session, streamWithContext, TeardownRequest } from 'flaskoa'
import type { Context, Outcome } from 'flaskoa'
import { log, note } from '../support/log'
import { portOf, serve } from '../support/serve'
import { until } from '../support/until'
import { worlds } from '../support/worlds'

// Bodies of requests that a pipeline gives up before they have all come: Node takes `req.socket` away then.

/** What comes is no gzip. */
const read = (ctx: Context | Parameters<Middleware>[0]) => pipeline(ctx.req, createGunzip(), new PassThrough().resume())

class Uploads {
  @Post('/thrown') async thrown(ctx: Context) {
    await read(ctx)
    return 'read'
  }

  @Post('/caught') async caught(ctx: Context) {
    await read(ctx).catch(() => undefined)
    return ['refused']
  }

  @Post('/session') async session(ctx: Context) {
    await read(ctx).catch(() => undefined)
    session.value = 1
    return ['refused']
  }

  @Post('/stream') async stream(ctx: Context) {
    await read(ctx).catch(() => undefined)
    return streamWithContext(async function* () {
      yield 'refused'
      await sleep(5)
    })
  }
}

class Watched extends Uploads {
  @TeardownRequest() close(error?: Error) {
    note(`teardown ${(error as NodeJS.ErrnoException | undefined)?.code ?? 'none'}`)
  }

  @AfterResponse() record({ status, aborted, bytesSent }: Outcome, { ip }: Context) {
    note(`${status} ${aborted} ${bytesSent > 100} ${ip}`)
  }
}

/** Whether this is a whole response, by its length or its last chunk. */
function isWhole(received: string): boolean {
  const [head, body] = received.split(/\r\n\r\n([^]*)/, 2) as [string, string | undefined]
  const length = /content-length: (\d+)/i.exec(head)?.[1]
  return body !== undefined && (length === undefined ? body.endsWith('0\r\n\r\n') : body.length === Number(length))
}

/** Begins an upload and waits for the whole answer: its status, or what became of the connection. */
async function upload(url: string, path: string): Promise<string> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  socket.on('error', () => undefined)
  socket.write(`POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n${'no gzip '.repeat(50)}`)
  let received = ''
  socket.setEncoding('latin1').on('data', text => (received += text))
  await until('the response is whole or the connection is closed', () => isWhole(received) || socket.closed)
  socket.destroy()
  return received === '' ? 'closed' : received.slice(9, 12)
}

const secretKey = 'thirty-two characters of secrecy'

describe.each(worlds)('an upload that a pipeline destroys, %s', (_, make) => {
  test.each([Uploads, Watched])('is answered like any other request: %p', async controller => {
    const app = make(controller, [], { secretKey })
    await serve(app, async url => {
      for (const [path, status] of Object.entries({ thrown: 500, caught: 200, session: 200, stream: 200 })) {
        log.length = 0
        expect([path, await upload(url, `/${path}`)]).toEqual([path, String(status)])
        const reported = [
          `${status} false true 127.0.0.1`,
          path === 'thrown' ? 'teardown Z_DATA_ERROR' : 'teardown none',
        ]
        if (controller === Watched) await until('the outcome is noted', () => log.length === 2)
        expect([path, [...log].sort()]).toEqual([path, controller === Watched ? reported : []])
      }
    })
  })

  test('is answered when middleware before or instead of the lifecycle reads it', async () => {
    const before: Middleware = async (ctx, next) => {
      if (!ctx.path.startsWith('/outer')) return next()
      const reading = read(ctx)
      if (ctx.path === '/outer/thrown') await reading
      await reading.catch(() => undefined)
      if (ctx.path === '/outer/own') ctx.body = 'refused'
      else await ((ctx.path = '/caught'), next())
    }
    await serve(make(Watched, [before]), async url => {
      expect(await upload(url, '/outer/thrown')).toBe('500')
      expect(await upload(url, '/outer/own')).toBe('200')
      log.length = 0
      expect(await upload(url, '/outer/next')).toBe('200')
      await until('the request is torn down', () => log.includes('teardown none'))
    })
  })

  test('is answered while the server closes', async () => {
    const app = make(Watched, [])
    const server = app.listen(0, '127.0.0.1')
    const shutdown = gracefulShutdown(server, { app, timeout: 1000, logger: false })
    await once(server, 'listening')
    const answer = upload(`http://127.0.0.1:${portOf(server)}`, '/stream')
    await once(server, 'connection')
    await Promise.all([shutdown.close(), answer])
    shutdown.uninstall()
    expect(['200', 'closed']).toContain(await answer)
  })
})
