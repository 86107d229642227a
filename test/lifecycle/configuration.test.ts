import {
  AfterRequest,
  ErrorHandler,
  Get,
  HttpError,
  TeardownRequest,
  abort,
  bootstrap,
  currentContext,
  makeResponse,
  type BootstrapOptions,
  type Class,
  type Context,
  type Response,
  type LogEntry,
} from 'flaskoa'
import { testClient } from 'flaskoa/testing'
import { clientOf } from '../support/client'
import { log, note } from '../support/log'
import { serve } from '../support/serve'

class Handled extends Error {}
class Unhandled extends Error {
  override readonly name = 'Unhandled'
}

class App {
  @Get('/')
  index() {
    return 'index'
  }

  @Get('/slash/')
  slash() {
    return 'slash'
  }

  @Get('/fail')
  fail(): string {
    throw new Unhandled('failed <here>', { cause: new RangeError('deep down') })
  }

  @Get('/handled')
  handled(): string {
    throw new Handled()
  }

  @Get('/abort')
  abort(): string {
    abort(403)
  }

  @Get('/ready')
  ready(): string {
    abort(makeResponse('ready'))
  }

  @ErrorHandler(Handled)
  handle() {
    return 'handled'
  }

  @AfterRequest()
  after(response: Response) {
    return note('after', response)
  }

  @TeardownRequest()
  teardown(error?: Error) {
    note(`teardown ${error?.message}`)
  }
}

class With500 extends App {
  @ErrorHandler(500)
  server() {
    return note('500 handler', 'sorry')
  }
}

describe('[10.1] exceptions propagate', () => {
  test.each<[string, BootstrapOptions]>([
    ['propagateExceptions', { propagateExceptions: true }],
    ['testing', { testing: true }],
    ['debug', { debug: true, preserveContextOnException: false }],
  ])('with %s: no 500 handler, no after methods; teardown gets the error', async (_, options) => {
    await expect(clientOf(With500, options).get('/fail')).rejects.toThrow('failed <here>')
    expect(log).toEqual(['teardown failed <here>'])
  })

  test.each([
    ['/handled', 200],
    ['/abort', 403],
    ['/unknown', 404],
    ['/ready', 200],
  ])('but not those that have an answer: %s', async (path, status) => {
    expect((await clientOf(App, { propagateExceptions: true }).get(path)).status).toBe(status)
    expect(log).toEqual(['after', 'teardown undefined'])
  })

  test.each<BootstrapOptions>([{ testing: true }, { debug: true, preserveContextOnException: false }])(
    'and not with propagateExceptions: false, which wins over %p',
    async options => {
      const response = await clientOf(With500, { ...options, propagateExceptions: false }).get('/fail')
      expect(response.text).toBe('sorry')
      expect(log).toEqual(['500 handler', 'after', 'teardown failed <here>'])
    },
  )

  test('by default they do not', async () => {
    expect((await clientOf(With500).get('/fail')).text).toBe('sorry')
  })

  test('errors before the view and after it leave as well', async () => {
    class Twice {
      @Get('/nothing')
      nothing() {
        return undefined as unknown as string
      }

      @Get('/')
      index() {
        return 'index'
      }

      @AfterRequest()
      after(): Response {
        abort(403, 'in an after method')
      }
    }
    const client = clientOf(Twice, { propagateExceptions: true })
    await expect(client.get('/nothing')).rejects.toThrow('Twice.nothing returned undefined')
    await expect(client.get('/')).rejects.toThrow('in an after method')
  })

  test('a client over HTTP gets a plain 500', async () => {
    await serve(bootstrap(App, { propagateExceptions: true, logger: false }), async url => {
      const response = await fetch(`${url}/fail`)
      expect([response.status, await response.text()]).toEqual([500, 'Internal Server Error'])
    })
  })

  test('middleware around the lifecycle can catch them', async () => {
    const response = await clientOf(App, {
      propagateExceptions: true,
      middleware: [
        async (ctx, next) => {
          try {
            await next()
          } catch (error) {
            ctx.body = `caught ${(error as Error).name}`
          }
        },
      ],
    }).get('/fail')
    expect([response.status, response.text]).toEqual([200, 'caught Unhandled'])
  })
})

describe('[10.2] trapHttpExceptions', () => {
  const options = { trapHttpExceptions: true, logger: false } as const

  /** The status, and what ran. */
  async function trapped(controller: Class, method: string, path: string) {
    const app = bootstrap(controller, options)
    app.on('error', (error: Error) => note(`error event: ${error.message}`))
    const { status } = await testClient(app).request(method, path)
    return [status, ...log]
  }

  test.each([
    ['GET', '/abort', 'Forbidden'],
    ['GET', '/unknown', 'Not Found'],
    ['POST', '/', 'Method Not Allowed'],
    ['GET', '/slash', 'redirect to /slash/'],
    ['GET', '/ready', 'abort(response)'],
  ])('HTTP errors without a handler take the 500 path: %s %s', async (method, path, message) => {
    expect(await trapped(App, method, path)).toEqual([500, `error event: ${message}`, `teardown ${message}`])
  })

  test('a 500 handler answers them, with the error as the cause', async () => {
    class Causes extends App {
      @ErrorHandler(500)
      server({ status, cause }: HttpError) {
        return note(`500 handler: ${status} ${String((cause as HttpError).status)}`, 'sorry')
      }
    }
    expect(await trapped(Causes, 'GET', '/abort')).toEqual([
      200,
      'error event: Forbidden',
      '500 handler: 500 403',
      'after',
      'teardown Forbidden',
    ])
  })

  test('handlers that match are called all the same', async () => {
    class Matching extends App {
      @ErrorHandler(403)
      forbidden() {
        return note('403 handler', '')
      }

      @ErrorHandler(HttpError)
      http(error: Error) {
        return note(`HttpError handler: ${error.message}`, '')
      }
    }
    const end = ['after', 'teardown undefined']
    expect(await trapped(Matching, 'GET', '/abort')).toEqual([200, '403 handler', ...end])
    log.length = 0
    expect(await trapped(Matching, 'GET', '/unknown')).toEqual([200, 'HttpError handler: Not Found', ...end])
    log.length = 0
    expect(await trapped(Matching, 'GET', '/slash')).toEqual([200, 'HttpError handler: redirect to /slash/', ...end])
  })

  test('they propagate where exceptions do', async () => {
    await expect(clientOf(App, { ...options, testing: true }).get('/abort')).rejects.toThrow('Forbidden')
  })
})

describe('[10.4] debug', () => {
  test('shows the error and its causes instead of a bare 500', async () => {
    const client = testClient(bootstrap(App, { debug: true, logger: false }), { propagateExceptions: false })
    const response = await client.get('/fail', { headers: { Accept: 'text/html' } })
    await client.close()
    expect([response.status, response.header('content-type')]).toEqual([500, 'text/html; charset=utf-8'])
    expect(response.text).toContain('<h1>Unhandled</h1>')
    expect(response.text).toContain('failed &lt;here&gt;')
    expect(response.text).toContain('deep down')
    expect(response.text).toContain('configuration.test.ts')
  })

  test('does not show errors that a handler or a default page answers', async () => {
    const client = clientOf(App, { debug: true })
    expect((await client.get('/handled')).text).toBe('handled')
    expect((await client.get('/unknown', { headers: { Accept: 'text/html' } })).text).toContain('<h1>Not Found</h1>')
  })

  test.each([true, false])('%p: a response that has begun is left alone', async debug => {
    class Begun {
      @Get('/')
      index(ctx: Context): string {
        ctx.res.writeHead(200, { 'Content-Length': '5' })
        ctx.res.end('begun')
        throw new Unhandled('too late')
      }
    }
    const app = bootstrap(Begun, { debug, logger: false })
    app.on('error', (error: Error) => note(error.message))
    await serve(app, async url => {
      expect(await (await fetch(`${url}/`)).text()).toBe('begun')
    })
    expect(log).toEqual(['too late'])
  })
})

describe('unhandled errors are reported once', () => {
  const reported: string[] = []
  beforeEach(() => (reported.length = 0))
  const logger = { error: ({ err }: LogEntry, message: string) => reported.push(`${message} / ${err?.message}`) }
  const listen = (options: BootstrapOptions, controller: Class = App) => {
    const app = bootstrap(controller, options)
    app.on('error', (error: Error, ctx: Context) =>
      reported.push(`event: ${error.message} at ${ctx.method} ${ctx.path}`),
    )
    return testClient(app, { propagateExceptions: false })
  }
  const logged = 'Exception on /fail [GET]: failed <here> / failed <here>'
  const event = 'event: failed <here> at GET /fail'

  test.each<[string, BootstrapOptions]>([
    ['by default', {}],
    ['with propagateExceptions', { propagateExceptions: true }],
    ['with debug', { debug: true, preserveContextOnException: false }],
  ])('to the log and to the error event, with ctx: %s', async (_, options) => {
    expect((await listen({ logger, ...options }).get('/fail?x=1')).status).toBe(500)
    expect(reported).toEqual([logged, event])
  })

  test('with testing to the error event only: the test has the error', async () => {
    await listen({ logger, testing: true }).get('/fail')
    expect(reported).toEqual([event])
  })

  test('with testing that does not propagate, to both', async () => {
    await listen({ logger, testing: true, propagateExceptions: false }).get('/fail')
    expect(reported).toEqual([logged, event])
  })

  test('with logger: false to the error event only', async () => {
    await listen({ logger: false }).get('/fail')
    expect(reported).toEqual([event])
  })

  test('to the console, if no logger is given', async () => {
    const error = jest.spyOn(console, 'error').mockImplementation(() => {})
    await listen({}).get('/fail')
    const [[message, err]] = error.mock.calls as [[string, Error]]
    expect(message).toBe('Exception on /fail [GET]: failed <here>')
    expect(err.stack).toMatch(/^\w+: failed <here>\n +at /)
    expect(error).toHaveBeenCalledTimes(1)
    error.mockRestore()
  })

  test.each(['/', '/handled', '/abort', '/unknown', '/ready', '/slash'])(
    'other errors are not reported: %s',
    async path => {
      await listen({ logger }).get(path)
      expect(reported).toEqual([])
    },
  )

  test('also with a 500 handler', async () => {
    await listen({ logger }, With500).get('/fail')
    expect(reported).toEqual([logged, event])
  })

  test('an error object that two requests share is reported for each', async () => {
    const error = new Error('shared')
    class Sharing {
      @Get('/<int:n>')
      index(): string {
        throw error
      }
    }
    const { get } = listen({ logger: false }, Sharing)
    await get('/1')
    await get('/2')
    expect(reported).toEqual(['event: shared at GET /1', 'event: shared at GET /2'])
  })

  test.each<[string, BootstrapOptions, boolean]>([
    ['its error is printed on the console', {}, true],
    ['its error is in no log with logger: false', { logger: false }, false],
  ])('a listener that throws does not affect the request; %s', async (_, options, isPrinted) => {
    const error = jest.spyOn(console, 'error').mockImplementation(() => {})
    const app = bootstrap(With500, options)
    app.on('error', () => {
      throw new TypeError('listener')
    })
    expect((await testClient(app).get('/fail')).text).toBe('sorry')
    expect(log).toEqual(['500 handler', 'after', 'teardown failed <here>'])
    const printed = error.mock.calls.flatMap(call => (call[1] as AggregateError).errors ?? call)
    if (isPrinted) expect(printed).toContainEqual(new TypeError('listener'))
    else expect(error).not.toHaveBeenCalled()
    error.mockRestore()
  })

  test('an error without a stack is logged as well', async () => {
    class Stackless {
      @Get('/')
      index(): string {
        throw Object.defineProperty(new Error('bare'), 'stack', { value: undefined })
      }
    }
    await listen({ logger }, Stackless).get('/')
    const debug = listen({ logger: false, debug: true }, Stackless)
    expect((await debug.get('/', { headers: { Accept: 'text/html' } })).text).toContain('<p>bare</p>')
    expect(reported[0]).toBe('Exception on / [GET]: bare / bare')
  })
})

test('currentContext is the ctx that methods are given', async () => {
  class Same {
    @Get('/')
    index(ctx: Context) {
      return String(currentContext() === ctx)
    }
  }
  expect((await clientOf(Same).get('/')).text).toBe('true')
})
