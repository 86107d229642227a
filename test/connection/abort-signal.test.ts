import { getMaxListeners, once } from 'node:events'
import { connect as connect2, createServer } from 'node:http2'
import { connect } from 'node:net'
import Koa from 'koa'
import { AfterResponse, Get, TeardownRequest, bootstrap, lifecycle, type Context, type Outcome } from 'flaskoa'
import { ask } from '../support/ask'
import { log, note } from '../support/log'
import { portOf, serve } from '../support/serve'
import { until } from '../support/until'
import { worlds } from '../support/worlds'

/** Something that a test waits for and the application does. */
function event<T = void>() {
  let happen: (value: T) => void = () => {}
  const happens = new Promise<T>(resolve => (happen = resolve))
  return { happen, happens }
}

describe.each(worlds)('ctx.signal %s', (_, make) => {
  test('is not aborted at the end of an undisturbed request', async () => {
    const { happen, happens } = event<AbortSignal>()
    class App {
      @Get('/') index(ctx: Context) {
        happen(ctx.signal)
        return String(ctx.signal === ctx.signal)
      }
    }
    await serve(make(App, []), async url => {
      expect((await ask(url)).text).toBe('true')
      expect((await happens).aborted).toBe(false)
    })
    expect((await happens).aborted).toBe(false)
  })

  test.each(['before the client disconnects', 'after the client has disconnected'])(
    'is aborted when it is read %s',
    async when => {
      const arrived = event()
      const aborted = event<Error>()
      const closed = event()
      class App {
        @Get('/') async index(ctx: Context) {
          const early = when.startsWith('before') ? ctx.signal : undefined
          ctx.res.once('close', closed.happen)
          arrived.happen()
          await closed.happens
          const { signal } = ctx
          expect(signal).toBe(early ?? signal)
          note(`aborted: ${signal.aborted}`)
          aborted.happen(signal.reason as Error)
          return ''
        }
        @TeardownRequest teardown(error?: Error) {
          note(`torn down ${error}`)
        }
      }
      await serve(make(App, []), async url => {
        const socket = connect(Number(new URL(url).port), '127.0.0.1').on('error', () => undefined)
        socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
        await arrived.happens
        socket.destroy()
        expect(await aborted.happens).toMatchObject({ name: 'AbortError', code: 'ABORT_ERR' })
      })
      expect(log).toEqual(['aborted: true', 'torn down undefined'])
    },
  )

  test('passed to fetch, aborts it when the client disconnects', async () => {
    const arrived = event()
    const ended = event<Error>()
    class Slow {
      @Get('/') index() {
        arrived.happen()
        return new Promise<string>(() => undefined)
      }
    }
    await serve(make(Slow, []), async slow => {
      class App {
        @Get('/') async index(ctx: Context) {
          await fetch(slow, { signal: ctx.signal }).catch(ended.happen)
          return ''
        }
      }
      await serve(make(App, []), async url => {
        const controller = new AbortController()
        const asking = fetch(url, { signal: controller.signal }).catch(() => undefined)
        await arrived.happens
        controller.abort()
        expect(await ended.happens).toMatchObject({ name: 'AbortError' })
        await asking
      })
    })
  })
})

test('a view that rejects with the signal’s reason after its client disconnected is not a failure', async () => {
  const ended = event()
  class App {
    @Get('/') async index({ signal, req }: Context): Promise<string> {
      setImmediate(() => req.socket.destroy())
      await new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error))
      })
      return ''
    }
    @Get('/other') async other({ signal, req }: Context): Promise<string> {
      setImmediate(() => req.socket.destroy())
      await once(signal, 'abort')
      throw new Error('from the view')
    }
    @TeardownRequest teardown(error?: Error) {
      note(`torn down ${error?.name}`)
    }
    @AfterResponse over({ aborted }: Outcome) {
      note(`aborted: ${aborted}`)
      ended.happen()
    }
  }
  const app = bootstrap(App, { logger: false })
  app.on('error', (error: Error) => note(`reported: ${error.message}`))
  await serve(app, async url => {
    await ask(url).catch(() => undefined)
    await ended.happens
    await ask(`${url}/other`).catch(() => undefined)
    await until('both requests are over', () => log.length >= 5)
  })
  expect(log).toEqual([
    ...['torn down AbortError', 'aborted: true'],
    ...['reported: from the view', 'torn down Error', 'aborted: true'],
  ])
})

test('the signal takes any number of listeners without a warning', async () => {
  class App {
    @Get('/') index({ signal }: Context) {
      return String(getMaxListeners(signal))
    }
  }
  await serve(bootstrap(App), async url => expect((await ask(url)).text).toBe('Infinity'))
})

test("an application's own ctx.signal is not replaced", async () => {
  class App {
    @Get('/') index(ctx: Context) {
      return String(ctx.signal)
    }
  }
  const app = new Koa()
  Object.defineProperty(app.context, 'signal', { value: 'its own' })
  app.use(lifecycle(App))
  await serve(app, async url => expect((await ask(url)).text).toBe('its own'))
})

test('middleware around the lifecycle has the signal from the first request on', async () => {
  class App {
    @Get('/') index() {
      return ''
    }
  }
  const outer: Koa.Middleware = (ctx, next) => {
    note(String((ctx as Context).signal.aborted))
    return next()
  }
  await serve(bootstrap(App, { middleware: [outer] }), url => ask(url))
  expect(log).toEqual(['false'])
})

test('HTTP/2: a client that resets its stream aborts the signal, the end of a response does not', async () => {
  const arrived = event()
  const aborted = event<Error>()
  class App {
    @Get('/fine') async fine(ctx: Context) {
      await Promise.resolve()
      ctx.res.once('close', () => note(`fine: ${ctx.signal.aborted}`))
      return String(ctx.signal.aborted)
    }
    @Get('/slow') async slow(ctx: Context) {
      ctx.signal.addEventListener('abort', () => aborted.happen(ctx.signal.reason as Error))
      arrived.happen()
      await aborted.happens
      return ''
    }
  }
  const server = createServer(bootstrap(App, { logger: false }).callback() as never).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const session = connect2(`http://127.0.0.1:${portOf(server)}`)
  const fine = session.request({ ':path': '/fine' })
  let received = ''
  for await (const chunk of fine.setEncoding('utf8')) received += chunk as string
  const slow = session.request({ ':path': '/slow' }).on('error', () => undefined)
  await arrived.happens
  slow.close(8) // CANCEL
  expect(await aborted.happens).toMatchObject({ name: 'AbortError' })
  session.destroy()
  await new Promise(resolve => server.close(resolve))
  // Either side may be the first to learn of the end.
  expect(received).toBe('false')
  expect(log).toEqual(['fine: false'])
})
