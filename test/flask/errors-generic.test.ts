import createError from 'http-errors'
import { ErrorHandler, Get, HttpError, abort, bootstrap } from 'flaskoa'
import { clientOf } from '../support/client'
import { setupError } from '../support/setup-error'

/** Flask's tests of what can be handled, and of handlers for nearly everything. */
const { InternalServerError } = createError

class Custom extends Error {}
class KeyError extends Error {}

class Failing {
  @Get('/custom')
  throwCustom(): string {
    throw new Custom()
  }

  @Get('/error')
  throwError(): string {
    throw new KeyError()
  }

  @Get('/abort')
  abort(): string {
    abort(500)
  }

  @Get('/throw')
  throw(): string {
    throw new InternalServerError()
  }
}

/** What a handler of everything says about the error that it was given. */
const report = (error: Error) =>
  error.cause instanceof Error ? `wrapped ${error.cause.constructor.name}` : `direct ${error.constructor.name}`

describe('keys that can match, and keys that cannot', () => {
  test('[6.3] the 500 handler gets a 500 with a cause (test_user_error_handler.py::test_error_handler_no_match)', async () => {
    class App extends Failing {
      @ErrorHandler(Custom)
      custom(error: Custom) {
        return `custom ${error instanceof Custom}`
      }

      @ErrorHandler(500)
      failed(error: HttpError) {
        return `${report(error)}, ${error instanceof InternalServerError}`
      }
    }
    const client = clientOf(App)
    expect((await client.get('/custom')).text).toBe('custom true')
    expect((await client.get('/error')).text).toBe('wrapped KeyError, true')
    expect((await client.get('/abort')).text).toBe('direct InternalServerError, true')
  })

  test('[11.5] an instance is refused (test_user_error_handler.py::test_error_handler_no_match)', () => {
    const decorate = () => ErrorHandler(new Custom() as unknown as typeof Custom)
    expect(setupError(decorate)).toMatch(/@ErrorHandler needs an HTTP error code or an error class/)
  })

  test.each([
    [
      'a class of something else',
      Array,
      /needs an HTTP error code or a class that extends Error, not the function Array/,
    ],
    ['an unknown code', 999, /999 is not an HTTP error code.*or an error class/],
  ])('[11.5] %s is refused (test_user_error_handler.py::test_error_handler_no_match)', (_, key, message) => {
    class App {
      @ErrorHandler(key as unknown as typeof Error)
      handle() {
        return 'never'
      }
    }
    expect(setupError(() => bootstrap(App))).toMatch(message)
  })
})

describe('handlers of nearly everything', () => {
  const quietly = { testing: true, propagateExceptions: false }

  test.each([
    ['InternalServerError', InternalServerError],
    ['500', 500],
  ])('[5.5, 6.3] %s gets 500s only (test_user_error_handler.py::test_handle_class_or_code)', async (_, key) => {
    class App extends Failing {
      @ErrorHandler(key as number)
      failed(error: HttpError) {
        return `${report(error)}, ${error instanceof InternalServerError}`
      }
    }
    const client = clientOf(App, quietly)
    expect((await client.get('/custom')).text).toBe('wrapped Custom, true')
    expect((await client.get('/error')).text).toBe('wrapped KeyError, true')
    expect((await client.get('/abort')).text).toBe('direct InternalServerError, true')
    expect((await client.get('/throw')).text).toBe('direct InternalServerError, true')
  })

  test('[5.7] HttpError gets HTTP errors only (test_user_error_handler.py::test_handle_generic_http)', async () => {
    class App extends Failing {
      @ErrorHandler(HttpError)
      failed(error: HttpError) {
        return `${error.status} ${error instanceof HttpError}`
      }
    }
    const client = clientOf(App, quietly)
    expect((await client.get('/error')).text).toBe('500 true')
    expect((await client.get('/abort')).text).toBe('500 true')
    expect((await client.get('/not-found')).text).toBe('404 true')
  })

  test('[5.7] Error gets them all, as they are (test_user_error_handler.py::test_handle_generic)', async () => {
    class App extends Failing {
      @ErrorHandler(Error)
      failed(error: Error) {
        return report(error)
      }
    }
    const client = clientOf(App, quietly)
    expect((await client.get('/custom')).text).toBe('direct Custom')
    expect((await client.get('/error')).text).toBe('direct KeyError')
    expect((await client.get('/abort')).text).toBe('direct InternalServerError')
    expect((await client.get('/not-found')).text).toBe('direct NotFoundError')
  })
})
