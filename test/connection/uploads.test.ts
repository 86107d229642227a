import { once } from 'node:events'
import { connect } from 'node:net'
import { PassThrough } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { createGunzip } from 'node:zlib'
import type { Middleware } from 'koa'
import { AfterResponse, gracefulShutdown, Post, session, streamWithContext, TeardownRequest } from 'flaskoa'
import type { Context, Outcome } from 'flaskoa'
import { log, note } from '../support/noting'
import { portOf, serve } from '../support/serve'
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

  @AfterResponse() tell({ status, aborted, bytesSent }: Outcome, { ip }: Context) {
    note(`${status} ${aborted} ${bytesSent > 100} ${ip}`)
  }
}

/** Begins an upload and waits for the answer: its status, or what became of the connection. */
async function upload(url: string, path: string): Promise<string> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  socket.on('error', () => undefined)
  socket.write(`POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n${'no gzip '.repeat(50)}`)
  const [data] = (await Promise.race([once(socket, 'data'), once(socket, 'close')])) as [unknown]
  await sleep(20) // for the rest of it
  socket.destroy()
  return data instanceof Buffer ? data.toString().slice(9, 12) : 'closed'
}

const secretKey = 'thirty-two characters of secrecy'

describe.each(worlds)('an upload that a pipeline gives up, %s', (_, make) => {
  test.each([Uploads, Watched])('is answered like any other: %p', async controller => {
    const app = make(controller, [], { secretKey })
    await serve(app, async url => {
      for (const [path, status] of Object.entries({ thrown: 500, caught: 200, session: 200, stream: 200 })) {
        log.length = 0
        expect([path, await upload(url, `/${path}`)]).toEqual([path, String(status)])
        const told = [`${status} false true 127.0.0.1`, path === 'thrown' ? 'teardown Z_DATA_ERROR' : 'teardown none']
        expect([path, [...log].sort()]).toEqual([path, controller === Watched ? told : []])
      }
    })
  })

  test('in middleware of the application, before the lifecycle and in its place', async () => {
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
      expect(log).toContain('teardown none')
    })
  })

  test('while the server closes', async () => {
    const app = make(Watched, [])
    const server = app.listen(0, '127.0.0.1')
    const shutdown = gracefulShutdown(server, { app, timeout: 1000, logger: false })
    await once(server, 'listening')
    const answer = upload(`http://127.0.0.1:${portOf(server)}`, '/stream')
    await sleep(3)
    await Promise.all([shutdown.close(), answer])
    shutdown.uninstall()
    expect(['200', 'closed']).toContain(await answer)
  })
})
