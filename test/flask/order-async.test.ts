import { setImmediate as tick } from 'node:timers/promises'
import {
  AfterRequest,
  BeforeFirstRequest,
  BeforeRequest,
  Blueprint,
  ErrorHandler,
  Get,
  Post,
  Route,
  abort,
  makeResponse,
  redirect,
  request,
  urlFor,
  type Response,
} from 'flaskoa'
import { clientOf } from '../support/client'
import { log, note } from '../support/log'

/** Flask's tests of async methods, which are the ordinary case here. */

class AppError extends Error {}
class BlueprintError extends Error {}
const both = { methods: ['GET', 'POST'] }

@Blueprint('/blueprint')
class Users {
  @Route('/', both)
  async index() {
    await tick()
    return request.method
  }

  @ErrorHandler(BlueprintError)
  async failed() {
    await tick()
    return makeResponse('', 412)
  }

  @Get('/error')
  async error(): Promise<string> {
    await tick()
    throw new BlueprintError()
  }
}

class App {
  @Route('/', both)
  @Route('/home', both)
  async index() {
    await tick()
    return request.method
  }

  @Get('/by-method')
  async get() {
    await tick()
    return 'GET'
  }

  @Post('/by-method')
  async post() {
    await tick()
    return 'POST'
  }

  @ErrorHandler(AppError)
  async failed() {
    await tick()
    return makeResponse('', 412)
  }

  @Get('/error')
  async error(): Promise<string> {
    await tick()
    throw new AppError()
  }
}

test.each(['/', '/home', '/blueprint/', '/by-method'])(
  '[1.1] an async view answers %s (test_async.py::test_async_route)',
  async path => {
    const client = clientOf(App, { blueprints: [Users] })
    expect([(await client.get(path)).text, (await client.post(path)).text]).toEqual(['GET', 'POST'])
  },
)

test.each(['/error', '/blueprint/error'])(
  '[5.3] an async error handler answers %s (test_async.py::test_async_error_handler)',
  async path => {
    expect((await clientOf(App, { blueprints: [Users] }).get(path)).status).toBe(412)
  },
)

test('[1.1] async hooks run in their order (test_async.py::test_async_before_after_request)', async () => {
  /** Notes only after it has waited, so that a hook that nobody awaits comes too late. */
  abstract class Slow {
    async slowly<T>(what: string, value: T) {
      await tick()
      return note(`${this.constructor.name} ${what}`, value)
    }

    @BeforeRequest
    async before() {
      await this.slowly('before', undefined)
    }

    @AfterRequest
    async after(response: Response) {
      return this.slowly('after', response)
    }
  }

  @Blueprint('/blueprint')
  class Inner extends Slow {
    @Get('/')
    index() {
      return note('view', '')
    }
  }
  class Outer extends Slow {
    @BeforeFirstRequest
    async first() {
      await this.slowly('first', undefined)
    }

    @Get('/')
    index() {
      return note('view', '')
    }
  }

  const client = clientOf(Outer, { blueprints: [Inner] })
  await client.get('/')
  expect(log.splice(0)).toEqual(['Outer first', 'Outer before', 'view', 'Outer after'])
  await client.get('/blueprint/')
  expect(log).toEqual(['Outer before', 'Inner before', 'view', 'Inner after', 'Outer after'])
})

test('[5.6] abort(redirect(…)), and an error with data of its own (test_regression.py::test_aborting)', async () => {
  class Refused extends Error {
    readonly reason = 42
  }
  class Aborting {
    @ErrorHandler(Refused)
    refused(error: Refused) {
      return String(error.reason)
    }

    @Get('/')
    index(): string {
      abort(redirect(urlFor('refuse')))
    }

    @Get('/refuse')
    refuse(): string {
      throw new Refused()
    }
  }
  const client = clientOf(Aborting, { testing: true })
  const response = await client.get('/')
  expect([response.status, response.header('Location')]).toEqual([302, '/refuse'])
  expect((await client.get('/refuse')).text).toBe('42')
})
