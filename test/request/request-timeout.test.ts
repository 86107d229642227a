import { createReadStream } from 'node:fs'
import { PassThrough, Readable } from 'node:stream'
import {
  AfterRequest,
  AfterResponse,
  BeforeFirstRequest,
  BeforeRequest,
  ErrorHandler,
  Get,
  Post,
  TeardownRequest,
  afterThisRequest,
  bootstrap,
  currentContext,
  makeResponse,
  redirect,
  session,
  type Context,
  type HttpError,
  type Outcome,
  type Response as KoaResponse,
} from 'flaskoa'
import { testClient } from 'flaskoa/testing'
import { ask } from '../support/ask'
import { Gate, settled } from '../support/gate'
import { log, note } from '../support/log'
import { serve } from '../support/serve'
import { setupError } from '../support/setup-error'
import { until } from '../support/until'
import { worlds } from '../support/worlds'

const never = new Promise<never>(() => undefined)
type Place = 'first' | 'before' | 'view' | 'handler' | 'afterThis' | 'after' | 'teardown' | 'afterResponse'

/** An application in which the method `stuck` never settles. */
function app(stuck: Place | undefined) {
  const at = <T>(place: Place, value: T): T | Promise<T> => (place === stuck ? never : note(place, value))
  class App {
    @BeforeFirstRequest first() {
      return at('first', undefined)
    }
    @BeforeRequest async before(): Promise<void> {
      await at('before', undefined)
    }
    @Get('/') view(): Promise<string> | string {
      afterThisRequest(response => at('afterThis', response))
      if (stuck === 'handler') throw new RangeError()
      return at('view', 'fine')
    }
    @ErrorHandler(RangeError) handler() {
      return at('handler', 'handled')
    }
    @AfterRequest after(response: KoaResponse) {
      return at('after', response)
    }
    @TeardownRequest torn() {
      note('last teardown')
    }
    @TeardownRequest teardown() {
      return at('teardown', undefined)
    }
    @AfterResponse last({ status }: Outcome) {
      note(`outcome ${status}`)
    }
    @AfterResponse afterResponse() {
      return at('afterResponse', undefined)
    }
  }
  return App
}

const ends = () => until('@AfterResponse has run', () => log.some(each => each.startsWith('outcome ')))

describe.each(worlds)('requestTimeout %s', (_, make) => {
  test.each<[Place, number, string[]]>([
    ['first', 503, ['teardown', 'last teardown', 'afterResponse', 'outcome 503']],
    ['before', 503, ['first', 'afterThis']],
    [
      'view',
      503,
      ['first', 'before', 'afterThis', 'after', 'teardown', 'last teardown', 'afterResponse', 'outcome 503'],
    ],
    [
      'teardown',
      200,
      ['first', 'before', 'view', 'afterThis', 'after', 'last teardown', 'afterResponse', 'outcome 200'],
    ],
    [
      'afterResponse',
      200,
      ['first', 'before', 'view', 'afterThis', 'after', 'teardown', 'last teardown', 'outcome 200'],
    ],
  ])('%s never settles', async (place, status, expected) => {
    await serve(make(app(place), [], { requestTimeout: 30 }), async url => {
      const answer = await ask(url)
      expect(answer.status).toBe(status)
      if (status === 503) expect(answer.text).toContain('<h1>Service Unavailable</h1>')
      await ends()
    })
    if (place === 'before') expect(log).not.toContain('view')
    else expect(log).toEqual(expected)
  })

  test.each<Place>(['handler', 'afterThis', 'after'])('%s never settles, nor does it the second time', async place => {
    await serve(make(app(place), [], { requestTimeout: 30 }), async url => {
      expect((await ask(url)).status).toBe(503)
      await ends()
    })
    expect(log.slice(-4)).toEqual(['teardown', 'last teardown', 'afterResponse', 'outcome 503'])
    expect(log.filter(each => each === 'last teardown')).toHaveLength(1)
  })

  test('a session store that never answers', async () => {
    const store = { get: () => never, set: () => never, destroy: () => never }
    const koa = make(app(undefined), [], { requestTimeout: 30, session: { store, signed: false } })
    await serve(koa, async url => {
      expect((await ask(url, { headers: { cookie: 'koa.sess=someone' } })).status).toBe(503)
      await ends()
    })
    expect(log).toEqual(['teardown', 'last teardown', 'afterResponse', 'outcome 503'])
  })

  test.each([
    ['fail', undefined],
    ['anonymous', 503],
    ['read-only', 503],
  ] as const)(
    'a store that never answers to a write, %s: one error, also if it is asked again',
    async (onStoreFailure, code) => {
      const store = { get: () => undefined, set: () => never, destroy: () => never }
      class Writing {
        @Get('/') index() {
          session.name = 'Ada'
          return ''
        }
      }
      class Handling extends Writing {
        @ErrorHandler(503) busy() {
          return makeResponse('busy', 503)
        }
      }
      const options = { requestTimeout: 30, session: { store, signed: false, onStoreFailure } }
      const koa = make(code === undefined ? Writing : Handling, [], options)
      const reported: Error[] = []
      koa.on('error', (error: Error) => reported.push(error))
      await serve(koa, async url => {
        expect((await ask(url)).status).toBe(503)
      })
      expect(reported).toEqual([expect.objectContaining({ code: 'REQUEST_TIMEOUT' })])
    },
  )

  test('a session store that never answers, where a handler does', async () => {
    const store = { get: () => never, set: () => never, destroy: () => never }
    class App {
      @Get('/') index() {
        return ''
      }
      @ErrorHandler(503) busy(error: HttpError) {
        return String(error.code)
      }
    }
    const koa = make(App, [], { requestTimeout: 30, session: { store, signed: false } })
    koa.on('error', (error: Error) => note(error.message))
    await serve(koa, async url => {
      expect((await ask(url, { headers: { cookie: 'koa.sess=someone' } })).text).toBe('REQUEST_TIMEOUT')
    })
    expect(log).toEqual(['GET / took longer than requestTimeout, 30 ms'])
  })

  test('the signal is aborted, and an error handler may answer', async () => {
    class App {
      @Get('/slow/<int:id>') slow(_: { id: number }, ctx: Context): Promise<string> {
        ctx.signal.addEventListener('abort', () => note((ctx.signal.reason as HttpError).code as string))
        return never
      }
      @ErrorHandler(503) busy(error: HttpError, ctx: Context) {
        ctx.status = 503
        return { busy: error.status, aborted: ctx.signal.aborted }
      }
    }
    const koa = make(App, [], { requestTimeout: 30 })
    koa.on('error', (error: Error) => note(error.message))
    await serve(koa, async url => {
      expect(await ask(`${url}/slow/1`)).toMatchObject({ status: 503, text: '{"busy":503,"aborted":true}' })
    })
    expect(log).toEqual(['REQUEST_TIMEOUT'])
  })

  test('without a handler the error event names the request', async () => {
    const koa = make(app('view'), [], { requestTimeout: 30 })
    koa.on('error', (error: Error) => note(error.message))
    await serve(koa, async url => {
      expect((await ask(url)).status).toBe(503)
      await ends()
    })
    expect(log.filter(each => each.startsWith('GET'))).toEqual(['GET / took longer than requestTimeout, 30 ms'])
  })

  test('a signal that is first read after the deadline is aborted', async () => {
    class App {
      @Get('/') slow(): Promise<string> {
        return never
      }
      @ErrorHandler(503) busy(_: HttpError, ctx: Context) {
        return (ctx.signal.reason as HttpError).code as string
      }
    }
    await serve(make(App, [], { requestTimeout: 30 }), async url => {
      expect((await ask(url)).text).toBe('REQUEST_TIMEOUT')
    })
  })

  test('methods that wait after the deadline are abandoned as well', async () => {
    class App {
      @Get('/') slow(): Promise<string> {
        return never
      }
      @TeardownRequest last() {
        note('last')
      }
      @TeardownRequest second() {
        note('second')
        return never
      }
      @TeardownRequest first() {
        note('first')
        return never
      }
    }
    await serve(make(App, [], { requestTimeout: 20 }), async url => {
      expect((await ask(url)).status).toBe(503)
    })
    expect(log).toEqual(['first', 'second', 'last'])
  })

  test('a result after its method was abandoned changes nothing', async () => {
    let succeed: (text: string) => void = () => {}
    class App {
      @Get('/') slow() {
        return new Promise<string>(resolve => (succeed = resolve))
      }
      @TeardownRequest async teardown() {
        succeed('late')
        await new Promise(resolve => setImmediate(resolve))
        note('torn down')
      }
    }
    await serve(make(App, [], { requestTimeout: 30 }), async url => {
      expect((await ask(url)).status).toBe(503)
    })
    expect(log).toEqual(['torn down'])
  })

  test.each<[string, () => void]>([
    ['makeResponse', () => makeResponse('late', 201)],
    ['redirect', () => redirect('/late')],
    ['afterThisRequest', () => afterThisRequest(response => note('late', response))],
    ['a signal that throws its reason', () => currentContext().signal.throwIfAborted()],
  ])('%s in an abandoned view does not reach the handler that answers instead', async (_, act) => {
    let proceed: () => void = () => {}
    let ended: Promise<void> = Promise.resolve()
    class App {
      @Get('/') slow(): Promise<string> {
        return (ended = new Promise<void>(resolve => (proceed = resolve)).then(act)) as unknown as Promise<string>
      }
      @ErrorHandler(503) async handle() {
        proceed()
        await ended.catch(() => undefined)
        return makeResponse('too slow', 503, { 'X-Made': 'by the handler' })
      }
      @AfterRequest async after(response: KoaResponse) {
        await new Promise(resolve => setImmediate(resolve))
        return response
      }
    }
    const koa = make(App, [], { requestTimeout: 30 })
    koa.on('error', (error: Error) => note(error.message))
    await serve(koa, async url => {
      expect(await ask(url)).toMatchObject({ status: 503, text: 'too slow', headers: { 'x-made': 'by the handler' } })
    })
    expect(log).toEqual([])
  })

  test.each<[string, () => unknown, (source: Readable) => unknown]>([
    ['a Node stream', () => new PassThrough(), source => source],
    ['a web stream', () => new PassThrough(), source => Readable.toWeb(source)],
    ['a WHATWG Response', () => new PassThrough(), source => new Response(Readable.toWeb(source) as ReadableStream)],
    ['a file that is not there', () => createReadStream('/does/not/exist'), source => source],
  ])('%s that a view returns after it was abandoned is closed', async (_, open, toValue) => {
    let source: Readable | undefined
    const gate = new Gate()
    class App {
      @Get('/') async slow(): Promise<string> {
        await gate.pass()
        return toValue((source = open() as Readable)) as string
      }
    }
    await serve(make(App, [], { requestTimeout: 30 }), async url => {
      expect((await ask(url)).status).toBe(503)
      gate.open()
      await until('the source is closed', () => source?.destroyed)
    })
  })

  test('a late web stream that refuses to be cancelled, and the late request itself, change nothing', async () => {
    let closing = false
    const refusing = () =>
      new ReadableStream({
        cancel() {
          closing = true
          throw new Error('no')
        },
      })
    let gate: Gate
    class App {
      @Get('/web') async web(): Promise<ReadableStream> {
        await gate.pass()
        return refusing()
      }
      @Post('/echo') async echo(ctx: Context) {
        await gate.pass()
        note('late')
        return ctx.req
      }
      @ErrorHandler(503) async handle() {
        gate.open() // what the view returns comes while this still runs
        await settled()
        return 'handled'
      }
    }
    await serve(make(App, [], { requestTimeout: 30 }), async url => {
      gate = new Gate()
      expect((await ask(`${url}/web`)).text).toBe('handled')
      await until('the web stream is cancelled', () => closing)
      gate = new Gate()
      expect(await ask(`${url}/echo`, { method: 'POST', body: 'a' })).toMatchObject({ text: 'handled' })
      await until('the view has returned', () => log.length > 0)
    })
    expect(log).toEqual(['late'])
  })

  test('an error after its method was abandoned is emitted and changes nothing', async () => {
    let fail: (error: Error) => void = () => {}
    class App {
      @Get('/') slow() {
        return new Promise<string>((_, reject) => (fail = reject))
      }
    }
    const koa = make(App, [], { requestTimeout: 30 })
    koa.on('error', (error: Error) => note(error.message))
    await serve(koa, async url => {
      expect((await ask(url)).status).toBe(503)
      fail(new Error('late'))
      await new Promise(resolve => setImmediate(resolve))
    })
    expect(log).toEqual(['GET / took longer than requestTimeout, 30 ms', 'late'])
  })

  test('a request that ends in time leaves no timer', async () => {
    class App {
      @Get('/') async index() {
        return new Promise<string>(resolve => setImmediate(resolve, 'in time'))
      }
    }
    const set = jest.spyOn(global, 'setTimeout')
    const clear = jest.spyOn(global, 'clearTimeout')
    await serve(make(App, [], { requestTimeout: 61_234 }), async url => {
      expect((await ask(url)).text).toBe('in time')
    })
    const timers = set.mock.results.filter((_, index) => set.mock.calls[index]?.[1] === 61_234)
    expect(timers).toHaveLength(1)
    expect(clear.mock.calls).toContainEqual([timers[0]?.value])
    jest.restoreAllMocks()
  })
})

test('testClient gets the answer of a handler, or the error without one', async () => {
  class App {
    @Get('/') slow(): Promise<string> {
      return never
    }
  }
  class Handling extends App {
    @ErrorHandler(503) busy() {
      return 'busy'
    }
  }
  const options = { testing: true, requestTimeout: 20, logger: false } as const
  expect((await testClient(bootstrap(Handling, options)).get('/')).text).toBe('busy')
  await expect(testClient(bootstrap(App, options)).get('/')).rejects.toThrow('took longer than requestTimeout')
})

test.each([0, -1, 1.5, NaN, 2 ** 31, '100', null])('requestTimeout: %p is refused', value => {
  class App {
    @Get('/') index() {
      return ''
    }
  }
  expect(setupError(() => bootstrap(App, { requestTimeout: value as number }))).toEqual(
    expect.stringContaining('the option requestTimeout must be a whole number of milliseconds from 1 to 2147483647'),
  )
})
