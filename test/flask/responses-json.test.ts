import { Get, Post, type Context } from 'flaskoa'
import { jsonOf } from '../support/body'
import { clientOf } from '../support/client'

/** Flask's tests of JSON, in the answer and, by way of a body parser, in the request. */
const testing = { testing: true }

const content = {
  a: 0,
  b: 23,
  c: 3.14,
  d: 't',
  e: 'Hi',
  f: true,
  g: false,
  h: ['test list', 10, false],
  i: { test: 'dict' },
}

test.each([0, -1, 1, 23, 3.14, 's', 'longer string', true, false, null])(
  '[8.2] %j by itself, in a WHATWG response (test_json.py::test_jsonify_basic_types)',
  async value => {
    class App {
      @Get('/')
      index() {
        return Response.json(value)
      }
    }
    const response = await clientOf(App, testing).get('/')
    expect([response.header('Content-Type'), response.json()]).toEqual(['application/json', value])
  },
)

test('[8.2] an object is JSON (test_json.py::test_jsonify_dicts)', async () => {
  class App {
    @Get('/dict')
    dict() {
      return content
    }

    @Get('/kw')
    keywords() {
      return { ...content }
    }
  }
  const client = clientOf(App, testing)
  for (const path of ['/dict', '/kw']) {
    const response = await client.get(path)
    expect([response.header('Content-Type'), response.json()]).toEqual(['application/json; charset=utf-8', content])
  }
})

test('[8.2] an array is JSON (test_json.py::test_jsonify_arrays)', async () => {
  const list = [0, 42, 3.14, 't', 'hello', true, false, ['test list', 2, false], { test: 'dict' }]
  class App {
    @Get('/array')
    array() {
      return list
    }

    @Get('/args_unpack')
    unpacked() {
      return [...list]
    }
  }
  const client = clientOf(App, testing)
  for (const path of ['/array', '/args_unpack']) {
    const response = await client.get(path)
    expect([response.header('Content-Type'), response.json()]).toEqual(['application/json; charset=utf-8', list])
  }
})

test.each([['1973-03-11T06:30:45.000Z'], ['1975-01-05T00:00:00.000Z']])(
  '[8.2] a date is text, %s (test_json.py::test_jsonify_datetime)',
  async date => {
    class App {
      @Get('/')
      index() {
        return { value: new Date(date) }
      }
    }
    expect((await clientOf(App, testing).get('/')).json()).toEqual({ value: date })
  },
)

test('[5.1] a body that is no JSON is a 400 (test_json.py::test_json_bad_requests)', async () => {
  class App {
    @Post('/json')
    async echo(ctx: Context) {
      return { foo: await jsonOf(ctx) }
    }
  }
  const client = clientOf(App, testing)
  const headers = { 'Content-Type': 'application/json' }
  expect((await client.post('/json', { body: 'malformed', headers })).status).toBe(400)
})

test.each([true, false])(
  '[5.1, 10.1] with debug %s too, and says why (test_json.py::test_bad_request_debug_message)',
  async debug => {
    class App {
      @Post('/json')
      async read(ctx: Context) {
        await jsonOf(ctx)
        return ''
      }
    }
    const headers = { 'Content-Type': 'application/json' }
    const response = await clientOf(App, { debug }).post('/json', { body: '', headers })
    expect([response.status, response.text]).toEqual([400, expect.stringContaining('the body is no JSON')])
  },
)

test('a body that is JSON gives its values (test_json.py::test_json_attr)', async () => {
  class App {
    @Post('/add')
    async add(ctx: Context) {
      const { a, b } = await jsonOf<{ a: number; b: number }>(ctx)
      return String(a + b)
    }
  }
  expect((await clientOf(App, testing).post('/add', { json: { a: 1, b: 2 } })).text).toBe('3')
})

test('the client sends and reads JSON (test_testing.py::test_json_request_and_response)', async () => {
  const seen: unknown[] = []
  class App {
    @Post('/echo')
    async echo(ctx: Context) {
      const json = await jsonOf<object>(ctx)
      seen.push(ctx.is('json'), json)
      return json
    }
  }
  const json = { drink: { gin: 1, tonic: true }, price: 10 }
  const response = await clientOf(App, testing).post('/echo', { json })
  expect(seen).toEqual(['json', json])
  expect([response.status, response.header('Content-Type'), response.json()]).toEqual([
    200,
    'application/json; charset=utf-8',
    json,
  ])
})
