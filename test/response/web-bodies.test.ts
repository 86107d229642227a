import type Koa from 'koa'
import http from 'node:http'
import { Readable } from 'node:stream'
import { AfterRequest, Get, type Context, type Response as KoaResponse } from 'flaskoa'
import { Application } from '../../src/engine/application'
import { ask } from '../support/ask'
import { serve } from '../support/serve'
import { until } from '../support/until'
import { worlds } from '../support/worlds'

let cancelled = 0
beforeEach(() => (cancelled = 0))

/** A web stream that sends one chunk and then waits. */
const web = () =>
  new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode('first'))
    },
    cancel() {
      cancelled++
    },
  })
const fetched = () => new Response(web())
const kinds: [string, () => unknown][] = [
  ['a web stream', web],
  ['a WHATWG Response', fetched],
]

/** The application of the engine with one middleware. */
function engineOf(middleware: Koa.Middleware): Koa {
  const app = new Application()
  app.silent = true
  return app.use(middleware)
}

/** Leaves after the first chunk. */
const leave = (url: string) =>
  new Promise<void>(resolve => {
    const request = http.get(url, { agent: false }, response => {
      response
        .on('error', () => undefined)
        .once('data', () => {
          request.destroy()
          resolve()
        })
    })
    request.on('error', () => undefined)
  })

describe.each(kinds)('%s in ctx.body is cancelled', (_, body) => {
  test.each<[string, unknown, string]>([
    ['text', 'text', 'text'],
    ['JSON', { a: 1 }, '{"a":1}'],
    ['nothing', null, ''],
  ])('when %s replaces it', async (_, next, text) => {
    const app = engineOf(ctx => {
      ctx.body = body()
      ctx.body = next
    })
    await serve(app, async url => expect((await ask(url)).text).toBe(text))
    expect(cancelled).toBe(1)
  })

  test('when an error replaces it', async () => {
    const app = engineOf(ctx => {
      ctx.body = body()
      throw new Error('failed')
    })
    await serve(app, async url => expect((await ask(url)).status).toBe(500))
    await until('it is cancelled', () => cancelled === 1)
  })

  test('behind a response to HEAD', async () => {
    await serve(
      engineOf(ctx => void (ctx.body = body())),
      async url => expect((await ask(url, { method: 'HEAD' })).status).toBe(200),
    )
    await until('it is cancelled', () => cancelled === 1)
  })

  test('when the client leaves while it waits for a chunk', async () => {
    await serve(
      engineOf(ctx => void (ctx.body = body())),
      leave,
    )
    await until('it is cancelled', () => cancelled === 1)
  })

  test('not when a stream that reads it replaces it', async () => {
    const app = engineOf(ctx => {
      ctx.body = new ReadableStream({
        start(controller) {
          controller.enqueue(new TextEncoder().encode('whole'))
          controller.close()
        },
      })
      ctx.body = (ctx.body as ReadableStream).pipeThrough(new TransformStream())
    })
    await serve(app, async url => expect((await ask(url)).text).toBe('whole'))
  })
})

test('a web stream that fails to be cancelled changes nothing', async () => {
  const app = engineOf(ctx => {
    ctx.body = new ReadableStream({ cancel: () => Promise.reject(new Error('not cancelled')) })
    ctx.body = 'text'
  })
  await serve(app, async url => expect((await ask(url)).text).toBe('text'))
})

test('a WHATWG Response without a body that middleware sets is an empty body', async () => {
  const app = engineOf(ctx => void (ctx.body = new Response(null, { status: 202 })))
  await serve(app, async url => expect(await ask(url)).toMatchObject({ status: 202, text: '' }))
})

describe.each(worlds)('%s', (_, make) => {
  class App {
    @Get('/web') web() {
      return web()
    }
    @Get('/replaced') replaced(ctx: Context) {
      ctx.body = web()
      return ctx.response
    }
    @Get('/written') written(ctx: Context) {
      ctx.body = web()
      ctx.body = 'instead'
      return ctx.response
    }
    @Get('/returned') returned(ctx: Context) {
      ctx.body = web()
      return 'instead'
    }
    @Get('/read') read(ctx: Context) {
      ctx.body = new Blob(['instead']).stream()
      return Readable.fromWeb(ctx.body as ReadableStream)
    }
    @Get('/blob') blob() {
      return new Blob(['a blob'])
    }
    @AfterRequest() after(response: KoaResponse) {
      if (response.ctx.path === '/replaced') response.body = 'instead'
      if (response.ctx.path === '/blob') response.set('X-Blob', String(response.body instanceof Blob))
      return response
    }
  }

  test('a web stream of a view is cancelled when the client leaves', async () => {
    await serve(make(App, []), url => leave(`${url}/web`))
    await until('it is cancelled', () => cancelled === 1)
  })

  test('a web stream of a view is cancelled when an after method replaces it', async () => {
    await serve(make(App, []), async url => expect((await ask(`${url}/replaced`)).text).toBe('instead'))
    await until('it is cancelled', () => cancelled === 1)
  })

  test.each(['/written', '/returned'])('a web stream of a view is cancelled when it is replaced: %s', async path => {
    await serve(make(App, []), async url => expect((await ask(url + path)).text).toBe('instead'))
    await until('it is cancelled', () => cancelled === 1)
  })

  test('a web stream is read by what replaces it', async () => {
    await serve(make(App, []), async url => expect((await ask(`${url}/read`)).text).toBe('instead'))
  })

  test('an application may have a body of its own kind', async () => {
    const bodies: unknown[] = []
    const app = make(App, [])
    Object.defineProperty(app.response, 'body', {
      get: () => bodies.at(-1),
      set: (body: unknown) => bodies.push(body),
      configurable: true,
    })
    await serve(app, async url => expect((await ask(`${url}/written`)).text).toBe('instead'))
    expect(bodies).toContain('instead')
  })

  test('after methods have a Blob, middleware outside of the lifecycle a stream with its length', async () => {
    const seen: unknown[] = []
    const outside: Koa.Middleware = async (ctx, next) => {
      await next()
      seen.push(ctx.body instanceof Blob, ctx.length)
    }
    await serve(make(App, [outside]), async url => {
      const { headers, text } = await ask(`${url}/blob`)
      expect([headers['x-blob'], headers['content-length'], text]).toEqual(['true', '6', 'a blob'])
    })
    expect(seen).toEqual([false, 6])
  })
})
