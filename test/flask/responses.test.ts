import { text } from 'node:stream/consumers'
import type { Readable } from 'node:stream'
import createError from 'http-errors'
import { ErrorHandler, Get, Post, bootstrap, makeResponse, redirect } from 'flaskoa'
import type { Context, Response } from 'flaskoa'
import { testRequestContext } from 'flaskoa/testing'
import { formOf } from '../support/body'
import { clientOf } from '../support/client'

/** Flask's tests of what a view may return, and of responses made by hand. */
const testing = { testing: true }

const HTML = 'text/html; charset=utf-8'
const PLAIN = { 'Content-Type': 'text/plain; charset=utf-8' }

test('[8.1, 8.2, 8.5, 8.7] what a view may return (test_basic.py::test_response_types)', async () => {
  class App {
    @Get('/text')
    fromText() {
      return 'Hällo Wörld'
    }

    @Get('/bytes')
    fromBytes() {
      return Buffer.from('Hällo Wörld')
    }

    @Get('/full')
    withAll() {
      return makeResponse('Meh', 400, { 'X-Foo': 'Testing', ...PLAIN })
    }

    @Get('/text_headers')
    withHeaders() {
      return makeResponse('Hello', undefined, { 'X-Foo': 'Test', ...PLAIN })
    }

    @Get('/text_status')
    withStatus() {
      return makeResponse('Hi, status!', 400)
    }

    @Get('/response_headers')
    responseWithHeaders() {
      const response = makeResponse('Hello world', 404, { 'Content-Type': 'text/html', 'X-Foo': 'Baz' })
      return makeResponse(response, undefined, { 'Content-Type': 'text/plain', 'X-Foo': 'Bar', 'X-Bar': 'Foo' })
    }

    @Get('/response_status')
    responseWithStatus() {
      return makeResponse(makeResponse('Hello world', 400), 500)
    }

    @Get('/error')
    fromError() {
      return createError(404)
    }

    @Get('/dict')
    fromDict() {
      return makeResponse({ foo: 'bar' }, 201)
    }

    @Get('/list')
    fromList() {
      return makeResponse(['foo', 'bar'], 201)
    }
  }
  const client = clientOf(App, testing)
  const outcome = async (path: string) => {
    const response = await client.get(path)
    return [response.status, response.text, response.header('Content-Type'), response.headers['x-foo']]
  }
  const utf8 = 'text/plain; charset=utf-8'
  expect(await outcome('/text')).toEqual([200, 'Hällo Wörld', HTML, undefined])
  expect(await outcome('/bytes')).toEqual([200, 'Hällo Wörld', 'application/octet-stream', undefined])
  expect(await outcome('/full')).toEqual([400, 'Meh', utf8, 'Testing'])
  expect(await outcome('/text_headers')).toEqual([200, 'Hello', utf8, 'Test'])
  expect(await outcome('/text_status')).toEqual([400, 'Hi, status!', HTML, undefined])
  expect(await outcome('/response_headers')).toEqual([404, 'Hello world', expect.stringMatching('^text/plain'), 'Bar'])
  expect((await client.get('/response_headers')).header('X-Bar')).toBe('Foo')
  expect(await outcome('/response_status')).toEqual([500, 'Hello world', HTML, undefined])
  expect(await outcome('/error')).toEqual([404, expect.stringContaining('Not Found'), HTML, undefined])
  for (const [path, content] of Object.entries({ '/dict': { foo: 'bar' }, '/list': ['foo', 'bar'] })) {
    const response = await client.get(path)
    expect([response.status, response.json()]).toEqual([201, content])
  }
})

test.each<[string, unknown, string]>([
  ['nothing', undefined, 'App.index returned undefined'],
  ['a boolean', true, 'App.index returned true'],
  ['a function', () => undefined, 'App.index returned the function'],
])(
  '[8.6] %s is no response, and the error names the view (test_basic.py::test_response_type_errors)',
  async (_, value, message) => {
    class App {
      @Get('/')
      index() {
        return value as string
      }
    }
    const visit = clientOf(App, testing).get('/')
    await expect(visit).rejects.toThrow(TypeError)
    await expect(visit).rejects.toThrow(message)
  },
)

class Empty {
  @Get('/')
  index() {
    return ''
  }
}

/** What `make` makes of the response of a request. */
const inRequest = <T>(make: (ctx: Context) => T) => testRequestContext(bootstrap(Empty, testing), '/', make)

const parts = ({ status, body, header }: Response) => [status, body, header['content-type']]

describe('makeResponse', () => {
  test('[8.1] status 200 and HTML by default (test_basic.py::test_make_response)', async () => {
    const made = await inRequest(() => [
      parts(makeResponse('')),
      parts(makeResponse('Awesome')),
      parts(makeResponse('W00t', 404)),
    ])
    expect(made).toEqual([
      [200, '', HTML],
      [200, 'Awesome', HTML],
      [404, 'W00t', HTML],
    ])
    const streamed = await inRequest(async () => {
      const { status, body, type } = makeResponse(letters('Hello'))
      return [status, await text(body as Readable), type]
    })
    expect(streamed).toEqual([200, 'Hello', 'application/octet-stream'])
  })

  test('[8.1] an empty text is a response as well (test_helpers.py::test_make_response)', async () => {
    expect(await inRequest(() => parts(makeResponse('')))).toEqual([200, '', HTML])
    expect(await inRequest(() => parts(makeResponse('Hello')))).toEqual([200, 'Hello', HTML])
  })

  test('[8.4, 8.5] changes a response (test_basic.py::test_make_response_with_response_instance)', async () => {
    const json = await inRequest(() => parts(makeResponse(makeResponse({ msg: 'W00t' }), 400)))
    expect(json).toEqual([400, '{"msg":"W00t"}', 'application/json; charset=utf-8'])
    expect(await inRequest(() => parts(makeResponse(makeResponse(''), 400)))).toEqual([400, '', HTML])
    const [made, foo] = await inRequest(ctx => [
      parts(makeResponse(makeResponse('', 200, { 'Content-Type': 'text/html' }), 400, { 'X-Foo': 'bar' })),
      ctx.response.get('X-Foo'),
    ])
    expect(made).toEqual([400, '', 'text/html'])
    expect(foo).toBe('bar')
  })

  test('[8.2] a JSON type of your own stays (test_basic.py::test_jsonify_mimetype)', async () => {
    const type = 'application/vnd.api+json'
    const made = await inRequest(() => {
      const response = makeResponse({ msg: { submsg: 'W00t' } }, 200, { 'Content-Type': type })
      return makeResponse(response, 200).type
    })
    expect(made).toBe(type)
  })
})

function* letters(word: string) {
  yield* word
}

test('a redirect has its URL and code (test_helpers.py::test_redirect_no_app)', async () => {
  const made = await inRequest(() => {
    const response = redirect('https://localhost', 307)
    return [response.status, response.get('Location')]
  })
  expect(made).toEqual([307, 'https://localhost/'])
})

test('[5.3] a body that is too long reaches the 413 handler (test_request.py::test_max_content_length)', async () => {
  class App {
    @Post('/')
    async index(ctx: Context) {
      return (await formOf(ctx, 50)).file as string
    }

    @ErrorHandler(413)
    catcher() {
      return '42'
    }
  }
  const client = clientOf(App, testing)
  expect((await client.post('/', { form: { file: 'foo'.repeat(50) } })).text).toBe('42')
  expect((await client.post('/', { form: { file: 'foo' } })).text).toBe('foo')
})
