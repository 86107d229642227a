import {
  AfterRequest,
  BeforeFirstRequest,
  BeforeRequest,
  Blueprint,
  ErrorHandler,
  Get,
  HttpError,
  TeardownRequest,
  UrlValuePreprocessor,
  abort,
  afterThisRequest,
  currentContext,
  g,
  request,
  session,
  type Response,
} from 'flaskoa'
import { clientOf } from '../support/client'
import { log, note } from '../support/log'

describe('[3.1] before-first methods', () => {
  @Blueprint('/users')
  class Users {
    @BeforeFirstRequest()
    first() {
      note('Users first')
    }
  }
  class App {
    @BeforeFirstRequest()
    async first1() {
      await Promise.resolve()
      note('App first 1')
    }

    @BeforeFirstRequest()
    first2() {
      note('App first 2')
    }

    @UrlValuePreprocessor()
    values() {
      note('values')
    }

    @BeforeRequest()
    before() {
      note('before')
    }

    @Get('/')
    index() {
      return note('view', 'index')
    }
  }
  const once = ['App first 1', 'App first 2', 'Users first']

  test('run once, in one list, before anything else', async () => {
    const client = clientOf(App, { blueprints: [Users] })
    await client.get('/')
    await client.get('/')
    expect(log).toEqual([...once, 'values', 'before', 'view', 'values', 'before', 'view'])
  })

  test.each([
    ['GET', '/unknown'],
    ['POST', '/'],
    ['OPTIONS', '/'],
    ['HEAD', '/'],
  ])('run also when the first request is %s %s', async (...line) => {
    const client = clientOf(App, { blueprints: [Users] })
    await client.request(...line)
    await client.get('/')
    expect(log.slice(0, 5)).toEqual([...once, 'values', 'before'])
    expect(log.filter(entry => entry.includes('first'))).toEqual(once)
  })

  test('run in the context of the first request', async () => {
    class InContext {
      @BeforeFirstRequest()
      first() {
        g.username = 'root'
        session.foo = 'bar'
        note(`${request.path} ${currentContext().method}`)
        afterThisRequest(response => note('after this', response))
      }

      @Get('/')
      index() {
        return [g.username, session.foo]
      }
    }
    const client = clientOf(InContext)
    expect((await client.get('/')).json()).toEqual(['root', 'bar'])
    expect((await client.get('/')).json()).toEqual([null, 'bar'])
    expect(log).toEqual(['/ GET', 'after this'])
  })

  test('are not run again by another application of the same class, nor shared with it', async () => {
    for (const client of [clientOf(App), clientOf(App)]) await client.get('/')
    expect(log.filter(entry => entry === 'App first 1')).toHaveLength(2)
  })
})

describe('[3.2] a before-first method that throws', () => {
  class Broken extends Error {}
  class App {
    @BeforeFirstRequest()
    first() {
      note('first')
      throw new Broken('no database')
    }

    @BeforeRequest()
    before() {
      note('before')
    }

    @Get('/')
    index() {
      return note('view', 'index')
    }

    @ErrorHandler(Broken)
    broken() {
      return note('handler of its class', 'broken')
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

  test('is the 500 path: no before method, no view, no handler for its class', async () => {
    expect((await clientOf(App).get('/')).status).toBe(500)
    expect(log).toEqual(['first', 'teardown no database'])
  })

  test('after methods run for it where they run for unhandled errors', async () => {
    expect((await clientOf(App, { afterRequestOnUnhandledError: true }).get('/')).status).toBe(500)
    expect(log).toEqual(['first', 'after', 'teardown no database'])
  })

  test.each<[string, number | (abstract new () => Error)]>([
    ['500', 500],
    ['HttpError', HttpError],
    ['Error', Error],
  ])('a handler for %s answers it', async (_, key) => {
    class Handled extends App {
      @ErrorHandler(key)
      handle(error: Error) {
        return note(`handler: ${(error.cause as Error).message}`, 'handled')
      }
    }
    expect((await clientOf(Handled).get('/')).text).toBe('handled')
    expect(log).toEqual(['first', 'handler: no database', 'after', 'teardown no database'])
  })

  test('abort(403) there is a 500', async () => {
    class Aborting {
      @BeforeFirstRequest()
      first() {
        abort(403)
      }

      @ErrorHandler(403)
      forbidden() {
        return note('403 handler', 'forbidden')
      }
    }
    expect((await clientOf(Aborting).get('/')).status).toBe(500)
    expect(log).toEqual([])
  })
})

test('[3.3] after a failure the next request runs the whole list again, from its first method', async () => {
  let failures = 2
  class App {
    @BeforeFirstRequest()
    first1() {
      note('first 1')
    }

    @BeforeFirstRequest()
    async first2() {
      note('first 2')
      await Promise.resolve()
      if (failures-- > 0) throw new Error('not yet')
    }

    @Get('/')
    index() {
      return note('view', 'index')
    }
  }
  const client = clientOf(App)
  const statuses: number[] = []
  for (let requests = 0; requests < 4; requests++) statuses.push((await client.get('/')).status)
  expect(statuses).toEqual([500, 500, 200, 200])
  const list = ['first 1', 'first 2']
  expect(log).toEqual([...list, ...list, ...list, 'view', 'view'])
})

describe('[3.4] requests that arrive while before-first methods run', () => {
  /** An application whose before-first method ends as `runs` say, one after the other, when `release` is called. */
  function application(...runs: ('passes' | 'fails')[]) {
    const arrived: (() => void)[] = []
    const releases: (() => void)[] = []
    class App {
      @BeforeFirstRequest()
      async first() {
        note('first begins')
        const outcome = runs.shift()
        await new Promise<void>(resolve => releases.push(resolve))
        note(`first ${outcome}`)
        if (outcome === 'fails') throw new Error('not yet')
      }

      @BeforeRequest()
      before() {
        note(`before ${String(request.query.n)}`)
      }

      @Get('/')
      index() {
        return 'index'
      }

      @TeardownRequest()
      teardown(error?: Error) {
        note(`teardown ${String(request.query.n)}${error ? ' with error' : ''}`)
      }
    }
    const client = clientOf(App, {
      middleware: [
        async (_, next) => {
          const answer = next()
          arrived.pop()?.()
          await answer
        },
      ],
    })
    return {
      /** The status of request number `n`, which has begun when this resolves. */
      send: async (n: number) => {
        const begun = new Promise<void>(resolve => arrived.push(resolve))
        const status = client.get(`/?n=${n}`).then(response => response.status)
        await begun
        return { status }
      },
      release: () => releases.shift()?.(),
    }
  }

  test('wait, and run no other method until before-first methods have run', async () => {
    const { send, release } = application('passes')
    const requests = []
    for (let n = 0; n < 50; n++) requests.push(await send(n))
    expect(log).toEqual(['first begins'])
    release()
    expect(await Promise.all(requests.map(({ status }) => status))).toEqual(Array(50).fill(200))
    expect(log.slice(0, 2)).toEqual(['first begins', 'first passes'])
    expect(log.filter(entry => entry.startsWith('first'))).toHaveLength(2)
    expect(log.filter(entry => entry.startsWith('before'))).toHaveLength(50)
  })

  test('if they fail, only the request that ran them gets the error; the next waiting request runs them again', async () => {
    const { send, release } = application('fails', 'passes')
    const requests = [await send(0), await send(1), await send(2)]
    release()
    expect(await requests[0]?.status).toBe(500)
    expect([...log].sort()).toEqual(['first begins', 'first begins', 'first fails', 'teardown 0 with error'])
    release()
    expect(await Promise.all(requests.map(({ status }) => status))).toEqual([500, 200, 200])
    expect(log[4]).toBe('first passes')
    expect(log.slice(5).sort()).toEqual(['before 1', 'before 2', 'teardown 1', 'teardown 2'])
  })

  test('if they keep failing, each request gets the error of its own run', async () => {
    class App {
      runs = 0

      @BeforeFirstRequest()
      async first() {
        const run = ++this.runs
        await Promise.resolve()
        throw new Error(`run ${run}`)
      }

      @TeardownRequest()
      teardown(error?: Error) {
        note(String(error?.message))
      }
    }
    const client = clientOf(App)
    const responses = await Promise.all([1, 2, 3, 4].map(() => client.get('/')))
    expect(responses.map(response => response.status)).toEqual([500, 500, 500, 500])
    expect([...log].sort()).toEqual(['run 1', 'run 2', 'run 3', 'run 4'])
  })
})
