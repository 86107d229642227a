import { once } from 'node:events'
import { connect } from 'node:net'
import { Readable } from 'node:stream'
import {
  AfterRequest,
  AfterResponse,
  afterThisResponse,
  BeforeRequest,
  bootstrap,
  g,
  Get,
  gracefulShutdown,
  streamWithContext,
  TeardownRequest,
  type Context,
  type KoaResponse,
  type Outcome,
} from 'flaskoa'
import { ask } from '../support/ask'
import { log, note } from '../support/log'
import { serve } from '../support/serve'
import { until } from '../support/until'

class App {
  @BeforeRequest setName(ctx: Context) {
    ;(g as { name?: string }).name = ctx.path
  }
  @Get('/one') one() {
    afterThisResponse((outcome, ctx) => {
      note(`${ctx.path} of ${String((g as { name?: string }).name)}: ${outcome.status}, ${outcome.bytesSent > 100}`)
    })
    afterThisResponse(async ({ route, error, handled, durationMs }) => {
      await Promise.resolve()
      note(`${String(route)} ${String(error)} ${handled} ${durationMs >= 0 && durationMs < 60_000}`)
    })
    return 'one'
  }
  @Get('/other') other() {
    return 'other'
  }
  @Get('/failing') failing() {
    afterThisResponse(() => {
      throw new Error('failing')
    })
    afterThisResponse(() => note('still runs'))
    return 'fine'
  }
  @Get('/stream') stream() {
    const parts = function* () {
      yield 'a'
      afterThisResponse(() => note('after the stream'))
      yield 'b'
    }
    return streamWithContext(Readable.from(parts()))
  }
  @Get('/waiting') waiting() {
    afterThisResponse(({ aborted }) => note(`aborted: ${aborted}`))
    return Readable.from(
      (async function* () {
        yield 'begun'
        await new Promise(() => undefined)
      })(),
    )
  }
  @Get('/late') late(ctx: Context) {
    // Runs in the request's context, and after its end.
    void once(ctx.res, 'close')
      .then(() => new Promise(setImmediate))
      .then(() => afterThisResponse(function tooLate() {}))
    return 'late'
  }
  @Get('/torn') torn() {
    return 'torn'
  }
  @TeardownRequest teardown(_: unknown, ctx: Context) {
    note(`teardown of ${ctx.path}`)
    if (ctx.path === '/torn') afterThisResponse(() => note('registered by teardown'))
  }
}

class Logging extends App {
  @AfterResponse record({ status }: Outcome) {
    note(`logged ${status}`)
  }
}

let errors: string[] = []
const served = async (controller: typeof App, use: (url: string) => Promise<unknown>) => {
  errors = []
  const app = bootstrap(controller, { logger: false })
  app.on('error', ({ message }: Error) => errors.push(message))
  await serve(app, use)
}

test('the functions run after the response and its teardown, in the order of the calls, with g, for this request only', async () => {
  await served(App, async url => {
    await ask(`${url}/other`)
    await ask(`${url}/one`)
    await until('both have run', () => log.length === 4)
  })
  expect(log).toEqual(['teardown of /other', 'teardown of /one', '/one of /one: 200, true', '/one undefined true true'])
})

test('they run before the methods of @AfterResponse', async () => {
  await served(Logging, async url => {
    await ask(`${url}/one`)
    await until('all have run', () => log.length === 4)
  })
  expect(log.slice(1)).toEqual(['/one of /one: 200, true', '/one undefined true true', 'logged 200'])
})

test('an error of one is reported, and the others run', async () => {
  await served(App, async url => {
    expect((await ask(`${url}/failing`)).text).toBe('fine')
    await until('the other has run', () => log.includes('still runs'))
  })
  expect(errors).toEqual(['failing'])
})

test('a stream and a teardown method may register one', async () => {
  await served(App, async url => {
    expect((await ask(`${url}/stream`)).text).toBe('ab')
    await until('it has run', () => log.includes('after the stream'))
    await ask(`${url}/torn`)
    await until('it has run', () => log.includes('registered by teardown'))
  })
})

test('what one writes to the error of an unknown URL is in no other response, of any application', async () => {
  const spoil = ({ error }: Outcome) => {
    note(String((error as { note?: string }).note))
    Object.assign(error as Error, { note: 'spoilt', message: 'spoilt', headers: { 'X-Spoilt': 'yes' } })
  }
  class AfterMethod {
    @AfterRequest register(response: KoaResponse) {
      afterThisResponse(spoil)
      return response
    }
  }
  class TeardownMethod {
    @TeardownRequest register() {
      afterThisResponse(spoil)
    }
  }
  class Other {
    @Get('/') index() {
      return 'other'
    }
  }
  for (const controller of [AfterMethod, AfterMethod, TeardownMethod, Other]) {
    await serve(bootstrap(controller), async url => {
      const { headers, text } = await ask(`${url}/nowhere`)
      expect(headers).not.toHaveProperty('x-spoilt')
      expect(text).not.toContain('spoilt')
      if (controller !== Other) await until('it has run', () => log.at(-1) === 'undefined' || log.at(-1) === 'spoilt')
      note('done')
    })
  }
  expect(log).toEqual(['undefined', 'done', 'undefined', 'done', 'undefined', 'done', 'done'])
})

test('they run when the client leaves', async () => {
  await served(App, async url => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    socket.write('GET /waiting HTTP/1.1\r\nHost: localhost\r\n\r\n')
    await once(socket, 'data')
    socket.destroy()
    await until('it has run', () => log.includes('aborted: true'))
  })
})

test('one that is registered too late is reported by its name', async () => {
  await served(App, async url => {
    await ask(`${url}/late`)
    await until('it is reported', () => errors.length > 0)
  })
  expect(errors[0]).toMatch(/^tooLate was given to afterThisResponse after its request had ended/)
})

test('a shutdown waits for them', async () => {
  let open: (() => void) | undefined
  class Slow {
    @Get('/') index() {
      afterThisResponse(async () => {
        await new Promise<void>(resolve => (open = resolve))
        note('slow')
      })
      return 'fine'
    }
  }
  const server = bootstrap(Slow).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const shutdown = gracefulShutdown(server, { logger: false })
  const { port } = server.address() as { port: number }
  await ask(`http://127.0.0.1:${port}/`)
  await until('it runs', () => open !== undefined)
  const closing = shutdown.close().then(() => note('closed'))
  setImmediate(() => open?.())
  await closing
  shutdown.uninstall()
  expect(log).toEqual(['slow', 'closed'])
})

test('without a function, and outside of a request, it throws', async () => {
  expect(() => afterThisResponse(() => undefined)).toThrow('afterThisResponse() was used outside of a request')
  class Wrong {
    @Get('/') index() {
      afterThisResponse('text' as never)
      return 'never'
    }
  }
  const app = bootstrap(Wrong, { logger: false })
  const seen: unknown[] = []
  app.on('error', error => seen.push(error))
  await serve(app, url => ask(url))
  expect(seen).toEqual([new TypeError('afterThisResponse needs a function, not "text"')])
})
