import { ErrorHandler, Get, TeardownRequest, abort, bootstrap, type HttpError, type LogEntry } from 'flaskoa'
import { testClient } from 'flaskoa/testing'
import { ask } from '../support/ask'
import { serve } from '../support/serve'

class StoreDown extends Error {}

/** What is logged, and what teardown gets, when a view throws `original` and the handler for `key` runs `handle`. */
async function failed(original: unknown, handle: (error: Error) => unknown, key: unknown = StoreDown) {
  const errors: ['logged' | 'teardown', Error | undefined][] = []
  class App {
    @Get('/')
    index(): string {
      throw original
    }
    @ErrorHandler(key as 500)
    failed(error: HttpError): string {
      return handle(error) as string
    }
    @TeardownRequest
    over(error: Error | undefined) {
      errors.push(['teardown', error])
    }
  }
  const logger = { error: ({ err }: LogEntry) => errors.push(['logged', err]) }
  expect((await testClient(bootstrap(App, { logger })).get('/')).status).toBe(500)
  return errors
}

/** The errors that are logged when the handler throws what `fail` makes of the error. */
async function logged(original: unknown, fail: (error: Error) => unknown, key?: unknown) {
  const handle = (error: Error) => {
    throw fail(error)
  }
  const errors = await failed(original, handle, key)
  return errors.flatMap(([where, error]) => (where === 'logged' ? [error] : []))
}

/** All of them when the handler returns `value`. */
const loggedFor = async (original: Error, value: unknown, key?: unknown) =>
  (await failed(original, () => value, key)).map(([, error]) => error)

describe('an error that an error handler throws has the error that it was to answer as its cause', () => {
  const down = () => new StoreDown('no connection')

  test('of a handler for a class', async () => {
    const [original, failure] = [down(), new TypeError('no field')]
    expect(await logged(original, () => failure)).toEqual([failure])
    expect(failure.cause).toBe(original)
    expect(Object.keys(failure)).toEqual([])
  })

  test('of a handler that throws undefined', async () => {
    const original = down()
    const [failure] = await logged(original, () => undefined)
    expect(failure).toMatchObject({ message: 'a value that is not an Error was thrown: undefined', cause: original })
  })

  test('of a handler that is async', async () => {
    const original = down()
    const errors: unknown[] = []
    class App {
      @Get('/')
      index(): string {
        throw original
      }
      @ErrorHandler(StoreDown)
      async failed(): Promise<string> {
        await Promise.resolve()
        abort(503)
      }
    }
    const client = testClient(bootstrap(App, { logger: { error: ({ err }) => errors.push(err?.cause) } }))
    expect((await client.get('/')).status).toBe(500)
    expect(errors).toEqual([original])
  })

  test('of a handler for 500: the error behind the 500', async () => {
    const [original, failure] = [down(), new TypeError('no field')]
    expect(await logged(original, () => failure, 500)).toEqual([original, failure])
    expect(failure.cause).toBe(original)
  })

  test('of a handler that throws one error for several requests: the latest', async () => {
    const [failure, latest] = [new TypeError('no field'), down()]
    await logged(down(), () => failure)
    await logged(latest, () => failure)
    expect(failure.cause).toBe(latest)
  })

  test('is on the page of debug mode', async () => {
    class App {
      @Get('/')
      index(): string {
        throw new StoreDown('no connection')
      }
      @ErrorHandler(StoreDown)
      failed(): string {
        throw new TypeError('no field')
      }
    }
    const app = bootstrap(App, { debug: true, logger: false, preserveContextOnException: false })
    const page = (await serve(app, url => ask(url, { headers: { Accept: 'text/html' } }))).text
    expect([page.includes('no field'), page.includes('no connection')]).toEqual([true, true])
  })
})

describe('so has the error of an error handler that returns no response', () => {
  test.each<[string, unknown, string]>([
    ['nothing', undefined, 'App.failed returned undefined'],
    ['null', null, 'App.failed returned null'],
    ['a promise of nothing', Promise.resolve(), 'App.failed returned undefined'],
    ['a number', 5, 'App.failed returned 5'],
    ['a function', () => '', 'App.failed returned'],
  ])('of a handler for a class that returns %s; teardown gets that error', async (_, value, message) => {
    const original = new StoreDown('no connection')
    const errors = await loggedFor(original, value)
    expect(errors).toEqual([expect.objectContaining({ cause: original }), errors[0]])
    expect(errors[0]?.message).toContain(message)
  })

  test('of a handler for 500: the error behind the 500, which teardown gets', async () => {
    const original = new StoreDown('no connection')
    const errors = await loggedFor(original, undefined, 500)
    expect(errors).toEqual([original, expect.objectContaining({ cause: original }), original])
    expect(errors[1]?.message).toContain('App.failed returned undefined')
  })
})

describe('no cause is set', () => {
  test('on the same error', async () => {
    const original = new StoreDown('no connection')
    expect(await logged(original, error => error)).toEqual([original])
    expect('cause' in original).toBe(false)
  })

  test('on an error with a cause of its own, also undefined', async () => {
    const failures = [new TypeError('no field', { cause: 'mine' }), new TypeError('no field', { cause: undefined })]
    for (const failure of failures) await logged(new StoreDown('no connection'), () => failure)
    expect(failures.map(({ cause }) => cause)).toEqual(['mine', undefined])
  })

  test('on an error that can not be extended', async () => {
    const failure = Object.freeze(new TypeError('no field'))
    expect(await logged(new StoreDown('no connection'), () => failure)).toEqual([failure])
    expect('cause' in failure).toBe(false)
  })

  test.each<[string, (failure: Error) => Error]>([
    ['the cause', failure => new StoreDown('no connection', { cause: failure })],
    ['one of the errors', failure => Object.assign(new StoreDown('no connection'), { errors: [failure] })],
    ['the cause of a cause', failure => new StoreDown('one', { cause: new Error('two', { cause: failure }) })],
  ])('on %s of the original: it would be a circle', async (_, originalOf) => {
    const failure = new TypeError('no field')
    await logged(originalOf(failure), () => failure)
    expect('cause' in failure).toBe(false)
  })

  test('causes that are a circle before are left alone', async () => {
    const [original, failure] = [new StoreDown('no connection'), new TypeError('no field')]
    original.cause = original
    await logged(original, () => failure)
    expect(failure.cause).toBe(original)
  })
})
