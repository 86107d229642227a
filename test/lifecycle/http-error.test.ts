import {
  AppErrorHandler,
  Blueprint,
  ErrorHandler,
  Get,
  HttpError,
  abort,
  bootstrap,
  makeResponse,
  type Class,
  type Context,
} from 'flaskoa'
import { testClient } from 'flaskoa/testing'
import createError from 'http-errors'
import Koa from 'koa'
import { clientOf } from '../support/client'
import { serve } from '../support/serve'

class OutOfStock extends HttpError {
  static status = 409
}

class SoldOut extends OutOfStock {}

class Discontinued extends OutOfStock {
  static override status = 410
}

class Broken extends HttpError {}

/** With a constructor and a property of its own. */
class TooLarge extends HttpError {
  static readonly status = 413

  constructor(readonly limit: number) {
    super(`at most ${limit} bytes`, { code: 'TOO_LARGE', headers: { 'X-Limit': String(limit) } })
  }
}

/** A view that throws what the test says. */
let thrown: unknown
abstract class Throwing {
  @Get('/')
  throws(): string {
    throw thrown
  }
}

describe('new HttpError', () => {
  test('a message, the status of the class, and its name', () => {
    const error = new OutOfStock('only 2 left')
    const { message, status, statusCode, expose, headers, name } = error
    expect({ message, status, statusCode, expose, headers, name }).toEqual({
      message: 'only 2 left',
      status: 409,
      statusCode: 409,
      expose: true,
      headers: undefined,
      name: 'OutOfStock',
    })
    expect(String(error)).toBe('OutOfStock: only 2 left')
    expect(error.stack).toMatch(/^OutOfStock: only 2 left\n +at .*http-error\.test/)
    expect(Object.keys(error)).not.toContain('name')
  })

  test('without a message, the status text', () => {
    expect(new OutOfStock().message).toBe('Conflict')
    expect(new OutOfStock('').message).toBe('')
  })

  test.each([
    ['inherited', SoldOut, 409],
    ['overridden', Discontinued, 410],
    ['500 without one', Broken, 500],
    ['500 for the class itself', HttpError, 500],
  ])('a static status: %s', (_, Kind, status) => {
    expect(new Kind()).toMatchObject({ status, statusCode: status, expose: status < 500 })
  })

  test('keeps the options that it is given besides the message', () => {
    const cause = new RangeError('minus one')
    const headers = { 'Retry-After': '60' }
    const error = new OutOfStock('soon', { status: 503, expose: true, headers, cause, code: 'LATER', left: 2 })
    expect(error).toMatchObject({ status: 503, statusCode: 503, expose: true, headers, cause, code: 'LATER', left: 2 })
    expect(Object.keys(error)).not.toContain('cause')
    expect(new OutOfStock('x', { expose: false }).expose).toBe(false)
    expect('cause' in new OutOfStock()).toBe(false)
    expect(new HttpError('gone', { status: 410, statusCode: 404 })).toMatchObject({ status: 410, statusCode: 410 })
  })

  test.each([200, 399, 499, 600, '409', NaN])('throws a TypeError that names the class for the status %p', status => {
    class Odd extends HttpError {
      static status = status
    }
    const message = `Odd: ${JSON.stringify(status) === 'null' ? 'NaN' : JSON.stringify(status)} is not an HTTP error status.`
    expect(() => new Odd()).toThrow(new TypeError(`${message} Use one from 400 to 599 that HTTP names.`))
    expect(() => new Odd('x', { status: 400 })).not.toThrow()
    expect(() => new OutOfStock('x', { status: status as number })).toThrow(/^OutOfStock: .* is not an HTTP error/)
  })
})

describe('new HttpError refuses', () => {
  const create = (ErrorClass: unknown, given: unknown[]) => () =>
    new (ErrorClass as new (...given: unknown[]) => Error)(...given)

  test.each<[string, unknown[], string]>([
    [
      'the arguments of http-errors',
      [404, 'no such page'],
      "the message must be a text, not 404. Write new HttpError('no such page', { status: 404 })",
    ],
    ['a code alone', [404], 'the message must be a text, not 404.'],
    [
      'an error in the place of its message',
      [new RangeError('x')],
      "the message must be a text, not an object of class RangeError. Write new HttpError('no such page', { cause: error })",
    ],
    ['no properties', ['m', null], 'the properties must be an object, not null. Write new HttpError('],
    ['a code in their place', ['m', 404], 'the properties must be an object, not 404.'],
    ['a text in their place', ['m', 'x'], 'the properties must be an object, not "x".'],
    [
      'an error in their place',
      ['m', new Error('x')],
      'the properties must be an object, not an object of class Error.',
    ],
    ['a list in their place', ['m', []], 'the properties must be an object, not an object of class Array.'],
  ])('%s', (_, given, message) => {
    expect(create(HttpError, given)).toThrow(TypeError)
    expect(create(HttpError, given)).toThrow(`new HttpError(message, properties): ${message}`)
    expect(create(OutOfStock, given)).toThrow('new OutOfStock(message, properties): the ')
  })

  test('no message that is null: the status text', () => {
    expect(create(OutOfStock, [null])()).toMatchObject({ message: 'Conflict', status: 409 })
  })
})

describe('instanceof HttpError', () => {
  const own = [new HttpError(), new OutOfStock(), new SoldOut()]
  const standard = [createError(404), new createError.Conflict(), thrownBy(() => abort(409))]

  test.each([...own, ...standard])('%p is an HttpError, for http-errors too', error => {
    expect(error).toBeInstanceOf(HttpError)
    expect(error).toBeInstanceOf(Error)
    expect(error).toBeInstanceOf(createError.HttpError)
    expect(createError.isHttpError(error)).toBe(true)
  })

  test("only instances of a subclass are the subclass's", () => {
    expect(new SoldOut()).toBeInstanceOf(OutOfStock)
    expect(new OutOfStock()).not.toBeInstanceOf(SoldOut)
    expect(createError(409)).not.toBeInstanceOf(OutOfStock)
    expect(new OutOfStock()).not.toBeInstanceOf(createError.Conflict)
  })

  test.each([new Error('no'), { status: 404 }, undefined, 'text'])('%p is not an HttpError', value => {
    expect(value instanceof HttpError).toBe(false)
  })
})

describe('the response to an HttpError', () => {
  class App extends Throwing {
    @Get('/returned')
    returned() {
      return new OutOfStock('returned')
    }
  }

  test('is its page, with its message and headers, if there is no handler', async () => {
    thrown = new TooLarge(100)
    const response = await clientOf(App).get('/')
    expect([response.status, response.header('x-limit')]).toEqual([413, '100'])
    expect(response.text).toContain('<h1>Payload Too Large</h1>\n<p>at most 100 bytes</p>')
    expect((await clientOf(App).get('/returned')).text).toContain('<h1>Conflict</h1>\n<p>returned</p>')
  })

  test('does not show the message from 500 on', async () => {
    thrown = new Broken('a secret')
    const response = await clientOf(App).get('/')
    expect(response.status).toBe(500)
    expect(response.text).not.toContain('secret')
  })

  test('has the same status and message in other middleware of Koa', async () => {
    const app = new Koa()
    app.use(() => {
      throw new OutOfStock('only 2 left', { headers: { 'X-Left': '2' } })
    })
    await serve(app, async url => {
      const response = await fetch(url)
      expect([response.status, await response.text(), response.headers.get('x-left')]).toEqual([
        409,
        'only 2 left',
        '2',
      ])
    })
  })
})

describe('[5.4] the handler of an HttpError', () => {
  type Keys = readonly (number | (abstract new (...args: never[]) => Error))[]

  /** A class with an error handler for each key, which answers with its scope and the key. */
  function handlers(scope: string, keys: Keys): Class {
    let Handlers: Class = class extends Throwing {}
    for (const key of keys) {
      const name = typeof key === 'number' ? String(key) : key.name
      class Handling extends Handlers {
        @ErrorHandler(key as typeof Error)
        [`on${name}`]() {
          return `${scope} ${name}`
        }
      }
      Handlers = Handling
    }
    return Handlers
  }

  /** Which handler of an application and a blueprint is asked for `error`; the status when there is none. */
  async function handlerOf(error: Error, app: Keys, blueprint: Keys = []) {
    thrown = error
    @Blueprint('/blueprint')
    class Shop extends handlers('blueprint', blueprint) {}
    const response = await clientOf(handlers('app', app), { blueprints: [Shop] }).get('/blueprint/')
    return response.status === 200 ? response.text : response.status
  }

  test('is the one for its status, its class, HttpError or Error', async () => {
    for (const key of [409, createError.Conflict, OutOfStock, HttpError, createError.HttpError, Error]) {
      expect(await handlerOf(new OutOfStock(), [key])).toMatch(/^app /)
    }
    for (const key of [404, createError.NotFound, SoldOut, TypeError]) {
      expect(await handlerOf(new OutOfStock(), [key])).toBe(409)
    }
  })

  test('is that of the nearest class, before that of its status and of HttpError', async () => {
    const keys = [HttpError, 409, OutOfStock, Error]
    expect(await handlerOf(new OutOfStock(), keys)).toBe('app OutOfStock')
    expect(await handlerOf(new SoldOut(), keys)).toBe('app OutOfStock')
    expect(await handlerOf(new SoldOut(), [...keys, SoldOut])).toBe('app SoldOut')
    expect(await handlerOf(createError(409), keys)).toBe('app 409')
    expect(await handlerOf(createError(404), keys)).toBe('app HttpError')
  })

  test('of a subclass with another status', async () => {
    expect(await handlerOf(new Discontinued(), [409, 410])).toBe('app 410')
    expect(await handlerOf(new Discontinued(), [410, OutOfStock])).toBe('app OutOfStock')
    expect(await handlerOf(new Discontinued(), [409])).toBe(410)
  })

  test('of a status given to `new`', async () => {
    expect(await handlerOf(new HttpError('gone', { status: 410 }), [HttpError, 410])).toBe('app 410')
    expect(await handlerOf(new OutOfStock('gone', { status: 410 }), [409, 410])).toBe('app 410')
  })

  test('is that for 500 if its class has no status', async () => {
    expect(await handlerOf(new Broken(), [500, Broken])).toBe('app Broken')
    expect(await handlerOf(new Broken(), [500, HttpError])).toBe('app 500')
    expect(await handlerOf(new Broken(), [500], [HttpError])).toBe('app 500')
    class OutOfPaper extends Broken {
      static status = 409
    }
    expect(await handlerOf(new OutOfPaper(), [409, 500, Broken])).toBe('app Broken')
    expect(await handlerOf(new OutOfPaper(), [409, 500])).toBe('app 409')
  })

  test("classes with a code first, the application's too, then those without one", async () => {
    expect(await handlerOf(new OutOfStock(), [409], [HttpError])).toBe('app 409')
    expect(await handlerOf(new OutOfStock(), [OutOfStock], [Error])).toBe('app OutOfStock')
    expect(await handlerOf(new OutOfStock(), [OutOfStock], [409])).toBe('blueprint 409')
    expect(await handlerOf(new OutOfStock(), [HttpError], [Error])).toBe('blueprint Error')
  })
})

describe('a class field of a subclass', () => {
  class App extends Throwing {}
  class WithStatus extends HttpError {
    override status = 409
  }
  class WithStatusCode extends HttpError {
    override statusCode = 409
  }
  class FromArgument extends HttpError {
    constructor(
      override readonly status: number,
      message?: string,
    ) {
      super(message)
    }
  }
  class Bad extends OutOfStock {
    static override status = 400
    override status = 422
  }
  class Server extends OutOfStock {
    override status = 503
    override expose = true
  }

  test.each<[string, Error, number, boolean]>([
    ['status', new WithStatus('x'), 409, true],
    ['statusCode', new WithStatusCode('x'), 409, true],
    ['for an argument', new FromArgument(404, 'x'), 404, true],
    ['over a static status', new Bad('x'), 422, true],
    ['expose', new Server('x'), 503, true],
    ['that HTTP does not name', new FromArgument(499, 'x'), 499, true],
  ])('%s: it is the status', async (_, error, status, expose) => {
    expect(error).toMatchObject({ status, statusCode: status, expose })
    thrown = error
    const response = await clientOf(App).get('/')
    expect([response.status, response.text.includes('<p>x</p>')]).toEqual([status, expose])
  })

  test('has the handler of its status', async () => {
    class Conflicts extends Throwing {
      @ErrorHandler(409)
      conflict({ status, statusCode }: HttpError) {
        return `409: ${status} ${statusCode}`
      }
    }
    for (thrown of [new WithStatus(), new WithStatusCode()])
      expect((await clientOf(Conflicts).get('/')).text).toBe('409: 409 409')
  })

  test('is the status in other middleware of Koa, which may write to the error', async () => {
    const app = new Koa()
    app.use(() => {
      throw new WithStatusCode('taken')
    })
    app.silent = true
    await serve(app, async url => {
      const response = await fetch(url)
      expect([response.status, await response.text()]).toEqual([409, 'taken'])
    })
    const error = Object.assign(new WithStatus(), { statusCode: 410 })
    expect([error.status, error.statusCode]).toEqual([409, 410])
  })

  /** What a compiler makes of `status!: number` and `limit!: number`, without `declare`. */
  class Hiding extends HttpError {
    static status = 413
  }
  function hiding(...names: string[]): Error {
    const error = new Hiding('too large', { limit: 5, expose: false })
    for (const name of names)
      Object.defineProperty(error, name, { value: undefined, writable: true, configurable: true, enumerable: true })
    return error
  }

  test.each([[['status']], [['statusCode']], [['expose']], [['limit']], [['status', 'statusCode', 'expose', 'limit']]])(
    'without a value hides nothing from handlers: %p',
    async names => {
      let caught: unknown
      class Handling extends Throwing {
        @ErrorHandler(Hiding)
        tooLarge(error: Hiding & { limit?: number }) {
          const { status, statusCode, expose, limit } = error
          caught = { status, statusCode, expose, limit }
          return 'handled'
        }

        @Get('/returned')
        returned() {
          return hiding(...names) as Hiding
        }
      }
      thrown = hiding(...names)
      expect((await clientOf(Handling).get('/')).text).toBe('handled')
      expect(caught).toEqual({ status: 413, statusCode: 413, expose: false, limit: 5 })
      expect((await clientOf(Handling).get('/returned')).status).toBe(413)
    },
  )

  test.each<[unknown, string]>([
    [200, '200'],
    [600, '600'],
    ['409', '"409"'],
    [null, 'null'],
  ])('with the status %p is refused: a 500 that says so', async (status, described) => {
    const error = new FromArgument(status as number)
    thrown = error
    const reported: unknown[] = []
    const app = bootstrap(App, { logger: { error: ({ err }) => reported.push(err?.message, err?.cause) } })
    expect((await testClient(app).get('/')).status).toBe(500)
    const message = `FromArgument: ${described} is not an HTTP error status. Use one from 400 to 599 that HTTP names.`
    expect(reported).toEqual([message, error])
  })
})

describe('a status that HTTP does not name', () => {
  class App extends Throwing {
    @Get('/throw')
    koaStyle(ctx: Context): never {
      return ctx.throw(Number(ctx.query.status), 'own')
    }

    @ErrorHandler(400)
    badRequest() {
      return 'handler for 400'
    }

    @ErrorHandler(500)
    serverError() {
      return 'handler for 500'
    }
  }
  class Catching extends App {
    @ErrorHandler(HttpError)
    any({ status, message }: HttpError) {
      return `${status} ${message}`
    }
  }
  const own = (status: unknown, expose = true) => Object.assign(new Error('own'), { status, expose })

  test.each([499, 599, 420])('%p is an HTTP error where it is exposed', async status => {
    thrown = own(status)
    const response = await clientOf(App).get('/')
    expect([response.status, response.text]).toEqual([status, expect.stringContaining('<p>own</p>')])
    expect((await clientOf(Catching).get('/')).text).toBe(`${status} own`)
  })

  test.each([own(399), own(600), own(450.5), own('499'), own(499, false)])('%p: no HTTP error', async error => {
    thrown = error
    expect((await clientOf(App).get('/')).text).toBe('handler for 500')
  })

  test.each([499, 599])('ctx.throw(%p) is not caught by the handler for 400 or 500', async status => {
    expect((await clientOf(App).get(`/throw?status=${status}`)).status).toBe(status)
    expect((await clientOf(Catching).get(`/throw?status=${status}`)).text).toBe(`${status} own`)
    expect((await clientOf(Catching).get('/throw?status=400')).text).toBe('handler for 400')
  })
})

test('[5.5] HttpError and its namesake of http-errors are one key: the last handler wins', async () => {
  class App extends Throwing {
    @ErrorHandler(HttpError)
    first() {
      return 'first'
    }

    @ErrorHandler(createError.HttpError)
    last() {
      return 'last'
    }
  }
  thrown = new OutOfStock()
  expect((await clientOf(App).get('/')).text).toBe('last')
  expect((await clientOf(App).get('/unknown')).text).toBe('last')
})

test('a handler gets the error with its own type', async () => {
  class App extends Throwing {
    @AppErrorHandler(TooLarge)
    tooLarge(error: TooLarge) {
      return makeResponse({ limit: error.limit + 1, code: error.code ?? '' }, error.status, error.headers)
    }
  }
  thrown = new TooLarge(99)
  const response = await clientOf(App).get('/')
  expect([response.status, response.json(), response.header('x-limit')]).toEqual([
    413,
    { limit: 100, code: 'TOO_LARGE' },
    '99',
  ])
})

function thrownBy(act: () => unknown): unknown {
  try {
    return act()
  } catch (error) {
    return error
  }
}
