import { Readable } from 'node:stream'
import {
  AfterRequest,
  BeforeRequest,
  ErrorHandler,
  Get,
  Route,
  TeardownRequest,
  abort,
  afterThisRequest,
  bootstrap,
  makeResponse,
  redirect,
  type BootstrapOptions,
  type Context,
  HttpError,
  type Response as KoaResponse,
  type ResponseValue,
} from 'flaskoa'
import type { TestResponse } from 'flaskoa/testing'
import type Koa from 'koa'
import { clientOf } from '../support/client'
import { Gate, settled } from '../support/gate'
import { serve } from '../support/serve'
import { setCookies } from '../support/session'

/** The answer of an application whose one view does `view`. */
function answer(
  view: (ctx: Context) => unknown,
  {
    method = 'GET',
    headers = {},
    ...options
  }: BootstrapOptions & { method?: string; headers?: Record<string, string> } = {},
): Promise<TestResponse> {
  class App {
    @Route('/')
    async index(ctx: Context) {
      return (await view(ctx)) as ResponseValue
    }
  }
  return clientOf(App, options).request(method, '/', { headers })
}

/** Status, type and text: what most of these tests look at. */
const seen = (response: TestResponse) => [response.status, response.header('Content-Type'), response.text]

async function* words() {
  yield ''
  yield 'one '
  await Promise.resolve()
  yield Buffer.from('two')
}

function* syncWords() {
  yield 'one '
  yield 'two'
}

class Point {
  x = 1
  toJSON() {
    return { point: this.x }
  }
}

describe('what a view may return', () => {
  const html = 'text/html; charset=utf-8'
  const json = 'application/json; charset=utf-8'
  const bytes = 'application/octet-stream'
  test.each<[string, () => unknown, unknown[]]>([
    ['[8.1] a text', () => 'grüße', [200, html, 'grüße']],
    ['[8.1] an empty text', () => '', [200, html, '']],
    ['[8.1] a text that is no HTML', () => 'plain', [200, html, 'plain']],
    ['[8.1] a Buffer', () => Buffer.from('bytes'), [200, bytes, 'bytes']],
    ['[8.1] a Uint8Array', () => new TextEncoder().encode('bytes'), [200, bytes, 'bytes']],
    [
      '[8.1] a part of an ArrayBuffer',
      () => new Uint8Array(Buffer.from('xbytesx')).subarray(1, 6),
      [200, bytes, 'bytes'],
    ],
    ['[8.1] an ArrayBuffer', () => new TextEncoder().encode('bytes').buffer, [200, bytes, 'bytes']],
    ['[8.1] a Blob', () => new Blob(['blob'], { type: 'text/css' }), [200, 'text/css; charset=utf-8', 'blob']],
    ['[8.1] a Blob without a type', () => new Blob(['blob']), [200, bytes, 'blob']],
    ['[8.2] an object', () => ({ a: [1, null] }), [200, json, '{"a":[1,null]}']],
    ['[8.2] an empty object', () => ({}), [200, json, '{}']],
    [
      '[8.2] an object without a prototype',
      () => Object.assign(Object.create(null), { a: 1 }) as object,
      [200, json, '{"a":1}'],
    ],
    ['[8.2] an object of a class, as its toJSON says', () => new Point(), [200, json, '{"point":1}']],
    ['[8.2, 8.3] an array: never a status', () => ['body', 404], [200, json, '["body",404]']],
    ['[8.2] an empty array', () => [], [200, json, '[]']],
    ['[8.2] an async generator', words, [200, bytes, 'one two']],
    ['[8.2] a generator', syncWords, [200, bytes, 'one two']],
    ['[8.2] an async iterable', () => ({ [Symbol.asyncIterator]: words }), [200, bytes, 'one two']],
    ['[8.2] a Node stream', () => Readable.from(['one ', 'two']), [200, bytes, 'one two']],
    ['[8.2] a web stream', () => new Blob(['one ', 'two']).stream(), [200, bytes, 'one two']],
    ['[8.5] a WHATWG Response', () => new Response('text'), [200, 'text/plain;charset=UTF-8', 'text']],
    [
      '[8.7] an HTTP error: its page',
      () => httpError(404, 'no <b> here'),
      [404, html, expect.stringContaining('<p>no &lt;b&gt; here</p>')],
    ],
    [
      '[8.7] an HTTP error that hides its message',
      () => httpError(503, 'secret'),
      [503, html, expect.not.stringContaining('secret')],
    ],
  ])('%s', async (_, view, expected) => {
    expect(seen(await answer(view, { testing: true }))).toEqual(expected)
  })

  test.each<[string, () => unknown, string | undefined]>([
    ['a text', () => 'grüße', '7'],
    ['bytes', () => Buffer.from('bytes'), '5'],
    ['an object', () => ({ a: 'ü' }), '10'],
    ['a Blob', () => new Blob(['blob']), '4'],
    ['an empty text', () => '', '0'],
    ['a stream', words, undefined],
  ])('%s has the right Content-Length', async (_, view, length) => {
    expect((await answer(view)).header('Content-Length')).toBe(length)
  })

  test.each<[string, () => unknown]>([
    ['a text', () => 'a'],
    ['bytes', () => Buffer.from('a')],
    ['a stream', words],
    ['a Blob', () => new Blob(['a'], { type: 'text/css' })],
  ])('[8.1] the type that the view has set stays: %s', async (_, view) => {
    const response = await answer(ctx => {
      ctx.type = 'text/csv'
      return view()
    })
    expect(response.header('Content-Type')).toBe('text/csv; charset=utf-8')
  })

  test('[8.2] JSON keeps a JSON type, and no other', async () => {
    const typed = (type: string) =>
      answer(ctx => {
        ctx.type = type
        return { a: 1 }
      }).then(response => response.header('Content-Type'))
    expect([await typed('application/problem+json'), await typed('text/html')]).toEqual([
      'application/problem+json',
      'application/json; charset=utf-8',
    ])
  })

  test('the status and the headers that the view has set stay', async () => {
    const response = await answer(ctx => {
      ctx.status = 201
      ctx.set('X-View', 'yes')
      return 'created'
    })
    expect([response.status, response.header('X-View'), response.text]).toEqual([201, 'yes', 'created'])
  })
})

const httpError = (status: number, message: string) => {
  try {
    abort(status, message)
  } catch (error) {
    return error
  }
}

describe('what a view may not return', () => {
  const refused: [string, unknown, string][] = [
    [
      'nothing',
      undefined,
      "returned undefined: return a string, bytes, a plain object or an array (JSON), a stream, an async iterable, a WHATWG Response or ctx.response, or write to ctx.body before returning nothing; for an empty answer return ''",
    ],
    ['null', null, 'returned null: return a string'],
    ['a number', 5, 'returned 5: return a string'],
    ['zero', 0, 'returned 0: return a string'],
    ['NaN', NaN, 'returned NaN'],
    ['true', true, 'returned true'],
    ['false', false, 'returned false'],
    ['a BigInt', 1n, 'returned 1: '],
    ['a symbol', Symbol('own'), 'returned Symbol(own)'],
    ['a function', function view() {}, 'returned the function view'],
    [
      'a generator function that was not called',
      function* rows() {
        yield 'a'
      },
      'returned the function rows: return a string, bytes, a plain object or an array (JSON), a stream, an async iterable, a WHATWG Response or ctx.response. Call the function: what a generator function returns is a stream',
    ],
    [
      'an anonymous function',
      (
        () => () =>
          1
      )(),
      'returned the function (anonymous)',
    ],
    [
      'an object without a class that JSON cannot express',
      Object.assign(Object.create(null), { a: 1n }),
      'returned an object that JSON cannot express',
    ],
    ['a Date', new Date(0), 'returned an object of class Date'],
    ['a Map', new Map(), 'returned an object of class Map'],
    ['a Set', new Set(), 'returned an object of class Set'],
    ['a regular expression', /a/, 'returned an object of class RegExp'],
    ['an Error', new RangeError('x'), 'returned an object of class RangeError'],
    ['an object that JSON cannot express', { a: 1n }, 'returned an object of class Object that JSON cannot express: '],
    [
      'a circular array',
      (() => {
        const a: unknown[] = []
        a.push(a)
        return a
      })(),
      'returned an object of class Array that JSON cannot express',
    ],
    [
      'an object whose toJSON gives nothing',
      { toJSON: () => undefined },
      'returned an object of class Object whose toJSON() gives no JSON value',
    ],
    ['a network error', Response.error(), 'returned a WHATWG Response that is a network error'],
  ]

  test.each(refused)('[8.6] %s from a view', async (_, value, message) => {
    const promise = answer(() => value, { testing: true })
    await expect(promise).rejects.toThrow(TypeError)
    await expect(promise).rejects.toThrow(`App.index ${message}`)
  })

  test.each(refused.filter(([, value]) => value !== undefined && value !== null))(
    '[8.6] %s from a before method',
    async (_, value, message) => {
      class App {
        @BeforeRequest
        before() {
          return value as string
        }
      }
      await expect(clientOf(App, { testing: true }).get('/')).rejects.toThrow(`App.before ${message}`)
    },
  )

  test.each(refused)('[8.6, 5.11] %s from an error handler', async (_, value, message) => {
    class App {
      @ErrorHandler(404)
      missing() {
        return value as string
      }
    }
    await expect(clientOf(App, { testing: true }).get('/')).rejects.toThrow(`App.missing ${message}`)
  })

  test.each(refused)('[8.6] %s given to makeResponse', async (_, value, message) => {
    await expect(answer(() => makeResponse(value as string), { testing: true })).rejects.toThrow(
      `makeResponse ${message}`,
    )
  })

  test.each<[string, (ctx: Context) => unknown]>([
    ['ctx', ctx => ctx],
    ['ctx.request', ctx => ctx.request],
  ])('%s, which would show what the client has sent', async (name, view) => {
    await expect(answer(view, { testing: true })).rejects.toThrow(`App.index returned ${name}: return ctx.response`)
  })

  test('[8.6, 6.1] such a value takes the 500 path, and handlers for its class do not run', async () => {
    const log: unknown[] = []
    class App {
      @Route('/')
      index() {
        return undefined as unknown as string
      }
      @ErrorHandler(TypeError)
      typeError() {
        return 'never'
      }
      @ErrorHandler(500)
      failed({ cause }: HttpError) {
        log.push((cause as Error).message.slice(0, 28))
        return 'handled'
      }
      @AfterRequest
      after(response: KoaResponse) {
        log.push('after')
        return response
      }
      @TeardownRequest
      teardown(error?: Error) {
        log.push(error?.name)
      }
    }
    expect((await clientOf(App).get('/')).text).toBe('handled')
    expect(log).toEqual(['App.index returned undefined', 'after', 'TypeError'])
  })

  test('a WHATWG Response that was read', async () => {
    const view = async () => {
      const response = new Response('text')
      await response.text()
      return response
    }
    await expect(answer(view, { testing: true })).rejects.toThrow(
      'App.index returned a WHATWG Response that was read already',
    )
  })
})

describe('a view that writes to ctx', () => {
  test.each<[string, (ctx: Context) => void, unknown[]]>([
    ['a text', ctx => void (ctx.body = 'text'), [200, 'text/plain; charset=utf-8', 'text']],
    ['an object', ctx => void (ctx.body = { a: 1 }), [200, 'application/json; charset=utf-8', '{"a":1}']],
    ['bytes', ctx => void (ctx.body = Buffer.from('bytes')), [200, 'application/octet-stream', 'bytes']],
    ['a stream', ctx => void (ctx.body = Readable.from(['stream'])), [200, 'application/octet-stream', 'stream']],
    ['an async iterable', ctx => void (ctx.body = words()), [200, expect.any(String), 'one two']],
    [
      'a WHATWG Response',
      ctx => void (ctx.body = new Response('x', { status: 203 })),
      [203, expect.stringContaining('text/plain'), 'x'],
    ],
    ['null', ctx => void (ctx.body = null), [204, undefined, '']],
    ['a status alone', ctx => void (ctx.status = 202), [202, 'text/plain; charset=utf-8', 'Accepted']],
    ['a redirect', ctx => ctx.redirect('/x'), [302, expect.any(String), expect.stringContaining('/x')]],
    ['a number, as Koa does', ctx => void (ctx.body = 5), [200, 'application/json; charset=utf-8', '5']],
  ])('%s', async (_, view, expected) => {
    expect(seen(await answer(view, { testing: true }))).toEqual(expected)
  })

  test('[8.5] and returns ctx.response', async () => {
    const response = await answer(ctx => {
      ctx.body = { a: 1 }
      ctx.status = 201
      return ctx.response
    })
    expect(seen(response)).toEqual([201, 'application/json; charset=utf-8', '{"a":1}'])
  })

  test('a returned value wins over the body that the view wrote', async () => {
    const response = await answer(ctx => {
      ctx.body = { a: 1 }
      return 'returned'
    })
    expect(response.text).toBe('returned')
  })

  test('ctx.respond = false leaves the response to the view', async () => {
    const view = (ctx: Context) => {
      ctx.respond = false
      setImmediate(() => ctx.res.writeHead(203).end('by hand'))
    }
    expect(seen(await answer(view))).toEqual([203, undefined, 'by hand'])
  })

  test('ctx.respond = false: teardown neither waits for the response nor changes it', async () => {
    const tornDown = new Gate()
    class App {
      @Route('/')
      index(ctx: Context) {
        ctx.respond = false
        setImmediate(() => ctx.res.setHeader('X-Early', 'yes'))
        void tornDown.reached.then(settled).then(() => ctx.res.end('by hand'))
        return ctx.response
      }
      @TeardownRequest
      async teardown() {
        await settled()
        void tornDown.pass()
      }
    }
    const response = await clientOf(App).get('/')
    expect([response.text, response.header('X-Early')]).toEqual(['by hand', 'yes'])
  })

  test('headers that were sent already stay as they are', async () => {
    const view = (ctx: Context) => {
      ctx.respond = false
      ctx.res.writeHead(203).write('by hand')
      setImmediate(() => ctx.res.end())
      return ctx.response
    }
    const response = await answer(view)
    expect([response.status, response.text]).toEqual([203, 'by hand'])
  })

  test.each<[string, unknown]>([
    ['a BigInt in an object', { a: 1n }],
    ['a BigInt', 1n],
    ['a function', () => 1],
    ['a Map', new Map()],
  ])('[8.6] what cannot be sent is an error inside of the lifecycle: %s', async (_, body) => {
    const write = (ctx: Context) => {
      ctx.body = body
    }
    await expect(answer(write, { testing: true })).rejects.toThrow(/^App\.index returned /)
    class App {
      @Route('/')
      index() {
        return 'fine'
      }
      @AfterRequest
      after(response: KoaResponse) {
        response.body = body
        return response
      }
      @ErrorHandler(500)
      failed({ cause }: HttpError) {
        return makeResponse((cause as Error).message, 500)
      }
    }
    expect((await clientOf(App).get('/')).text).toMatch(/^an after method returned /)
  })

  test('an object that an after method sets is sent as JSON', async () => {
    class App {
      @Route('/')
      index() {
        return 'text'
      }
      @AfterRequest
      after(response: KoaResponse) {
        response.body = { status: response.status }
        return response
      }
    }
    expect(seen(await clientOf(App).get('/'))).toEqual([200, 'application/json; charset=utf-8', '{"status":200}'])
  })
})

describe('WHATWG Response', () => {
  test('[8.5] its status, text and headers, with every cookie', async () => {
    class App {
      @Route('/')
      index(ctx: Context) {
        ctx.set('Content-Type', 'text/csv')
        ctx.cookies.set('view', '1')
        const headers = new Headers({ 'X-Fetch': 'yes' })
        headers.append('Set-Cookie', 'a=1; Path=/')
        headers.append('Set-Cookie', 'b=2; Expires=Thu, 01 Jan 2099 00:00:00 GMT')
        headers.append('Vary', 'Origin')
        headers.append('Vary', 'Accept')
        return new Response('{"a":1}', { status: 418, statusText: 'Short and Stout', headers })
      }
    }
    await serve(bootstrap(App), async url => {
      const response = await fetch(url)
      expect([response.status, response.statusText, await response.text()]).toEqual([418, 'Short and Stout', '{"a":1}'])
      expect(response.headers.getSetCookie()).toEqual([
        expect.stringContaining('view=1'),
        'a=1; Path=/',
        'b=2; Expires=Thu, 01 Jan 2099 00:00:00 GMT',
      ])
      expect(['X-Fetch', 'Vary', 'Content-Type'].map(name => response.headers.get(name))).toEqual([
        'yes',
        'Origin, Accept',
        'text/plain;charset=UTF-8',
      ])
    })
  })

  test.each<[string, Response, unknown[]]>([
    ['without a body', new Response(null, { status: 201 }), [201, undefined, '']],
    ['with status 204', new Response(null, { status: 204 }), [204, undefined, '']],
    ['with JSON', Response.json({ a: 1 }), [200, 'application/json', '{"a":1}']],
    ['with a form', new Response(new URLSearchParams({ a: '1' })), [200, expect.stringContaining('urlencoded'), 'a=1']],
    ['that redirects', Response.redirect('http://localhost/x', 303), [303, undefined, '']],
  ])('%s', async (_, response, expected) => {
    expect(seen(await answer(() => response, { testing: true }))).toEqual(expected)
  })

  test('a fetched Response passes through', async () => {
    await serve(
      bootstrap(
        (() => {
          class Upstream {
            @Route('/')
            index() {
              return makeResponse('from upstream', 203, { 'X-Upstream': 'yes' })
            }
          }
          return Upstream
        })(),
      ),
      async url => {
        const response = await answer(() => fetch(url))
        expect([response.status, response.text, response.header('X-Upstream')]).toEqual([203, 'from upstream', 'yes'])
      },
    )
  })
})

describe('makeResponse', () => {
  test('[8.3] body, status and headers', async () => {
    const headers = { 'X-One': '1', 'X-List': ['1', '2'], 'Set-Cookie': ['a=1', 'b=2'], 'content-type': 'text/csv' }
    const response = await answer(() => makeResponse('a,b', 201, headers))
    expect(seen(response)).toEqual([201, 'text/csv', 'a,b'])
    expect([response.header('X-One'), response.header('X-List'), setCookies(response)]).toEqual([
      ...['1', '1, 2', ['a=1', 'b=2']],
    ])
  })

  test('[8.3] the status replaces that of a response or of an error; without one theirs stays', async () => {
    const views = [
      () => makeResponse(new Response('x', { status: 418 })),
      () => makeResponse(new Response('x', { status: 418 }), 201),
      () => makeResponse(httpError(404, '') as HttpError),
      () => makeResponse(httpError(404, '') as HttpError, 410),
    ]
    expect(await Promise.all(views.map(async view => (await answer(view)).status))).toEqual([418, 201, 404, 410])
  })

  test('[8.3] headers replace those of the same name', async () => {
    const view = () => makeResponse(new Response('x', { headers: { 'X-One': 'fetch' } }), 200, { 'x-one': 'given' })
    expect((await answer(view)).header('X-One')).toBe('given')
  })

  test('[8.5] gives Koa’s response, which can be changed further', async () => {
    const response = await answer(ctx => {
      const made = makeResponse('x')
      made.set('X-Late', String(made === ctx.response))
      made.status = 202
      return made
    })
    expect([response.status, response.header('X-Late')]).toEqual([202, 'true'])
  })

  test('makes a new response, with the fields and cookies that the view had written', async () => {
    const response = await answer(ctx => {
      ctx.status = 201
      ctx.type = 'text/csv'
      ctx.set('X-View', 'yes')
      ctx.cookies.set('view', '1')
      return makeResponse({ a: 1 })
    })
    expect([...seen(response), response.header('X-View'), setCookies(response)]).toEqual([
      ...[200, 'application/json; charset=utf-8', '{"a":1}', 'yes', ['view=1; path=/; httponly']],
    ])
  })

  test('makeResponse(ctx.response) changes the current response', async () => {
    const response = await answer(ctx => {
      ctx.set('X-View', 'yes')
      ctx.body = 'kept'
      return makeResponse(ctx.response, 201, { 'X-New': 'yes' })
    })
    expect([response.status, response.text, response.header('X-View'), response.header('X-New')]).toEqual([
      ...[201, 'kept', 'yes', 'yes'],
    ])
  })

  test('[9.3] in an after method replaces the response, and the next ones get it', async () => {
    const log: unknown[] = []
    class App {
      @Route('/')
      index(ctx: Context) {
        ctx.set('X-View', 'yes')
        return 'old'
      }
      @AfterRequest
      last(response: KoaResponse) {
        log.push([response.status, response.body, response.headers['x-view'], response.headers['x-first']])
        return response
      }
      @AfterRequest
      first() {
        return makeResponse('new', 202, { 'X-First': 'yes' })
      }
    }
    expect((await clientOf(App).get('/')).text).toBe('new')
    expect(log).toEqual([[202, 'new', undefined, 'yes']])
  })

  test.each([0, 99, 1000, 200.5, NaN, '200'])('a status of %p is an error', async status => {
    await expect(answer(() => makeResponse('x', status as number), { testing: true })).rejects.toThrow(/status/)
  })
})

describe('redirect', () => {
  test('302 by default, or the code that is given', async () => {
    const responses = [await answer(() => redirect('/login')), await answer(() => redirect('/login', 308))]
    expect(responses.map(response => [response.status, response.header('Location')])).toEqual([
      [302, '/login'],
      [308, '/login'],
    ])
  })

  test.each([
    ['http://localhost:1/a b?c=ü', 'http://localhost:1/a%20b?c=%C3%BC'],
    ['/a b\r\nX-Injected: 1', '/a%20b%0D%0AX-Injected:%201'],
    ['?page=2', '?page=2'],
  ])('escapes %p', async (url, location) => {
    const response = await answer(() => redirect(url))
    expect([response.header('Location'), response.header('X-Injected')]).toEqual([location, undefined])
  })

  test('escapes the URL in its page, too', async () => {
    const response = await answer(() => redirect('/"><script>'), { headers: { accept: 'text/html' } })
    expect(response.text).not.toContain('<script>')
  })

  test.each([200, 304, 404, 600])('%d is not a redirect status', async code => {
    await expect(answer(() => redirect('/x', code), { testing: true })).rejects.toThrow(
      new TypeError(`redirect("/x", ${code}): ${code} is no redirect status`),
    )
  })

  test('from a before method, with the headers it has set', async () => {
    class App {
      @BeforeRequest
      before(ctx: Context) {
        ctx.set('X-Before', 'yes')
        return redirect('/login')
      }
    }
    const response = await clientOf(App).get('/anything')
    expect([response.status, response.header('Location'), response.header('X-Before')]).toEqual([302, '/login', 'yes'])
  })
})

describe('abort', () => {
  test('with a code and a message', async () => {
    const response = await answer(() => abort(404, 'no <such> thing'))
    expect([response.status, response.text]).toEqual([404, expect.stringContaining('no &lt;such&gt; thing')])
  })

  test('a message of a server error is not shown', async () => {
    const response = await answer(() => abort(503, 'the password'))
    expect([response.status, response.text]).toEqual([503, expect.not.stringContaining('password')])
  })

  test('with properties, of which the headers are sent', async () => {
    const response = await answer(() => abort(401, 'who?', { headers: { 'WWW-Authenticate': 'Basic' } }))
    expect([response.status, response.header('WWW-Authenticate')]).toEqual([401, 'Basic'])
  })

  test('with properties that a handler sees', async () => {
    class App {
      @Route('/')
      index(): string {
        abort(403, 'no', { reason: 'banned' })
      }
      @ErrorHandler(403)
      forbidden(error: HttpError) {
        return { reason: error.reason as string, message: error.message }
      }
    }
    expect((await clientOf(App).get('/')).json()).toEqual({ reason: 'banned', message: 'no' })
  })

  test.each<[string, () => KoaResponse | Response, unknown[]]>([
    ['makeResponse(...)', () => makeResponse('made', 418), [418, 'text/html; charset=utf-8', 'made']],
    ['redirect(...)', () => redirect('/login'), [302, expect.any(String), expect.any(String)]],
    ['a WHATWG Response', () => new Response('fetch', { status: 402 }), [402, 'text/plain;charset=UTF-8', 'fetch']],
  ])('[5.6] with a response, past all handlers: %s', async (_, response, expected) => {
    class App {
      @Route('/')
      index(): string {
        abort(response())
      }
      @ErrorHandler(Error)
      any() {
        return 'never'
      }
    }
    expect(seen(await clientOf(App).get('/'))).toEqual(expected)
  })

  test.each([200, 302, 399, 499, 600, 418.5, NaN, '404', undefined])('%p is not an error code', async code => {
    await expect(answer(() => abort(code as number), { testing: true })).rejects.toThrow(
      `abort(${typeof code === 'string' ? `"${code}"` : code}): expected an HTTP error code from 400 to 599 that HTTP names, or a response`,
    )
  })

  test.each<[string, unknown[], string]>([
    ['a number as the message', [5], 'the message must be a text, not 5. Write abort(404, undefined, { code:'],
    ['properties as the message', [{ code: 'X' }], 'the message must be a text, not an object of class Object. Write'],
    ['an error as the message', [new Error('x')], 'class Error. Write abort(404, message, { cause: error })'],
    ['null as the properties', ['m', null], 'the properties must be an object, not null'],
    ['a text as the properties', ['m', 'x'], 'the properties must be an object, not "x"'],
    [
      'an error as the properties',
      ['m', new Error('x')],
      'the properties must be an object, not an object of class Error',
    ],
  ])('%s: a TypeError says what to write', async (_, given, message) => {
    const aborting = answer(() => (abort as (...given: unknown[]) => never)(404, ...given), { testing: true })
    await expect(aborting).rejects.toThrow(TypeError)
    await expect(aborting).rejects.toThrow('abort(404, message, properties): the ')
    await expect(aborting).rejects.toThrow(message)
  })

  test('a message that is null: the status text', async () => {
    expect((await answer(() => abort(404, null as unknown as string))).text).toContain('Not Found')
  })

  test.each<[string, unknown, string]>([
    ['an object', { status: 404 }, 'abort(an object of class Object): expected an HTTP error code'],
    ['a list', [], 'abort(an object of class Array): expected an HTTP error code'],
    ['bytes', Buffer.from('a'), 'or a response, as makeResponse(value, status) makes it'],
    ['null', null, 'abort(null): expected an HTTP error code from 400 to 599 that HTTP names, or a response'],
    ['an HttpError', new HttpError('gone', { status: 410 }), 'throw the error itself, so that its handler answers'],
  ])('%s is no response: a TypeError says what to do', async (_, value, message) => {
    const aborting = answer(() => abort(value as number), { testing: true })
    await expect(aborting).rejects.toThrow(TypeError)
    await expect(aborting).rejects.toThrow(message)
  })
})

describe('HEAD and empty statuses', () => {
  test.each<[string, () => unknown, string | undefined]>([
    ['a text', () => 'text', '4'],
    ['an object', () => ({ a: 1 }), '7'],
    ['a Blob', () => new Blob(['blob']), '4'],
    ['a stream', words, undefined],
    ['a web stream', () => new Blob(['one']).stream(), undefined],
    ['a WHATWG Response', () => new Response('x', { headers: { 'Content-Length': '1' } }), '1'],
  ])('[4.3] HEAD has the headers and no body: %s', async (_, view, length) => {
    const head = await answer(view, { method: 'HEAD' })
    const get = await answer(view)
    expect([head.status, head.text, head.header('Content-Length')]).toEqual([200, '', length])
    expect(head.header('Content-Type')).toBe(get.header('Content-Type'))
  })

  test('[4.3] after methods see the body that HEAD drops', async () => {
    const log: unknown[] = []
    class App {
      @Get('/')
      index() {
        return 'text'
      }
      @AfterRequest
      after(response: KoaResponse) {
        log.push(response.body)
        return response
      }
    }
    await clientOf(App).head('/')
    expect(log).toEqual(['text'])
  })

  test.each([204, 205, 304])('%d has no body and no type, whatever the view returns', async status => {
    for (const body of ['', 'text', { a: 1 }]) {
      const response = await answer(() => makeResponse(body, status, { 'X-Header': 'yes' }))
      expect([...seen(response), response.header('X-Header')]).toEqual([status, undefined, '', 'yes'])
    }
  })
})

describe('headers of outer middleware and of before methods survive', () => {
  class App {
    @BeforeRequest
    before(ctx: Context) {
      ctx.set('X-Hook', 'before')
      ctx.cookies.set('hook', '1')
      ctx.vary('X-Hook')
    }
    @Route('/')
    index() {
      return 'fine'
    }
    @Route('/new')
    new() {
      return makeResponse('new')
    }
    @Route('/fail')
    fail(): string {
      throw new Error('from the view')
    }
    @Route('/abort')
    abort(): string {
      abort(403)
    }
    @Route('/bad')
    bad() {
      return 5 as unknown as string
    }
    @Route('/slash/')
    slash() {
      return ''
    }
    @Route('/redirect')
    redirect() {
      return redirect('/')
    }
    @Route('/after')
    after() {
      afterThisRequest(() => {
        throw new Error('from an after method')
      })
      return ''
    }
  }
  class WithHandlers extends App {
    @ErrorHandler(Error)
    any(error: Error) {
      return makeResponse(error.message, 500)
    }
  }
  class WithFailingHandlers extends App {
    @ErrorHandler(Error)
    any(): string {
      throw new Error('from the handler')
    }
  }
  const outer: Koa.Middleware = async (ctx, next) => {
    ctx.set('X-Outer', 'yes')
    ctx.cookies.set('outer', '1')
    ctx.vary('Origin')
    await next()
  }
  const paths: [path: string, status: number][] = [
    ['/', 200],
    ['/redirect', 302],
    ['/new', 200],
    ['/fail', 500],
    ['/bad', 500],
    ['/after', 500],
    ['/abort', 403],
    ['/unknown', 404],
    ['/slash', 308],
  ]
  const headersOf = (response: TestResponse) => ({
    outer: response.header('X-Outer'),
    hook: response.header('X-Hook'),
    cookies: setCookies(response).map(cookie => cookie.split('=')[0]),
    vary: response.header('Vary'),
  })
  const fromBoth = { outer: 'yes', hook: 'before', cookies: ['outer', 'hook'], vary: 'Origin, X-Hook' }

  test.each(paths)('GET %s (%d)', async (path, status) => {
    for (const flag of [false, true]) {
      const response = await clientOf(App, { middleware: [outer], afterRequestOnUnhandledError: flag }).get(path)
      expect([response.status, headersOf(response)]).toEqual([status, fromBoth])
    }
  })

  test.each(paths.filter(([, status]) => status >= 400))('GET %s, with a handler for it', async path => {
    const response = await clientOf(WithHandlers, { middleware: [outer] }).get(path)
    expect([response.status, headersOf(response)]).toEqual([500, fromBoth])
  })

  test.each(paths.filter(([, status]) => status >= 400))('GET %s, with failing handlers', async path => {
    const response = await clientOf(WithFailingHandlers, { middleware: [outer] }).get(path)
    expect([response.status, headersOf(response)]).toEqual([500, fromBoth])
  })

  test('405, with Allow', async () => {
    const response = await clientOf(App, { middleware: [outer] }).post('/')
    expect([response.status, response.header('Allow'), headersOf(response)]).toEqual([
      ...[405, 'GET, HEAD, OPTIONS', fromBoth],
    ])
  })

  test('over HTTP too', async () => {
    await serve(bootstrap(App, { middleware: [outer], logger: false }), async url => {
      const response = await fetch(`${url}/fail`)
      expect([response.status, response.headers.get('X-Outer'), response.headers.get('X-Hook')]).toEqual([
        500,
        'yes',
        'before',
      ])
    })
  })

  test('a body and a status of outer middleware are the answer where no rule matches, and only there', async () => {
    const placeholder: Koa.Middleware = async (ctx, next) => {
      ctx.body = 'placeholder'
      ctx.status = 203
      await next()
    }
    const client = clientOf(App, { middleware: [placeholder] })
    const unknown = await client.get('/unknown')
    expect([unknown.status, unknown.text, (await client.get('/fail')).status]).toEqual([203, 'placeholder', 500])
    expect([(await client.get('/')).status, (await client.get('/')).text]).toEqual([200, 'fine'])
  })
})

describe('a body that a failing view had written', () => {
  test('is not in the response that an error handler makes', async () => {
    class App {
      @Route('/')
      index(ctx: Context): string {
        ctx.status = 201
        ctx.type = 'text/csv'
        ctx.message = 'Custom'
        ctx.set({ 'X-View': 'yes', ETag: '"1"', 'Cache-Control': 'max-age=9' })
        ctx.body = 'half'
        throw new RangeError('from the view')
      }
      @ErrorHandler(RangeError)
      range() {
        return 'handled'
      }
    }
    const response = await clientOf(App).get('/')
    expect([...seen(response), response.header('X-View'), response.header('ETag')]).toEqual([
      ...[200, 'text/html; charset=utf-8', 'handled', undefined, undefined],
    ])
    await serve(bootstrap(App), async url => expect((await fetch(url)).statusText).toBe('OK'))
  })

  test('a body that a handler wrote and did not return is refused', async () => {
    class App {
      @Route('/')
      index(ctx: Context): string {
        ctx.body = 'half'
        throw new RangeError('from the view')
      }
      @ErrorHandler(RangeError)
      range() {
        return undefined as unknown as string
      }
    }
    await expect(clientOf(App, { testing: true }).get('/')).rejects.toThrow('App.range returned undefined')
  })

  test('[2.4] a status that a before method sets is not an answer to an unknown URL', async () => {
    class App {
      @BeforeRequest
      before(ctx: Context) {
        ctx.status = 202
      }
      @Route('/')
      index() {
        return 'accepted'
      }
    }
    const client = clientOf(App)
    expect([(await client.get('/')).status, (await client.get('/unknown')).status]).toEqual([202, 404])
  })
})
