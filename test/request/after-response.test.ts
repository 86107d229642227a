import { once } from 'node:events'
import { connect } from 'node:net'
import {
  AfterAppResponse,
  AfterResponse,
  Blueprint,
  ErrorHandler,
  Get,
  TeardownRequest,
  abort,
  bootstrap,
  g,
  streamWithContext,
  type Context,
  type Outcome,
} from 'flaskoa'
import { testClient } from 'flaskoa/testing'
import { ask } from '../support/ask'
import { settled } from '../support/gate'
import { log, note } from '../support/log'
import { serve } from '../support/serve'
import { until } from '../support/until'
import { worlds } from '../support/worlds'

declare module 'flaskoa' {
  interface Globals {
    whose: string
  }
}

class Log {
  readonly outcomes: Outcome[] = []

  @AfterResponse record(outcome: Outcome) {
    this.outcomes.push(outcome)
    note(`outcome of ${g.whose}`)
  }

  @TeardownRequest teardown() {
    note('torn down')
  }
}

/** The application's controller and the outcomes it got. */
function logging<C extends new () => object>(controller: C): { controller: C; outcomes: Outcome[] } {
  const outcomes: Outcome[] = []
  class Logging extends (controller as new () => Log) {
    override readonly outcomes = outcomes
  }
  return { controller: Logging as unknown as C, outcomes }
}

const untilTold = (outcomes: readonly Outcome[], count = 1) =>
  until(`@AfterResponse has run ${count} times`, () => outcomes.length >= count)

class App extends Log {
  @Get('/fine/<int:id>') fine() {
    g.whose = 'fine'
    return 'fine'
  }
  @Get('/handled') handled(): string {
    throw new RangeError('handled')
  }
  @Get('/unhandled') unhandled(): string {
    throw new Error('unhandled')
  }
  @Get('/forbidden') forbidden(): string {
    return abort(403)
  }
  @Get('/broken') async *broken() {
    yield await Promise.resolve('some')
    throw new Error('broken off')
  }
  @Get('/kept') kept() {
    return streamWithContext(function* () {
      yield 'one'
      note('streamed')
    })
  }
  @ErrorHandler(RangeError) outOfRange() {
    return { error: 'range' }
  }
}

describe.each(worlds)('@AfterResponse %s', (_, make) => {
  const app = () => {
    const { controller, outcomes } = logging(App)
    return { app: make(controller, []), outcomes }
  }

  test('gets the outcome of a response, after teardown, in the context of the request', async () => {
    const { app: koa, outcomes } = app()
    await serve(koa, url => ask(`${url}/fine/5`))
    expect(log).toEqual(['torn down', 'outcome of fine'])
    expect(outcomes).toEqual([
      {
        status: 200,
        error: undefined,
        handled: true,
        aborted: false,
        bytesSent: expect.any(Number),
        durationMs: expect.any(Number),
        route: '/fine/<int:id>',
      },
    ])
    expect(outcomes[0]?.durationMs).toBeGreaterThan(0)
  })

  test.each([
    ['/handled', { status: 200, handled: true, error: expect.any(RangeError) }],
    ['/unhandled', { status: 500, handled: false, error: expect.objectContaining({ message: 'unhandled' }) }],
    ['/forbidden', { status: 403, handled: true, error: expect.objectContaining({ status: 403 }) }],
    ['/missing', { status: 404, handled: true, route: undefined, error: expect.objectContaining({ status: 404 }) }],
  ])('gets the error of %s', async (path, expected) => {
    const { app: koa, outcomes } = app()
    await serve(koa, url => ask(url + path))
    expect(outcomes).toEqual([expect.objectContaining({ ...expected, aborted: false })])
  })

  test('gets the error of a stream that fails', async () => {
    const { app: koa, outcomes } = app()
    await serve(koa, async url => {
      await ask(`${url}/broken`).catch(() => undefined)
      await untilTold(outcomes)
    })
    const error = expect.objectContaining({ message: 'broken off' })
    expect(outcomes).toEqual([expect.objectContaining({ status: 200, aborted: true, handled: false, error })])
  })

  test('runs after the teardown that a stream delays', async () => {
    const { app: koa, outcomes } = app()
    await serve(koa, async url => {
      await ask(`${url}/kept`)
      await untilTold(outcomes)
    })
    expect(log).toEqual(['streamed', 'torn down', 'outcome of undefined'])
    expect(outcomes[0]?.aborted).toBe(false)
  })

  test('runs once, after teardown, when the client disconnects while the view runs', async () => {
    let arrived = () => {}
    let leave = () => {}
    let closed: Promise<unknown> = Promise.resolve()
    const inView = new Promise<void>(resolve => (arrived = resolve))
    const hasLeft = new Promise<void>(resolve => (leave = resolve))
    class Slow extends Log {
      @Get('/') async index({ req }: Context) {
        g.whose = 'slow'
        closed = once(req.socket, 'close')
        arrived()
        await hasLeft
        note('view')
        return 'too late'
      }
    }
    const { controller, outcomes } = logging(Slow)
    await serve(make(controller, []), async url => {
      const socket = connect(Number(new URL(url).port), '127.0.0.1').on('error', () => undefined)
      socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
      await inView
      socket.destroy()
      await closed
      await settled()
      expect(log).toEqual([])
      leave()
      await untilTold(outcomes)
    })
    expect(log).toEqual(['view', 'torn down', 'outcome of slow'])
    expect(outcomes).toEqual([expect.objectContaining({ aborted: true, status: 200 })])
  })

  test('counts the bytes of each response on a connection, also of those that are pipelined', async () => {
    const { app: koa, outcomes } = app()
    await serve(koa, async url => {
      const socket = connect(Number(new URL(url).port), '127.0.0.1')
      let received = 0
      socket.on('data', chunk => (received += chunk.length))
      const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`
      socket.write(get('/fine/1'))
      await untilTold(outcomes, 1)
      while (received === 0) await once(socket, 'data')
      expect(outcomes[0]?.bytesSent).toBe(received)
      socket.write(get('/handled') + get('/kept') + get('/fine/12345'))
      await untilTold(outcomes, 4)
      while (outcomes.reduce((sum, { bytesSent }) => sum + bytesSent, 0) > received) await once(socket, 'data')
      expect(outcomes.reduce((sum, { bytesSent }) => sum + bytesSent, 0)).toBe(received)
      const fine = outcomes.filter(({ route }) => route === '/fine/<int:id>')
      expect(fine[1]?.bytesSent).toBe(fine[0]?.bytesSent)
      socket.destroy()
    })
  })

  test('all methods run in reverse order; an error in one is emitted, and the others still run', async () => {
    class Several {
      @Get('/') index() {
        return ''
      }
      @AfterResponse first() {
        note('first')
      }
      @AfterResponse async second() {
        await Promise.resolve()
        throw new Error('from after-response')
      }
      @AfterResponse third() {
        note('third')
      }
    }
    const koa = make(Several, [])
    const reported = once(koa, 'error')
    await serve(koa, async url => {
      await ask(url)
      expect(await reported).toEqual([expect.objectContaining({ message: 'from after-response' }), expect.anything()])
    })
    expect(log).toEqual(['third', 'first'])
  })

  test('in a blueprint runs for its own routes, @AfterAppResponse for all', async () => {
    @Blueprint('/b')
    class B {
      @Get('/') index() {
        return 'b'
      }
      @AfterResponse own() {
        note('own')
      }
      @AfterAppResponse all({ route }: Outcome) {
        note(`all ${route}`)
      }
    }
    class Bare {
      @Get('/') index() {
        return 'a'
      }
    }
    await serve(make(Bare, [], { blueprints: [B] }), async url => {
      for (const path of ['/', '/b/', '/none']) await ask(url + path)
    })
    expect(log).toEqual(['all /', 'own', 'all /b/', 'all undefined'])
  })
})

test('requests without a socket have outcomes too', async () => {
  const { controller, outcomes } = logging(App)
  const client = testClient(bootstrap(controller, { logger: false }))
  await client.get('/fine/1')
  await client.request('HEAD', '/fine/1')
  expect(outcomes.map(({ status, aborted, bytesSent }) => [status, aborted, bytesSent])).toEqual([
    [200, false, 4],
    [200, false, 0],
  ])
})

test('in debug mode the outcome does not wait for a deferred teardown', async () => {
  const { controller, outcomes } = logging(App)
  await serve(bootstrap(controller, { debug: true, logger: false }), async url => {
    await ask(`${url}/unhandled`)
    await untilTold(outcomes)
    expect(log).toEqual(['outcome of undefined'])
    expect(outcomes[0]).toMatchObject({ status: 500, handled: false })
  })
})
