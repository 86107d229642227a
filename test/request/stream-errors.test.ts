import { once } from 'node:events'
import { get } from 'node:http'
import { Readable } from 'node:stream'
import type Koa from 'koa'
import { AfterResponse, Get, hasRequestContext, lifecycle, streamWithContext, type Context } from 'flaskoa'
import { ask } from '../support/ask'
import { serve } from '../support/serve'
import { until } from '../support/until'
import { koaOf, worlds } from '../support/worlds'

// A stream that fails while it is sent is one error of the application, also where Koa itself reports it twice.

async function* failing() {
  yield await Promise.resolve('one')
  throw new Error('broken')
}

class FailingBlob extends Blob {
  override stream() {
    return ReadableStream.from(failing()) as ReturnType<Blob['stream']>
  }
}

let ended = 0
beforeEach(() => {
  ended = 0
})

class App {
  @Get('/returned') returned() {
    return Readable.from(failing())
  }
  @Get('/iterated') iterated() {
    return failing()
  }
  @Get('/kept') kept() {
    return streamWithContext(failing)
  }
  @Get('/web') web() {
    return ReadableStream.from(failing())
  }
  @Get('/written') written(ctx: Context) {
    ctx.body = Readable.from(failing())
    return ctx.response
  }
  @Get('/written-web') writtenWeb(ctx: Context) {
    ctx.body = ReadableStream.from(failing())
    return ctx.response
  }
  @Get('/blob') blob() {
    return new FailingBlob([])
  }
  @Get('/endless') async *endless() {
    for (;;) {
      yield 'one'
      await new Promise(setImmediate)
    }
  }
  @AfterResponse told() {
    ended++
  }
}

const paths = ['/returned', '/iterated', '/kept', '/web', '/written', '/written-web', '/blob']

/** The messages of the `error` event after one request whose answer breaks off, or after the work of `use`. */
async function errorsOf(app: Koa, use: (url: string) => Promise<unknown>): Promise<string[]> {
  const errors: string[] = []
  app.on('error', ({ message }: Error) => errors.push(message))
  await serve(app, async url => {
    await use(url)
    await until('the request has ended', () => ended > 0)
    // What would be reported twice is reported in these turns.
    for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate)
  })
  return errors
}

const broken = (path: string) => (url: string) => expect(ask(url + path)).rejects.toThrow()

describe.each(worlds)('the error of a stream, %s', (_, make) => {
  test.each(paths)('is one error event: %s', async path => {
    expect(await errorsOf(make(App, []), broken(path))).toEqual(['broken'])
  })

  test('is none if the client has disconnected', async () => {
    const leave = async (url: string) => {
      const request = get(`${url}/endless`, { agent: false }).on('error', () => undefined)
      const [response] = (await once(request, 'response')) as [NodeJS.ReadableStream]
      await once(response, 'data')
      request.destroy()
    }
    expect(await errorsOf(make(App, []), leave)).toEqual([])
  })

  test('of a middleware behind the lifecycle', async () => {
    const app = make(App, [])
    app.use(ctx => {
      ctx.body = Readable.from(failing())
    })
    expect(await errorsOf(app, broken('/nowhere'))).toEqual(['broken'])
  })

  test('in a lifecycle inside of another one', async () => {
    class Outer {
      @Get('/outer') outer() {
        return 'outer'
      }
    }
    const app = make(Outer, [])
    app.use(lifecycle(App))
    expect(await errorsOf(app, broken('/returned'))).toEqual(['broken'])
  })
})

test('an application of the user’s own keeps its onerror', async () => {
  const contexts: unknown[] = []
  const app = koaOf(lifecycle(App))
  const koa = Object.getPrototypeOf(app.context) as Koa.Context
  const onerror = function (this: Koa.Context, error: Error) {
    if ((error as unknown) !== null) contexts.push([this.path, error.message])
    koa.onerror.call(this, error)
  }
  app.context.onerror = onerror
  await serve(app, async url => {
    await expect(ask(`${url}/returned`)).rejects.toThrow()
    await until('the request has ended', () => ended > 0)
  })
  expect(contexts).toEqual([['/returned', 'broken']])
  expect(app.context.onerror).toBe(onerror)
})

test('an onerror that middleware has put on a ctx gets the error of a stream, in the context of its request', async () => {
  const seen: unknown[] = []
  const onerror: Koa.Middleware = (ctx, next) => {
    const own = ctx.onerror.bind(ctx)
    ctx.onerror = error => {
      seen.push([error.message, hasRequestContext()])
      own(error)
    }
    return next()
  }
  const app = koaOf(onerror, lifecycle(App))
  app.silent = true
  await serve(app, url => ask(`${url}/returned`).catch(() => undefined))
  expect(seen).toContainEqual(['broken', true])
})
