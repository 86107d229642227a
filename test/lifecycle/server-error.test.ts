import {
  AfterRequest,
  BeforeFirstRequest,
  BeforeRequest,
  Blueprint,
  ErrorHandler,
  Get,
  HttpError,
  SessionStoreError,
  TeardownRequest,
  UrlValuePreprocessor,
  abort,
  afterThisRequest,
  currentContext,
  makeResponse,
  session,
  type BootstrapOptions,
  type Class,
  type Response,
  type SessionStore,
  type LogEntry,
} from 'flaskoa'
import type { Middleware } from 'koa'
import { clientOf } from '../support/client'
import { log, note } from '../support/log'
import { withCause } from '../support/with-cause'

class Broken extends Error {}
class DatabaseError extends Error {}

/** Where the next request fails. */
let place = ''
function failAt(here: string) {
  if (place !== here) return
  if (here !== 'session open') session.foo = 'written'
  throw new Broken(here)
}

const contents = new Map<string, Record<string, unknown>>()
const store: SessionStore = {
  get: key => (failAt('session open'), contents.get(key)),
  set(key, values) {
    if (place === 'session save') throw new Broken(place)
    contents.set(key, values)
  },
  destroy: key => contents.delete(key),
}

/** Fails at the place that the request names. */
class App {
  @BeforeFirstRequest()
  first() {
    failAt('before first')
  }

  @UrlValuePreprocessor()
  values() {
    failAt('preprocessor')
  }

  @BeforeRequest()
  before() {
    failAt('before')
  }

  @Get('/')
  index(): string {
    afterThisRequest(response => {
      note('after this')
      failAt('after this')
      return response
    })
    session.foo = 'written'
    failAt('view')
    if (place === 'handler') throw new DatabaseError()
    return (place === 'response' ? undefined : 'index') as string
  }

  @ErrorHandler(DatabaseError)
  database() {
    failAt('handler')
    return ''
  }

  @AfterRequest()
  after(response: Response) {
    note('after')
    failAt('after')
    return response
  }

  @TeardownRequest()
  teardown(error?: Error) {
    note(`teardown: ${error instanceof SessionStoreError ? withCause(error) : error?.message}`)
  }
}

class With500 extends App {
  @ErrorHandler(500)
  server(error: HttpError) {
    return note('500 handler', `sorry: ${(error.cause as Error).message}`)
  }
}

/** What runs after `place` has failed, with or without a 500 handler or after methods for it. */
async function failing(controller: Class, at: string, options: BootstrapOptions = {}) {
  const client = clientOf(controller, { session: { store }, ...options })
  await client.session(session => (session.foo = 'begun'))
  place = at
  const { status } = await client.get('/')
  place = ''
  const { foo } = await client.session()
  return { status, ran: log.splice(0), session: foo }
}

const places = {
  'session open': { saved: false, first: [], pass: ['after'] },
  'before first': { saved: true, first: [], pass: ['after'] },
  preprocessor: { saved: true, first: [], pass: ['after'] },
  before: { saved: true, first: [], pass: ['after'] },
  view: { saved: true, first: [], pass: ['after this', 'after'] },
  handler: { saved: true, first: [], pass: ['after this', 'after'] },
  response: { saved: true, first: [], pass: ['after this', 'after'] },
  'after this': { saved: false, first: ['after this'], pass: ['after this'] },
  after: { saved: false, first: ['after this', 'after'], pass: ['after this', 'after'] },
  'session save': { saved: false, first: ['after this', 'after'], pass: ['after this', 'after'] },
}

describe.each(Object.entries(places))('an error at: %s', (at, { saved, first, pass }) => {
  const message =
    at === 'response'
      ? /^teardown: \w+\.index returned undefined/
      : new RegExp(`^teardown: (The session store .+: )?${at}$`)
  const teardown = expect.stringMatching(message)
  const session = saved ? 'written' : 'begun'

  test('[6.4] without a 500 handler, after methods do not run and the session is not saved', async () => {
    expect(await failing(App, at)).toEqual({ status: 500, ran: [...first, teardown], session: 'begun' })
  })

  test('[6.4, 6.5, 6.9] with afterRequestOnUnhandledError, all after methods run and the session is saved', async () => {
    const outcome = await failing(App, at, { afterRequestOnUnhandledError: true })
    expect(outcome).toEqual({ status: 500, ran: [...first, ...pass, teardown], session })
  })

  test('[6.4, 6.5, 6.8, 6.9] with a 500 handler, too; teardown still gets the error', async () => {
    expect(await failing(With500, at)).toEqual({
      status: 200,
      ran: [...first, '500 handler', ...pass, teardown],
      session,
    })
  })
})

test.each(['session open', 'before first', 'handler', 'after this', 'after', 'session save'])(
  '[6.1] a handler for the class of the error does not run for an error at: %s',
  async at => {
    class Handled extends App {
      @ErrorHandler(Broken)
      broken() {
        return note('handler of its class', '')
      }
    }
    const { status, ran } = await failing(Handled, at)
    expect(status).toBe(500)
    expect(ran).not.toContain('handler of its class')
  },
)

test('[6.1] a handler for HTTP errors does not run either: abort(403) in an after method is a 500', async () => {
  class Aborting {
    @Get('/')
    index() {
      return 'index'
    }

    @AfterRequest()
    after(): Response {
      abort(403)
    }

    @ErrorHandler(403)
    forbidden() {
      return note('403 handler', '')
    }
  }
  expect((await clientOf(Aborting).get('/')).status).toBe(500)
  expect(log).toEqual([])
})

describe('[6.2] the order', () => {
  class Failing {
    @Get('/')
    index(): string {
      throw new Broken('broken')
    }
  }
  const logger = { error: () => note('log') }

  test('error event, log, 500 handler', async () => {
    class Handled extends Failing {
      @ErrorHandler(500)
      server() {
        return note('500 handler', '')
      }
    }
    await clientOf(Handled, { logger }).get('/')
    expect(log).toEqual(['log', '500 handler'])
  })

  test.each<[string, number | typeof Error]>([
    ['500', 500],
    ['HttpError', HttpError as unknown as typeof Error],
    ['Error', Error],
  ])("a blueprint's handler for %s comes before the application's", async (_, key) => {
    @Blueprint('/users')
    class Users extends Failing {
      @ErrorHandler(key)
      any() {
        return 'of the blueprint'
      }
    }
    class Root extends Failing {
      @ErrorHandler(key)
      any() {
        return 'of the application'
      }
    }
    const client = clientOf(Root, { blueprints: [Users] })
    expect((await client.get('/users/')).text).toBe('of the blueprint')
    expect((await client.get('/')).text).toBe('of the application')
  })
})

describe('[6.3] a 500 handler gets', () => {
  const seen: HttpError[] = []
  beforeEach(() => (seen.length = 0))
  const error = new Broken('broken')
  class Seeing {
    @Get('/')
    index(): string {
      throw error
    }

    @Get('/abort')
    abort(): string {
      abort(500, 'on purpose')
    }

    @ErrorHandler(500)
    server(error: HttpError, ctx: { path: string }) {
      seen.push(error)
      return ctx.path
    }
  }

  test('an HTTP error 500 with the original as its cause', async () => {
    expect((await clientOf(Seeing).get('/')).text).toBe('/')
    expect(seen[0]).toBeInstanceOf(HttpError)
    expect(seen[0]).toMatchObject({ status: 500, expose: false, message: 'Internal Server Error' })
    expect(seen[0]?.cause).toBe(error)
  })

  test('the very error of an abort(500), which has no cause', async () => {
    expect((await clientOf(Seeing).get('/abort')).text).toBe('/abort')
    expect(seen[0]).toMatchObject({ status: 500, message: 'on purpose' })
    expect(seen[0]?.cause).toBeUndefined()
  })
})

test('[6.4] the page of an unhandled error shows neither the error nor what the view had written', async () => {
  class ResponseMeter {
    @Get('/')
    index(): string {
      currentContext().set('X-View', 'yes')
      currentContext().body = 'a secret'
      throw new Broken('a secret')
    }
  }
  const response = await clientOf(ResponseMeter).get('/')
  expect([response.status, response.header('content-type')]).toEqual([500, 'text/html; charset=utf-8'])
  expect(response.text).toContain('<h1>Internal Server Error</h1>')
  expect(response.text).not.toContain('secret')
  expect(response.header('x-view')).toBeUndefined()
})

describe('[6.5, 6.6] the second pass', () => {
  const errors: string[] = []
  const logger = { error: ({ err }: LogEntry) => errors.push(String(err)) }
  beforeEach(() => (errors.length = 0))

  /** Its last after method fails as often as the request asks. */
  class Flaky {
    passes = 0
    failures = 0

    @Get('/')
    index() {
      return 'index'
    }

    @Get('/once')
    once() {
      this.passes = 0
      this.failures = 1
      return 'index'
    }

    @Get('/twice')
    twice() {
      this.passes = 0
      this.failures = 2
      session.foo = 'written'
      return 'index'
    }

    @ErrorHandler(500)
    server() {
      return makeResponse('sorry', 503, { 'X-Handler': 'yes' })
    }

    @AfterRequest()
    fail(response: Response) {
      if (this.passes <= this.failures) throw new Broken(`pass ${this.passes}`)
      return response
    }

    @AfterRequest()
    change(response: Response) {
      this.passes++
      response.set('X-Pass', String(this.passes))
      return response
    }
  }

  test('may succeed after the first failed: its response is complete', async () => {
    const response = await clientOf(Flaky, { logger }).get('/once')
    expect([response.status, response.text]).toEqual([503, 'sorry'])
    expect([response.header('x-handler'), response.header('x-pass')]).toEqual(['yes', '2'])
    expect(errors).toEqual(['Error: pass 1'])
  })

  test('may fail as well: its error is reported and ignored, changes in place stay, the session is not saved', async () => {
    const client = clientOf(Flaky, { logger })
    const response = await client.get('/twice')
    expect([response.status, response.text]).toEqual([503, 'sorry'])
    expect([response.header('x-handler'), response.header('x-pass')]).toEqual(['yes', '2'])
    expect(response.header('set-cookie')).toBeUndefined()
    expect(errors).toEqual(['Error: pass 1', 'Error: pass 2'])
  })

  test('a replacement by one of its methods is undone', async () => {
    class Replacing extends Flaky {
      @AfterRequest()
      replaceAgain() {
        return makeResponse('replaced again', 203)
      }

      @AfterRequest()
      replace() {
        return makeResponse('replaced', 202, { 'X-Replaced': 'yes' })
      }
    }
    const response = await clientOf(Replacing, { logger }).get('/twice')
    expect([response.status, response.text, response.header('x-handler')]).toEqual([503, 'sorry', 'yes'])
    expect(response.header('x-replaced')).toBeUndefined()
  })

  test('runs after-this-request functions again, also those that an after method has added meanwhile', async () => {
    let runs = 0
    class Adding {
      @Get('/')
      index() {
        afterThisRequest(response => note('from the view', response))
        return 'index'
      }

      @ErrorHandler(500)
      server() {
        return note('500 handler', 'sorry')
      }

      @AfterRequest()
      fail(response: Response) {
        if (runs++ === 0) throw new Broken()
        return response
      }

      @AfterRequest()
      add(response: Response) {
        if (runs === 0) afterThisRequest(response => note('from the after method', response))
        return response
      }
    }
    expect((await clientOf(Adding).get('/')).text).toBe('sorry')
    expect(log).toEqual(['from the view', '500 handler', 'from the view', 'from the after method'])
  })
})

describe('[6.7] a 500 handler that fails', () => {
  class Failing extends App {
    @Get('/')
    override index(): string {
      throw new Broken('the view')
    }
  }
  const errors: string[] = []
  const logger = { error: ({ err }: LogEntry) => errors.push(String(err)) }
  beforeEach(() => (errors.length = 0))

  test('by throwing: the bare page, no after methods, teardown gets the error before it', async () => {
    class Throwing extends Failing {
      @ErrorHandler(500)
      async server(): Promise<string> {
        currentContext().set('X-Handler', 'yes')
        currentContext().cookies.set('handler', 'yes', { signed: false })
        await Promise.resolve()
        throw new RangeError('the handler')
      }
    }
    const outer: Middleware = (ctx, next) => {
      ctx.cookies.set('outer', 'yes', { signed: false })
      return next()
    }
    const options = { logger, afterRequestOnUnhandledError: true, middleware: [outer] }
    const response = await clientOf(Throwing, options).get('/')
    expect(response.status).toBe(500)
    expect(response.text).toContain('<h1>Internal Server Error</h1>')
    expect(response.header('x-handler')).toBeUndefined()
    expect(response.header('set-cookie')).toBe('outer=yes; path=/; httponly')
    expect(log).toEqual(['teardown: the view'])
    expect(errors).toEqual(['Error: the view', 'RangeError: the handler'])
  })

  test.each([undefined, null, 0])('by returning %p', async value => {
    class Returning extends Failing {
      @ErrorHandler(500)
      server() {
        return value as unknown as string
      }
    }
    const response = await clientOf(Returning, { logger }).get('/')
    expect(response.text).toContain('<h1>Internal Server Error</h1>')
    expect(log).toEqual(['teardown: the view'])
    expect(errors[1]).toMatch(/^TypeError: Returning\.server returned /)
  })

  test('a catch-all handler that fails runs twice: teardown gets its first error', async () => {
    class CatchAll extends Failing {
      @ErrorHandler(Error)
      any(error: Error): string {
        note(`catch-all: ${error.message}`)
        throw new RangeError(`caught ${error.message}`)
      }
    }
    expect((await clientOf(CatchAll, { logger }).get('/')).status).toBe(500)
    expect(log).toEqual(['catch-all: the view', 'catch-all: Internal Server Error', 'teardown: caught the view'])
  })
})

describe('[6.10] a session that cannot be opened', () => {
  @Blueprint('/users')
  class Users {
    @Get('/')
    index() {
      return note('view', 'users')
    }

    @AfterRequest()
    after(response: Response) {
      return note('after of the blueprint', response)
    }

    @TeardownRequest()
    teardown() {
      note('teardown of the blueprint')
    }
  }
  const errors: unknown[] = []
  const logger = { error: ({ err }: LogEntry, message: string) => errors.push(message, withCause(err as Error)) }

  test("only the application's after and teardown methods run; its failing save does not mask the error", async () => {
    const client = clientOf(With500, { blueprints: [Users], session: { store }, logger })
    await client.session(session => (session.foo = 'begun'))
    place = 'session open'
    const response = await client.get('/users/')
    place = ''
    const failure = 'The session store failed to get a session'
    expect(response.text).toBe(`sorry: ${failure}`)
    expect(log).toEqual(['500 handler', 'after', `teardown: ${failure}: session open`])
    expect(errors).toEqual([`Exception on /users/ [GET]: ${failure}`, `${failure}: session open`])
  })

  test('its failing save undoes a replacement by an after method', async () => {
    class Replacing extends With500 {
      @AfterRequest()
      override after() {
        return makeResponse('replaced', 202)
      }
    }
    const client = clientOf(Replacing, { session: { store }, logger })
    await client.session(session => (session.foo = 'begun'))
    place = 'session open'
    const response = await client.get('/')
    place = ''
    expect([response.status, response.text]).toEqual([200, 'sorry: The session store failed to get a session'])
  })

  test('using the session then throws an error with the cause', async () => {
    class Using extends App {
      @TeardownRequest()
      override teardown() {
        try {
          note(String(session.foo))
        } catch (error) {
          note(`${(error as Error).message}: ${((error as Error).cause as Error).message}`)
        }
      }
    }
    const { ran } = await failing(Using, 'session open')
    expect(ran).toEqual([
      expect.stringMatching(/^The session could not be opened: The session store failed to get a session$/),
    ])
  })
})
