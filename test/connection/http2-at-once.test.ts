import { once } from 'node:events'
import { connect, constants, createServer, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2'
import type { ServerResponse } from 'node:http'
import { AfterResponse, BeforeRequest, bootstrap, Get, type Context } from 'flaskoa'
import { settled } from '../support/gate'
import { portOf, serveHttp2 } from '../support/serve'
import { until } from '../support/until'
import { worlds } from '../support/worlds'

// A short response over HTTP/2 is sent at once, with its end, and nothing listens to its stream.

const { NGHTTP2_CANCEL, NGHTTP2_INTERNAL_ERROR, NGHTTP2_NO_ERROR } = constants

describe.each(worlds)('%s', (_, make) => {
  test('trailers that a method has set are sent behind a text', async () => {
    class App {
      @Get('/') index({ res }: Context) {
        ;(res as unknown as { setTrailer(name: string, value: string): void }).setTrailer('X-Sum', '1')
        return 'text'
      }
    }
    await serveHttp2(make(App, []), async session => {
      const stream = session.request({ ':path': '/' }).resume()
      const [trailers] = (await once(stream, 'trailers')) as [IncomingHttpHeaders]
      expect(trailers['x-sum']).toBe('1')
    })
  })

  test.each(['writeHead', 'write', 'end'] as const)('a method that has replaced %s sees the response', async name => {
    const seen: string[] = []
    class App {
      @BeforeRequest() replace({ res }: Context) {
        const method = (res[name] as (...args: unknown[]) => ServerResponse).bind(res)
        res[name] = (...args: unknown[]) => {
          seen.push(name)
          return method(...args) as never
        }
      }
      @Get('/') index() {
        return 'text'
      }
    }
    await serveHttp2(make(App, []), async session => {
      let text = ''
      for await (const chunk of session.request({ ':path': '/' }).setEncoding('utf8')) text += chunk as string
      expect(text).toBe('text')
    })
    expect(seen).toEqual([name])
  })

  test.each([NGHTTP2_NO_ERROR, NGHTTP2_CANCEL, NGHTTP2_INTERNAL_ERROR])(
    'a client that resets its stream, code %i, while a short response waits for its window: the stream ends',
    async code => {
      const streams: ServerHttp2Stream[] = []
      const reported: unknown[] = []
      class App {
        @Get('/') index({ res }: Context) {
          streams.push((res as unknown as { stream: ServerHttp2Stream }).stream)
          return 'text'
        }
      }
      const app = make(App, []).on('error', error => reported.push(error))
      const server = createServer(app.callback() as never).listen(0, '127.0.0.1')
      await once(server, 'listening')
      const session = connect(`http://127.0.0.1:${portOf(server)}`, { settings: { initialWindowSize: 0 } })
      const stream = session.request({ ':path': '/' }).on('error', () => undefined)
      await once(stream, 'response')
      await settled()
      stream.close(code)
      await until('the stream has ended', () => streams[0]?.destroyed === true)
      session.close()
      await new Promise(resolve => server.close(resolve))
      expect(reported).toEqual([])
    },
  )

  test.each(['with', 'without'])('an error that ends such a stream is reported once, %s after methods', async kind => {
    const reported: unknown[] = []
    class App {
      @Get('/') index({ res }: Context) {
        const { stream } = res as unknown as { stream: ServerHttp2Stream }
        stream.session?.once('goaway', () => stream.destroy(new Error('ended by hand')))
        return 'text'
      }
    }
    class Recording extends App {
      @AfterResponse() record() {
        return undefined
      }
    }
    const app = make(kind === 'with' ? Recording : App, []).on('error', error => reported.push(error))
    const server = createServer(app.callback() as never).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const session = connect(`http://127.0.0.1:${portOf(server)}`, { settings: { initialWindowSize: 0 } })
    const stream = session.request({ ':path': '/' }).on('error', () => undefined)
    await once(stream, 'response')
    await settled()
    session.goaway()
    await until('it is reported', () => reported.length > 0)
    session.destroy()
    await new Promise(resolve => server.close(resolve))
    expect(reported).toMatchObject([{ message: 'ended by hand' }])
  })
})

test('a method that destroys the stream of its own response: the client has no response, and no error is reported', async () => {
  const reported: unknown[] = []
  class App {
    @Get('/') index({ res }: Context) {
      ;(res as unknown as { stream: ServerHttp2Stream }).stream.close(NGHTTP2_CANCEL)
      return 'text'
    }
  }
  const app = bootstrap(App, { logger: false }).on('error', error => reported.push(error))
  await serveHttp2(app, async session => {
    const stream = session.request({ ':path': '/' })
    await once(stream, 'close')
    expect(stream.rstCode).toBe(NGHTTP2_CANCEL)
  })
  expect(reported).toEqual([])
})

test('an application that passes a request on to another one', async () => {
  class Inner {
    @Get('/') index() {
      return 'inner'
    }
  }
  const inner = bootstrap(Inner, { logger: false }).callback()
  class Outer {
    @Get('/') index(ctx: Context) {
      ctx.respond = false
      void inner(ctx.req, ctx.res)
      return ctx.response
    }
  }
  await serveHttp2(bootstrap(Outer, { logger: false }), async session => {
    let text = ''
    for await (const chunk of session.request({ ':path': '/' }).setEncoding('utf8')) text += chunk as string
    expect(text).toBe('inner')
  })
})
