import { once } from 'node:events'
import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  Get,
  bootstrap,
  g,
  gracefulShutdown,
  streamWithContext,
  type BootstrappedApplication,
  type Context,
} from 'flaskoa'
import { testClient } from 'flaskoa/testing'
import { webSocket, webSockets, type WebSocketConnection } from 'flaskoa/websocket'
import { Gate, settled } from '../support/gate'
import { log, note } from '../support/log'
import { portOf, serve } from '../support/serve'
import { until } from '../support/until'
import { appOf, echo, handshake, headOf, open, raw, refused } from './support'

/** The errors that an application reports. */
function errorsOf(app: BootstrappedApplication): string[] {
  const errors: string[] = []
  app.on('error', (error: unknown) => errors.push(String(error)))
  return errors
}

describe('a handler that fails', () => {
  test.each<[string, () => unknown, string]>([
    [
      'at once',
      () => {
        throw new Error('broken')
      },
      'Error: broken',
    ],
    [
      'later',
      async () => {
        await sleep(1)
        throw new TypeError('broken')
      },
      'TypeError: broken',
    ],
    ['with no Error', () => Promise.reject('text'), 'Error: a value that is not an Error was thrown: "text"'],
  ])('%s: the connection is closed with 1011, and the error is reported once', async (_, handler, error) => {
    const app = appOf(handler)
    const errors = errorsOf(app)
    const socket = await testClient(app, { propagateExceptions: false }).webSocket('/')
    expect(await socket.ended()).toEqual({ code: 1011, reason: 'Internal error' })
    await until('the request has ended', () => log.length === 2)
    expect(errors).toEqual([error])
    expect(log).toEqual([`teardown ${error.split(':')[0]}`, `101 1011 whole ${error.replace(/^\w+: /, '')}`])
  })

  test('fails the test where exceptions propagate', async () => {
    const app = appOf(() => Promise.reject(new Error('broken')), {}, { testing: true })
    const socket = await testClient(app).webSocket('/')
    await expect(socket.ended()).rejects.toThrow('broken')
  })

  test('after its client has left', async () => {
    const app = appOf(async socket => {
      await socket.closed
      throw new Error('in the end')
    })
    const errors = errorsOf(app)
    const socket = await testClient(app, { propagateExceptions: false }).webSocket('/')
    await socket.close()
    await until('the request has ended', () => log.length === 2)
    expect([errors, log]).toEqual([['Error: in the end'], ['teardown Error', '101 1000 whole in the end']])
  })

  test('by passing on that its client has left: that is no error', async () => {
    class App {
      @Get('/') socket(ctx: Context) {
        return webSocket(async () => {
          note('waits')
          await sleep(1_000_000, undefined, { signal: ctx.signal })
        })
      }
    }
    const app = bootstrap(App, { logger: false, extensions: [webSockets()] })
    const errors = errorsOf(app)
    for (const end of ['close', 'terminate'] as const) {
      const socket = await testClient(app).webSocket('/')
      await socket[end]()
    }
    expect([errors, log]).toEqual([[], ['waits', 'waits']])
  })
})

test('a stream that the view makes as well, and does not send, is closed', async () => {
  const source = Readable.from(['a', 'b'])
  const app = appOf(echo, { view: () => void streamWithContext(source) })
  const socket = await testClient(app).webSocket('/')
  socket.send('hello')
  expect(await socket.receive()).toBe('hello')
  expect(source.destroyed).toBe(true)
  expect((await socket.close()).code).toBe(1000)
})

describe('the client disconnects', () => {
  test('before the handshake is answered: the view learns it by the signal', async () => {
    for (const leave of ['destroy', 'end', 'resetAndDestroy'] as const) {
      log.length = 0
      const app = appOf(() => note('handler'), {
        view: async ctx => {
          note('view')
          if (!ctx.signal.aborted) await once(ctx.signal, 'abort')
        },
      })
      await serve(app, async url => {
        const client = await raw(url)
        await until('the view waits', () => log.length === 1)
        client[leave]()
        await until('the request has ended', () => log.length === 3)
        expect(log).toEqual(['view', 'teardown', '101 undefined aborted'])
        client.destroy()
      })
    }
  })

  test('during after methods', async () => {
    const gate = new Gate()
    let end: Promise<unknown> | undefined
    const app = appOf(() => note('handler'), {
      before: ctx => {
        end = once(ctx.req.socket, 'close')
      },
      after: async response => {
        await gate.pass()
        await end
        return response
      },
    })
    await serve(app, async url => {
      const client = await raw(url)
      await gate.reached
      client.destroy()
      gate.open()
      await until('the request has ended', () => log.length === 2)
      expect(log).toEqual(['teardown', '101 undefined aborted'])
    })
  })

  test('while outer middleware have not returned yet', async () => {
    const gate = new Gate()
    let end: Promise<unknown> | undefined
    const app = appOf(
      () => note('handler'),
      {},
      {
        middleware: [
          async (ctx, next) => {
            end = once(ctx.req.socket, 'close')
            await next()
            await gate.pass()
            await end
          },
        ],
      },
    )
    await serve(app, async url => {
      const client = await raw(url)
      await gate.reached
      client.destroy()
      gate.open()
      await until('the request has ended', () => log.length === 2)
      expect(log).toEqual(['teardown', '101 undefined aborted'])
    })
  })

  test('directly after the 101', async () => {
    for (const leave of ['destroy', 'end', 'resetAndDestroy'] as const) {
      log.length = 0
      await serve(appOf(echo), async url => {
        const client = await raw(url)
        await headOf(client)
        client[leave]()
        await until('the request has ended', () => log.length === 2)
        expect(log).toEqual(['teardown AbortError', '101 1006 aborted'])
        client.destroy()
      })
    }
  })

  test('in the middle of a message', async () => {
    for (const leave of ['destroy', 'end'] as const) {
      log.length = 0
      await serve(appOf(echo), async url => {
        const client = await raw(url)
        await headOf(client)
        client.write(Buffer.from([0x81, 0xfe, 0x10, 0x00, 0, 0, 0, 0, 0x61]))
        await settled()
        client[leave]()
        await until('the request has ended', () => log.length === 2)
        expect(log).toEqual(['teardown AbortError', '101 1006 aborted'])
        client.destroy()
      })
    }
  })

  test.each(['with the handshake', 'while the view answers it'])('what it has sent %s is not lost', async when => {
    const handler = async (socket: WebSocketConnection) => {
      for await (const message of socket) note(String(message))
    }
    const isLater = when !== 'with the handshake'
    const view = (ctx: Context) => until('it is there', () => !isLater || ctx.req.socket.readableLength > 0)
    await serve(appOf(handler, { view }), async url => {
      const frames = Buffer.from([0x81, 0x81, 0, 0, 0, 0, 0x61, 0x88, 0x82, 0, 0, 0, 0, 0x03, 0xe8])
      const client = await raw(url, isLater ? handshake() : Buffer.concat([Buffer.from(handshake()), frames]))
      if (isLater) {
        await settled()
        client.write(frames)
      }
      await headOf(client)
      await until('the request has ended', () => log.length === 3)
      expect(log).toEqual(['a', 'teardown', '101 1000 whole'])
      client.destroy()
    })
  })

  test('and what it sends while the connection closes is dropped', async () => {
    const app = appOf(async socket => {
      socket.close(4000)
      await socket.closed
      note(String(await socket.receive()))
    })
    await serve(app, async url => {
      const client = await raw(url)
      await headOf(client)
      client.write(Buffer.from([0x81, 0x81, 0, 0, 0, 0, 0x61, 0x88, 0x82, 0, 0, 0, 0, 0x0f, 0xa0]))
      await until('the request has ended', () => log.length === 3)
      expect(log).toEqual(['undefined', 'teardown', '101 4000 whole'])
      client.destroy()
    })
  })

  test('and the handler does not end: teardown waits for it, but not longer than closeTimeout', async () => {
    const gate = new Gate()
    const app = appOf(
      async () => {
        await gate.pass()
        note(`handler ${g.name}`)
      },
      { before: () => void (g.name = 'kept') },
      { socket: { closeTimeout: 20 } },
    )
    const socket = await testClient(app).webSocket('/')
    await socket.terminate()
    await until('the request has ended', () => log.length === 2)
    gate.open()
    await settled()
    expect(log).toEqual(['teardown AbortError', '101 1006 aborted', 'handler kept'])
  })
})

describe('a shutdown', () => {
  const shutdownOf = async (app: BootstrappedApplication, timeout = 10_000) => {
    const server = app.listen(0, '127.0.0.1')
    const shutdown = gracefulShutdown(server, { timeout, grace: 1 })
    shutdown.uninstall()
    await once(server, 'listening')
    return { close: () => shutdown.close(), url: `http://127.0.0.1:${portOf(server)}` }
  }

  test('closes with 1001, and waits for the handlers and the teardown', async () => {
    const app = appOf(async socket => {
      for await (const message of socket) socket.send(message)
      await sleep(5)
      note('handler')
    })
    const { close, url } = await shutdownOf(app)
    const { client, closed } = await open(url)
    client.send('hello')
    await once(client, 'message')
    await close()
    expect(log).toEqual(['handler', 'teardown', '101 1001 whole'])
    expect(await closed).toEqual([1001, 'The server is shutting down'])
  })

  test('breaks off the connection of a client that does not answer', async () => {
    const app = appOf(echo, {}, { socket: { closeTimeout: 20 } })
    const { close, url } = await shutdownOf(app)
    const client = await raw(url)
    await headOf(client)
    await close()
    expect(log).toEqual(['teardown AbortError', '101 1006 aborted'])
    client.destroy()
  })

  test('aborts the request after its timeout', async () => {
    const app = appOf(echo, {}, { socket: { closeTimeout: 1_000_000 } })
    const errors = errorsOf(app)
    const { close, url } = await shutdownOf(app, 20)
    const client = await raw(url)
    await headOf(client)
    await close()
    const message = 'The server was shut down before the request had ended'
    expect(log).toEqual(['teardown ServiceUnavailableError', `101 1006 aborted ${message}`])
    expect(errors).toEqual([`ServiceUnavailableError: ${message}`])
    client.destroy()
  })

  test('that begins while the handshake is answered', async () => {
    const [view, outer] = [new Gate(), new Gate()]
    const app = appOf(
      echo,
      { view: ctx => (ctx.path === '/' ? view.pass() : undefined) },
      {
        middleware: [
          async (_, next) => {
            await next()
            await outer.pass()
          },
        ],
      },
    )
    const { close, url } = await shutdownOf(app)
    const late = refused(url)
    await view.reached
    const closing = close()
    await until('the shutdown has begun', () => app.shutdownSignal.aborted)
    outer.open()
    view.open()
    expect((await late).status).toBe(503)
    await closing
  })

  test('that begins between the after methods and the 101', async () => {
    const outer = new Gate()
    const app = appOf(
      echo,
      {},
      {
        middleware: [
          async (_, next) => {
            await next()
            await outer.pass()
          },
        ],
      },
    )
    const { close, url } = await shutdownOf(app)
    const opened = open(url)
    await outer.reached
    const closing = close()
    await until('the shutdown has begun', () => app.shutdownSignal.aborted)
    outer.open()
    expect((await (await opened).closed)[0]).toBe(1001)
    await closing
    expect(log).toEqual(['teardown', '101 1001 whole'])
  })
})
