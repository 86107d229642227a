import createError from 'http-errors'
import {
  AfterRequest,
  BeforeFirstRequest,
  BeforeRequest,
  TeardownRequest,
  type Response,
  ErrorHandler,
  Get,
  HttpError,
  Post,
  abort,
  bootstrap,
  makeResponse,
  type BootstrapOptions,
} from 'flaskoa'
import { testClient } from 'flaskoa/testing'
import { z } from 'zod'

// An error that answers a client's mistake has no stack, which would cost more than the request.

const seen: Error[] = []
beforeEach(() => {
  seen.length = 0
})

class App {
  @BeforeRequest before() {
    seen.push(new Error('of the application'))
  }
  @Get('/abort') abort(): string {
    abort(404, 'no such page', { code: 'NO_PAGE', status: 410, cause: 'a typo' })
  }
  @Get('/bare') bare(): string {
    abort(404)
  }
  @Get('/failure') failure(): string {
    abort(503)
  }
  @Get('/getter') getter(): string {
    abort(404, undefined, {
      get made() {
        return new Error('in a getter')
      },
    })
  }
  @Post('/input', { body: z.object({ name: z.string() }) }) input() {
    return ''
  }
  @Get('/response') response(): string {
    abort(makeResponse('finished', 418))
  }
  @ErrorHandler(HttpError) handler(error: HttpError) {
    seen.push(error)
    return error.message
  }
}

async function errorOf(path: string, options: BootstrapOptions = {}, method = 'GET') {
  const { stackTraceLimit } = Error
  const body = method === 'POST' ? { body: '{"name":1}', headers: { 'content-type': 'application/json' } } : {}
  const app = bootstrap(App, { logger: false, propagateExceptions: false, ...options })
  await testClient(app).request(method, path, body)
  expect(Error.stackTraceLimit).toBe(stackTraceLimit)
  return seen.at(-1) as Error
}

const frames = ({ stack = '' }: Error) => stack.split('\n').filter(line => /^\s+at /.test(line)).length

test.each([
  ['/abort', 'GET', 'NotFoundError: no such page'],
  ['/bare', 'GET', 'NotFoundError: Not Found'],
  ['/nothing', 'GET', 'NotFoundError: Not Found'],
  ['/%ff', 'GET', 'BadRequestError: The URL'],
  ['/abort', 'PUT', 'MethodNotAllowedError: Method Not Allowed'],
  ['/input', 'POST', 'ValidationError: '],
])('%s %s', async (path, method, start) => {
  const error = await errorOf(path, {}, method)
  expect(error).toBeInstanceOf(HttpError)
  expect(error.stack).toMatch(new RegExp(`^${start}`))
  expect(frames(error)).toBe(0)
})

test('with the properties that it always had', async () => {
  const error = await errorOf('/abort')
  expect(Object.fromEntries(Object.entries(error))).toEqual({
    message: 'no such page',
    code: 'NO_PAGE',
    cause: 'a typo',
  })
  expect([error.name, (error as HttpError).status, (error as HttpError).expose]).toEqual(['NotFoundError', 404, true])
})

test.each<BootstrapOptions>([{ debug: true }, { testing: true }])('abort has one with %p', async options => {
  const error = await errorOf('/abort', options)
  expect(error.stack).toMatch(/^NotFoundError: no such page\n(.*\n)* +at App\.abort/)
})

test('abort has one with trapHttpExceptions, which makes it an error like any other', async () => {
  const logged: Error[] = []
  class Trapped {
    @Get('/') index(): string {
      abort(404)
    }
  }
  const app = bootstrap(Trapped, { trapHttpExceptions: true, logger: false })
  app.on('error', (error: Error) => logged.push(error))
  await testClient(app).get('/')
  expect(logged.map(error => frames(error) > 0)).toEqual([true])
})

test('abort has one where its error is a failure: in a before-first method, an error handler, an after method', async () => {
  const logged: Error[] = []
  class Failing {
    @BeforeFirstRequest first() {
      if (logged.length === 0) abort(404)
    }
    @Get('/view') view(): string {
      throw new RangeError()
    }
    @Get('/') index() {
      return 'index'
    }
    @ErrorHandler(RangeError) handler(): string {
      abort(404)
    }
    @AfterRequest after(response: Response) {
      if (response.body === 'index') abort(404)
      return response
    }
    @TeardownRequest teardown() {
      if (logged.length === 3) abort(404)
    }
  }
  const app = bootstrap(Failing, { logger: false })
  app.on('error', (error: Error) => logged.push(error))
  for (const path of ['/', '/view', '/']) expect((await testClient(app).get(path)).status).toBe(500)
  expect(
    logged.map(({ name, stack = '' }) => [name, /at \w+\.(\w+)/.exec(stack.split('abort (').at(-1) ?? '')?.[1]]),
  ).toEqual([
    ['NotFoundError', 'first'],
    ['NotFoundError', 'handler'],
    ['NotFoundError', 'after'],
    ['NotFoundError', 'teardown'],
  ])
})

test('an error of the server has one, and so have those of the application', async () => {
  expect(frames(await errorOf('/failure'))).toBeGreaterThan(0)
  expect(frames(seen[0] as Error)).toBeGreaterThan(0)
  expect(frames(((await errorOf('/getter')) as Error & { made: Error }).made)).toBeGreaterThan(0)
})

test('where the properties of Error are frozen, abort still works', async () => {
  const descriptor = Object.getOwnPropertyDescriptor(Error, 'stackTraceLimit') as PropertyDescriptor
  Object.defineProperty(Error, 'stackTraceLimit', { value: 5, writable: false, configurable: true })
  try {
    expect((await errorOf('/bare')).message).toBe('Not Found')
  } finally {
    Object.defineProperty(Error, 'stackTraceLimit', descriptor)
  }
})

test('abort(response) sends it', async () => {
  const answer = await testClient(bootstrap(App, { logger: false })).get('/response')
  expect([answer.status, answer.text]).toEqual([418, 'finished'])
})

test.each(['/bare', '/nothing'])('the error of %s is as http-errors makes it, but for its stack', async path => {
  const made = createError(404)
  const { stack: _, ...expected } = Object.getOwnPropertyDescriptors(made)
  const { stack, ...own } = Object.getOwnPropertyDescriptors(await errorOf(path))
  expect(stack).toBeDefined()
  expect(own).toEqual(expected)
  expect(Object.getPrototypeOf(seen.at(-1))).toBe(Object.getPrototypeOf(made))
})
