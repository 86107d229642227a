import {
  AfterRequest,
  BeforeRequest,
  ErrorHandler,
  Get,
  TeardownRequest,
  afterThisRequest,
  g,
  makeResponse,
  request,
  type Response,
} from 'flaskoa'
import { clientOf } from '../support/client'
import { log, note } from '../support/log'

/** Flask's tests of the order of a request, of its short cuts and of what still runs when something throws. */
const testing = { testing: true }

test('[1.1] before, view, after; after may add to the body (test_basic.py::test_request_processing)', async () => {
  class App {
    @BeforeRequest
    before() {
      note('before')
    }

    @Get('/')
    index() {
      return note('view', 'from the view')
    }

    @AfterRequest
    after(response: Response) {
      response.body = `${String(response.body)}, then after`
      return note('after', response)
    }
  }
  const client = clientOf(App, testing)
  expect(log).toEqual([])
  expect((await client.get('/')).text).toBe('from the view, then after')
  expect(log).toEqual(['before', 'view', 'after'])
})

test('[2.1] the first before value answers (test_basic.py::test_request_preprocessing_early_return)', async () => {
  class App {
    @BeforeRequest
    silent() {
      note('silent')
    }

    @BeforeRequest
    answers() {
      return note('answers', 'early')
    }

    @BeforeRequest
    late() {
      return note('late', 'too late')
    }

    @Get('/')
    index() {
      return note('view', 'never')
    }
  }
  expect((await clientOf(App, testing).get('/')).text).toBe('early')
  expect(log).toEqual(['silent', 'answers'])
})

test('[9.2] afterThisRequest in a view sets a header (test_basic.py::test_after_request_processing)', async () => {
  class App {
    @Get('/')
    index() {
      afterThisRequest(response => {
        response.set('X-Once', 'yes')
        return response
      })
      return 'index'
    }
  }
  const response = await clientOf(App, testing).get('/')
  expect([response.status, response.header('X-Once')]).toEqual([200, 'yes'])
})

test('[1.4] in by registration, out reversed (test_basic.py::test_before_after_request_order)', async () => {
  class App {
    @BeforeRequest
    before1() {
      note('before 1')
    }

    @BeforeRequest
    before2() {
      note('before 2')
    }

    @AfterRequest
    after1(response: Response) {
      return note('after 1', response)
    }

    @AfterRequest
    after2(response: Response) {
      return note('after 2', response)
    }

    @TeardownRequest
    teardown1() {
      note('teardown 1')
    }

    @TeardownRequest
    teardown2() {
      note('teardown 2')
    }

    @Get('/')
    index() {
      return 'index'
    }
  }
  expect((await clientOf(App, testing).get('/')).text).toBe('index')
  expect(log).toEqual(['before 1', 'before 2', 'after 2', 'after 1', 'teardown 2', 'teardown 1'])
})

test('[2.4] before runs for an unknown URL too (test_basic.py::test_before_request_and_routing_errors)', async () => {
  class App {
    @BeforeRequest
    before() {
      g.name = 'set before'
    }

    @ErrorHandler(404)
    missing() {
      return makeResponse(String(g.name), 404)
    }
  }
  const response = await clientOf(App, testing).get('/')
  expect([response.status, response.text]).toEqual([404, 'set before'])
})

describe('[2.6, 7.2] teardown runs once and its value is ignored', () => {
  test.each([
    ['in testing (test_basic.py::test_teardown_request_handler)', {}],
    ['in debug mode (test_basic.py::test_teardown_request_handler_debug_mode)', { debug: true }],
  ])('%s', async (_, options) => {
    class App {
      @TeardownRequest
      teardown() {
        return note('teardown', 'ignored')
      }

      @Get('/')
      index() {
        return 'index'
      }
    }
    const response = await clientOf(App, { ...testing, ...options }).get('/')
    expect([response.status, response.text, log]).toEqual([200, 'index', ['teardown']])
  })
})

test('[7.3] teardowns get one and the same error (test_basic.py::test_teardown_request_handler_error)', async () => {
  const errors: unknown[] = []
  const cause = new RangeError('too much')
  abstract class Catching {
    remember(error: Error | undefined) {
      errors.push(error)
      try {
        throw new TypeError('of the teardown itself')
      } catch {
        note('caught')
      }
    }
  }
  class App extends Catching {
    @TeardownRequest
    teardown1(error?: Error) {
      this.remember(error)
    }

    @TeardownRequest
    teardown2(error?: Error) {
      this.remember(error)
    }

    @Get('/')
    fails(): string {
      throw cause
    }
  }
  const response = await clientOf(App).get('/')
  expect(response.status).toBe(500)
  expect(response.text).toContain('Internal Server Error')
  expect(errors).toHaveLength(2)
  for (const error of errors) expect(error).toBe(cause)
  expect(log).toEqual(['caught', 'caught'])
})

test('[6.2] after runs on the 500 of a handler (test_basic.py::test_error_handling_processing)', async () => {
  class App {
    @ErrorHandler(500)
    failed() {
      return makeResponse('handled', 500)
    }

    @Get('/')
    fails(): string {
      throw new RangeError('too much')
    }

    @AfterRequest
    after(response: Response) {
      response.type = 'text/x-special'
      return response
    }
  }
  const response = await clientOf(App).get('/')
  expect(response.header('Content-Type')).toMatch(/^text\/x-special/)
  expect([response.status, response.text]).toEqual([500, 'handled'])
})

test.each(['before', 'after'])(
  '[6.5, 6.6] the 500 handler answers an error in %s (test_basic.py::test_error_handler_after_processor_error)',
  async stage => {
    class App {
      @BeforeRequest
      before() {
        if (request.query.fail === 'before') throw new RangeError('before')
      }

      @AfterRequest
      after(response: Response) {
        if (request.query.fail === 'after') throw new RangeError('after')
        return response
      }

      @Get('/')
      index() {
        return 'index'
      }

      @ErrorHandler(500)
      failed() {
        return makeResponse('handled', 500)
      }
    }
    const response = await clientOf(App).get('/', { query: { fail: stage } })
    expect([response.status, response.text]).toEqual([500, 'handled'])
  },
)
