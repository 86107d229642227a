import createError from 'http-errors'
import { ErrorHandler, Get, abort, bootstrap, makeResponse, type HttpError } from 'flaskoa'
import { clientOf } from '../support/client'
import { setupError } from '../support/setup-error'

/** Flask's basic tests of error handlers, of trapping and of what leaves the lifecycle. */
const testing = { testing: true }

test('[5.3, 5.5, 6.2] handlers by code, by class and for the 500 (test_basic.py::test_error_handling)', async () => {
  class App {
    @ErrorHandler(404)
    missing() {
      return makeResponse('nothing here', 404)
    }

    @ErrorHandler(500)
    failed() {
      return makeResponse('our fault', 500)
    }

    @ErrorHandler(createError.Forbidden)
    forbidden() {
      return makeResponse('not for you', 403)
    }

    @Get('/')
    index(): string {
      abort(404)
    }

    @Get('/error')
    error(): string {
      throw new RangeError('too much')
    }

    @Get('/forbidden')
    secret(): string {
      abort(403)
    }
  }
  const client = clientOf(App)
  const answer = async (path: string) => {
    const { status, text } = await client.get(path)
    return [status, text]
  }
  expect(await answer('/')).toEqual([404, 'nothing here'])
  expect(await answer('/error')).toEqual([500, 'our fault'])
  expect(await answer('/forbidden')).toEqual([403, 'not for you'])
})

test("[5.3] a handler for the user's own class (test_basic.py::test_user_error_handling)", async () => {
  class OutOfStock extends Error {}
  class App {
    @ErrorHandler(OutOfStock)
    outOfStock(error: OutOfStock) {
      return `${error instanceof OutOfStock}: ${error.message}`
    }

    @Get('/')
    index(): string {
      throw new OutOfStock('tomorrow')
    }
  }
  expect((await clientOf(App, testing).get('/')).text).toBe('true: tomorrow')
})

/** A 403 of one's own. http-errors' constructors give an object of their own class, whatever class is made. */
class Locked extends createError.Forbidden {
  constructor() {
    super('locked')
    Object.setPrototypeOf(this, new.target.prototype)
  }
}

/** The same without http-errors: a status that the client may be shown. */
class Sealed extends Error {
  readonly status = 403
  readonly expose = true
}

test.each([Locked, Sealed])(
  '[5.4] a subclass of a 403 has a handler of its own: %p (test_basic.py::test_http_error_subclass_handling)',
  async Own => {
    class App {
      @ErrorHandler(Own)
      own(error: InstanceType<typeof Own>) {
        return `own ${error instanceof Own}`
      }

      @ErrorHandler(403)
      forbidden(error: HttpError) {
        return `403 ${error instanceof Own} ${error instanceof createError.Forbidden}`
      }

      @Get('/own')
      throwOwn(): string {
        throw new Own()
      }

      @Get('/abort')
      abort(): string {
        abort(403)
      }

      @Get('/throw')
      throw(): string {
        throw new createError.Forbidden()
      }
    }
    const client = clientOf(App, testing)
    expect((await client.get('/own')).text).toBe('own true')
    expect((await client.get('/abort')).text).toBe('403 false true')
    expect((await client.get('/throw')).text).toBe('403 false true')
  },
)

test('[5.4] the nearest class wins, through mixins too (test_basic.py::test_errorhandler_precedence)', async () => {
  const retryable = <Base extends new (...args: any[]) => Error>(base: Base) =>
    class extends base {
      readonly retry = true
    }
  class DatabaseError extends Error {}
  class Retryable extends retryable(Error) {}
  class Deadlock extends retryable(DatabaseError) {}
  class App {
    @ErrorHandler(DatabaseError)
    database() {
      return 'database'
    }

    @ErrorHandler(Error)
    any() {
      return 'any'
    }

    @Get('/retryable')
    retryable(): string {
      throw new Retryable()
    }

    @Get('/deadlock')
    deadlock(): string {
      throw new Deadlock()
    }
  }
  const client = clientOf(App, testing)
  expect((await client.get('/retryable')).text).toBe('any')
  expect((await client.get('/deadlock')).text).toBe('database')
})

test('[10.2] a trapped HTTP error is unhandled (test_basic.py::test_trapping_of_all_http_exceptions)', async () => {
  class App {
    @Get('/missing')
    missing(): string {
      abort(404)
    }
  }
  expect((await clientOf(App, testing).get('/missing')).status).toBe(404)
  const trapping = clientOf(App, { ...testing, trapHttpExceptions: true })
  await expect(trapping.get('/missing')).rejects.toBeInstanceOf(createError.NotFound)
})

describe('[10.1] whether an unhandled error leaves', () => {
  const error = new RangeError('too much')
  class App {
    @Get('/')
    index(): string {
      throw error
    }
  }

  test.each(['testing', 'propagateExceptions', 'debug'])(
    '%s: it does (test_basic.py::test_exception_propagation)',
    async option => {
      await expect(clientOf(App, { [option]: true }).get('/')).rejects.toBe(error)
    },
  )

  test('none of them: it is a 500 (test_basic.py::test_exception_propagation)', async () => {
    expect((await clientOf(App).get('/')).status).toBe(500)
  })
})

test('[5.12] what is no Error is treated as one (test_basic.py::test_baseexception_error_handling)', async () => {
  class App {
    @Get('/')
    index(): string {
      throw 'interrupted'
    }
  }
  expect((await clientOf(App).get('/')).status).toBe(500)
  const propagating = clientOf(App, { propagateExceptions: true })
  await expect(propagating.get('/')).rejects.toMatchObject({ cause: 'interrupted' })
})

test('[11.5] a handler for an unknown code is refused (test_basic.py::test_error_handler_unknown_code)', () => {
  class App {
    @ErrorHandler(999)
    unknown() {
      return makeResponse('999', 500)
    }
  }
  expect(setupError(() => bootstrap(App))).toMatch(/App\.unknown.*999 is not an HTTP error code.*or an error class/)
})
