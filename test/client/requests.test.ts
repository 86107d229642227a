import { bootstrap, type Context } from 'flaskoa'
import { client, type Fetch } from 'flaskoa/client'
import { Delete, Get, Post, Put, Route, type ArgsOf } from 'flaskoa/contract'
import { z } from 'zod'
import { serve } from '../support/serve'

const Any = z.record(z.string(), z.any())
const echo = Post('/echo/<name>', { query: Any, headers: Any, body: z.any() })
const form = Post('/form', { form: z.object({ a: z.array(z.string()).optional(), file: z.file().optional() }) })

class App {
  @echo echo({ name, query, headers, body }: ArgsOf<typeof echo>, ctx: Context) {
    return { name, query, headers, body, url: ctx.url }
  }
  @form async form({ form: { a, file } }: ArgsOf<typeof form>, ctx: Context) {
    return { a, file: file && [file.name, file.type, await file.text()], type: ctx.get('Content-Type').split(';')[0] }
  }
}

/** What a client gives to `fetch`. */
async function sent(call: (fetch: Fetch) => Promise<unknown>) {
  const requests: { url: string; init: RequestInit }[] = []
  await call((url, init) => {
    requests.push({ url, init })
    return Promise.resolve(new Response())
  })
  const [{ url, init }] = requests as [{ url: string; init: RequestInit }]
  return { url, ...init, headers: Object.fromEntries(init.headers as Headers) }
}

test('all locations arrive over a socket', async () => {
  await serve(bootstrap(App), async url => {
    const { body } = await client(url, { echo }).echo({
      name: 'ä b',
      query: {
        page: 2,
        all: true,
        tag: ['a', 'b c'],
        day: new Date(0),
        none: undefined,
        nil: null,
        empty: [],
        big: 1n,
      },
      headers: { 'x-tenant': 'ann', 'X-Number': 5, 'x-list': ['a', 'b'] },
      body: { list: [1, { a: null }], day: new Date(0) },
    })
    expect(body).toEqual({
      name: 'ä b',
      url: '/echo/%C3%A4%20b?page=2&all=true&tag=a&tag=b+c&day=1970-01-01T00%3A00%3A00.000Z&big=1',
      query: { page: '2', all: 'true', tag: ['a', 'b c'], day: '1970-01-01T00:00:00.000Z', big: '1' },
      headers: expect.objectContaining({
        'x-tenant': 'ann',
        'x-number': '5',
        'x-list': 'a, b',
        'content-type': 'application/json',
        accept: 'application/json, */*;q=0.5',
      }),
      body: { list: [1, { a: null }], day: '1970-01-01T00:00:00.000Z' },
    })
  })
})

test.each([null, false, 0, '', []])('the body %j is sent', async body => {
  await serve(bootstrap(App), async url => {
    const answer = await client(url, { echo }).echo({ name: 'a', body })
    expect(answer.body).toMatchObject({ body })
  })
})

describe('a form', () => {
  test('is urlencoded without a file', async () => {
    await serve(bootstrap(App), async url => {
      const { body } = await client(url, { form }).form({ form: { a: ['1', 'ü&'] } })
      expect(body).toEqual({ a: ['1', 'ü&'], type: 'application/x-www-form-urlencoded' })
    })
  })

  test('is multipart with a file', async () => {
    await serve(bootstrap(App), async url => {
      const file = new File(['text'], 'a.txt', { type: 'text/plain' })
      const { body } = await client(url, { form }).form({ form: { a: ['1', 'ü&'], file } })
      expect(body).toEqual({ a: ['1', 'ü&'], file: ['a.txt', 'text/plain', 'text'], type: 'multipart/form-data' })
    })
  })
})

describe('the HTTP method', () => {
  test.each([
    [Get('/'), 'GET'],
    [Put('/'), 'PUT'],
    [Delete('/'), 'DELETE'],
    [Route('/'), 'GET'],
    [Route('/', { methods: [] }), 'GET'],
    [Route('/', { methods: ['patch', 'POST'] }), 'PATCH'],
  ])('is that of the decorator (%#)', async (route, method) => {
    expect(await sent(fetch => client('', { route }, { fetch }).route())).toMatchObject({ method })
  })

  test('of a route with several is the one that the call wants', async () => {
    const edit = Route('/', { methods: ['PUT', 'GET'] })
    const methodOf = async (method: string) =>
      (await sent(fetch => client('', { edit }, { fetch }).edit({}, { method }))).method
    expect(await methodOf('get')).toBe('GET')
    expect(await methodOf('HEAD')).toBe('HEAD')
    await expect(methodOf('PATCH')).rejects.toThrow(new TypeError('edit has no method PATCH, only PUT, GET'))
    await expect(client('', { edit: Route('/', { methods: ['PUT'] }) }).edit({}, { method: 'HEAD' })).rejects.toThrow(
      'edit has no method HEAD, only PUT',
    )
  })
})

describe('header fields', () => {
  const show = Get('/', { headers: Any })

  test('of a call override those that are declared, and these those of the client', async () => {
    const headers = { 'X-A': 'client', 'X-B': 'client', 'X-C': 'client', Accept: 'text/csv' }
    const { headers: all } = await sent(fetch =>
      client('', { show }, { fetch, headers }).show(
        { headers: { 'x-b': 'declared', 'x-c': 'declared' } },
        { headers: { 'X-C': 'call' } },
      ),
    )
    expect(all).toEqual({ accept: 'text/csv', 'x-a': 'client', 'x-b': 'declared', 'x-c': 'call' })
  })

  test('may come from a function, which is called for each request', async () => {
    let count = 0
    const headers = async () => Promise.resolve({ Authorization: `Bearer ${++count}` })
    const tokens: unknown[] = []
    const fetch = (_: string, init: RequestInit) => {
      tokens.push((init.headers as Headers).get('Authorization'))
      return Promise.resolve(new Response())
    }
    const api = client('', { show }, { fetch, headers })
    await api.show()
    await api.show()
    expect(tokens).toEqual(['Bearer 1', 'Bearer 2'])
    await expect(
      client('', { show }, { fetch, headers: () => Promise.reject(new Error('log in')) }).show(),
    ).rejects.toThrow(new Error('log in'))
  })
})

describe('cookies', () => {
  const show = Get('/', { cookies: z.object({ 'a b': z.string().optional(), theme: z.string().optional() }) })

  test('are sent where fetch can send them', async () => {
    const { headers } = await sent(fetch =>
      client('', { show }, { fetch }).show({ cookies: { 'a b': 'ü;', theme: 'dark' } }),
    )
    expect(headers.cookie).toBe('a%20b=%C3%BC%3B; theme=dark')
  })

  test('are refused in a browser, which would send others', async () => {
    const { Request } = globalThis
    const api = client('', { show }, { fetch: () => Promise.resolve(new Response()) })
    try {
      globalThis.Request = class extends Request {
        override readonly headers = new Headers()
      }
      await expect(api.show({ cookies: { theme: 'dark' } })).rejects.toThrow(TypeError)
      await api.show({ cookies: {} })
      globalThis.Request = undefined as never
      await api.show({ cookies: { theme: 'dark' } })
    } finally {
      globalThis.Request = Request
    }
  })
})

test('a call may have a fetch of its own', async () => {
  const show = Get('/')
  const never = () => Promise.reject(new Error('not called'))
  expect(await sent(fetch => client('/api', { show }, { fetch: never }).show({}, { fetch }))).toMatchObject({
    url: '/api/',
  })
})

describe('what cannot be sent is a TypeError before anything is sent', () => {
  const fetch = () => {
    throw new Error('sent')
  }
  const list = Get('/', { body: Any })
  const routes = { echo, form, list, ping: Get('/'), theme: Get('/', { cookies: Any }) }
  const api = client('', routes, { fetch }) as unknown as Record<string, (...given: unknown[]) => Promise<unknown>>
  test.each<[string, unknown, string]>([
    ['echo', { name: 'a', bdy: 1 }, "echo takes no 'bdy', only name, body, query, headers"],
    ['ping', { name: 'a' }, "ping takes no 'name', only nothing"],
    ['echo', 'a', 'the input of echo must be an object with values by their names'],
    ['echo', null, 'the input of echo must be an object with values by their names'],
    ['echo', { name: 'a', query: [] }, 'query must be an object with values by their names'],
    ['echo', { name: 'a', query: new URLSearchParams() }, 'query must be an object with values by their names'],
    ['echo', { name: 'a', query: { a: [{}] } }, 'query.a must be a text, a number, true or false, or a list of these'],
    [
      'echo',
      { name: 'a', headers: { a: {} } },
      'headers.a must be a text, a number, true or false, or a list of these',
    ],
    ...[[['a']], new Uint8Array(1), Symbol('a'), () => 1, new Date(NaN)].map((a): [string, unknown, string] => [
      'echo',
      { name: 'a', query: { a: [a] } },
      'query.a must be a text, a number, true or false, or a list of these',
    ]),
    ['theme', { cookies: { theme: '\ud800' } }, 'cookies: "\\ud800" has half of a character'],
    ['echo', { name: 'a', headers: { 'a b': '1' } }, 'a b'],
    ['echo', { name: 'a', body: () => 1 }, 'body: JSON cannot express a function'],
    ['echo', { name: 'a', body: 1n }, 'BigInt'],
    ['form', { form: { a: {} } }, 'form.a must be a text, a number, true or false, or a list of these'],
    [
      'form',
      { form: { a: {}, file: new Blob([]) } },
      'form.a must be a text, a number, true or false, or a list of these',
    ],
    ['list', { body: {} }, 'fetch sends no body with GET: the route needs another method'],
  ])('%s %p', async (name, input, message) => {
    const error = await api[name]?.(input).catch((reason: unknown) => reason)
    expect((error as TypeError).name).toBe('TypeError')
    expect((error as TypeError).message).toContain(message)
  })
})

describe('a client', () => {
  test('refuses options that do not exist', () => {
    expect(() => client('', {}, { header: {} } as object)).toThrow(
      new TypeError("client: there is no option 'header'. The options are fetch, headers, converters"),
    )
  })

  test('refuses a base with a query', () => {
    expect(() => client('http://127.0.0.1/?a=1', {})).toThrow("must be a URL without '?' and '#'")
  })

  test('has only routes and groups', () => {
    const routes = { echo, form, Any, number: 1, nothing: null, call: () => 1 }
    expect(Object.keys(client(new URL('http://127.0.0.1'), routes))).toEqual(['echo', 'form'])
  })
})
