import { bootstrap } from 'flaskoa'
import { client } from 'flaskoa/client'
import { Get, Post, Route, withPrefix } from 'flaskoa/contract'
import { testClient } from 'flaskoa/testing'
import { z } from 'zod'

const ping = Get('/ping')

describe('the base', () => {
  const urls: string[] = []
  const fetch = (url: string) => {
    urls.push(url)
    return Promise.resolve(new Response())
  }
  const make = (base: unknown) => client(base as string, { ping }, { fetch })

  test.each([
    ['http://localhost:5000', 'http://localhost:5000/ping'],
    ['HTTPS://Example.com/api/', 'HTTPS://Example.com/api/ping'],
    ['http://[::1]:5000', 'http://[::1]:5000/ping'],
    [new URL('http://127.0.0.1/api'), 'http://127.0.0.1/api/ping'],
    ['', '/ping'],
    ['/', '/ping'],
    ['/api', '/api/ping'],
    ['//example.com', '//example.com/ping'],
  ])('%s', async (base, url) => {
    urls.length = 0
    await make(base).ping()
    expect(urls).toEqual([url])
  })

  test.each([
    'localhost:5000',
    '127.0.0.1:5000/api',
    'api',
    'ftp://example.com',
    new URL('file:///etc'),
    'http://',
    'http:localhost',
    'http://a b',
    'http://example.com ',
    'http://example.com:99999',
  ])('%s is refused when the client is made', base => {
    expect(() => make(base)).toThrow(
      new TypeError(
        `client: the base '${String(base)}' must begin with http:// or https://, such as http://localhost:5000, or in a ` +
          'page with /',
      ),
    )
  })

  test.each(['http://127.0.0.1/?a=1', 'http://127.0.0.1?', '/api#top', new URL('http://127.0.0.1/#a')])(
    '%s has a query or a fragment',
    base => {
      expect(() => make(base)).toThrow(
        new TypeError(`client: the base '${String(base)}' must be a URL without '?' and '#'`),
      )
    },
  )

  class App {
    @Get('/') index() {
      return ''
    }
  }
  test.each([undefined, null, 5000, {}, [], bootstrap(App), bootstrap, Symbol('url')])(
    '%p is neither a URL nor a test client',
    base => {
      expect(() => make(base)).toThrow(
        new TypeError(`client: the base must be a URL or testClient(app), not ${typeof base}`),
      )
    },
  )

  test('may be a test client', async () => {
    await expect(client(testClient(bootstrap(App)), { ping }).ping()).rejects.toMatchObject({ status: 404 })
  })
})

describe('the routes', () => {
  const make = (routes: unknown) => client('', routes as object)
  const groupOf = (routes: unknown) => ({ members: withPrefix('/members', routes as object) })

  test.each([
    ['nothing', undefined],
    ['null', null],
    ['a text', '/users'],
    ['a list', [ping]],
    ['a decorator itself', ping],
    ['a group itself', groupOf({ ping }).members],
    ['an empty object', {}],
    ['objects of routes without a prefix', { User: {}, users: { ping } }],
    ['a decorator that has not been called', { Get }],
  ])('%s has no route', (_, routes) => {
    const problem = 'must be an object of decorators, such as { createUser }'
    expect(() => make(routes)).toThrow(new TypeError(`client: the routes ${problem}`))
  })

  test.each([undefined, [ping], ping, { User: {} }])('of a group must be routes, too (%#)', routes => {
    expect(() => make({ all: withPrefix('/all', groupOf(routes)) })).toThrow(
      new TypeError('client: the routes of members must be an object of decorators, such as { createUser }'),
    )
  })

  test('of a group may be written later', () => {
    expect(make(groupOf({}))).toEqual({ members: {} })
  })

  test.each([
    ['users', { show: Get('users' as '/') }],
    // http://127.0.0.1.example is another server.
    ['.example/ping', { a: withPrefix('.example' as '/', { ping }) }],
  ])('with the rule %s are refused', (rule, routes) => {
    expect(() => client('http://127.0.0.1', routes)).toThrow(new TypeError(`the rule '${rule}' must begin with '/'`))
  })
})

test.each<[unknown, string]>([
  [{ header: {} }, "client: there is no option 'header'. The options are fetch, headers, converters"],
  [null, 'client: the options must be an object with values by their names'],
  ['token', 'client: the options must be an object with values by their names'],
])('%p cannot be the options of a client', (options, message) => {
  expect(() => client('', { ping }, options as object)).toThrow(new TypeError(message))
})

describe('the options of a call', () => {
  const fetch = () => {
    throw new Error('sent')
  }
  const text = z.string()
  const routes = {
    ping,
    show: Get('/users/<int:id>', { query: z.object({ page: text.optional() }) }),
    create: Post('/users', { body: z.object({ name: text }) }),
    several: Route('/several', { methods: ['PUT', 'POST'] }),
  }
  const inputs = { ping: {}, show: { id: 1 }, create: { body: { name: '' } }, several: {} }
  const callsOf = (options: object) =>
    client('', routes, options) as unknown as Record<string, (...given: unknown[]) => Promise<unknown>>
  const api = callsOf({ fetch })
  const known = 'The options are signal, headers, fetch, method (for Route)'
  const belongs = 'It belongs in the first argument'
  const noObject = 'must be an object with values by their names'

  test.each<[keyof typeof inputs, unknown, string]>([
    ['ping', { headrs: {} }, `ping: there is no option 'headrs'. ${known}`],
    ['several', { methd: 'PUT' }, `several: there is no option 'methd'. ${known}`],
    ['create', { body: {} }, `create: there is no option 'body'. ${known}. ${belongs}`],
    ['ping', { query: {} }, `ping: there is no option 'query'. ${known}. ${belongs}`],
    ['show', { id: 1 }, `show: there is no option 'id'. ${known}. ${belongs}`],
    ['ping', { toString: 1 }, `ping: there is no option 'toString'. ${known}`],
    ['ping', null, `ping: the options ${noObject}`],
    ['ping', 'now', `ping: the options ${noObject}`],
    ['ping', [], `ping: the options ${noObject}`],
    ['ping', { headers: new Headers() }, `headers ${noObject}`],
    ['ping', { headers: [['a', 'b']] }, `headers ${noObject}`],
  ])('%s with %p is a TypeError before anything is sent', async (name, options, message) => {
    await expect(api[name]?.(inputs[name], options)).rejects.toThrow(new TypeError(message))
  })

  test('are not a signal itself', async () => {
    await expect(api.ping?.({}, AbortSignal.abort())).rejects.toThrow(
      /^ping: there is no option '\w+'. The options are/,
    )
  })

  test('are not looked for among the input', async () => {
    await expect(api.show?.({ id: 1, signal: AbortSignal.abort() })).rejects.toThrow(
      new TypeError("show takes no 'signal', only id, query. It belongs in the second argument"),
    )
    await expect(api.ping?.({ headers: {} })).rejects.toThrow(
      new TypeError("ping takes no 'headers', only nothing. It belongs in the second argument"),
    )
  })

  test('may be undefined', async () => {
    const options = { signal: undefined, headers: undefined, fetch: undefined, method: undefined }
    const answering = client('', routes, { fetch: () => Promise.resolve(new Response()), headers: undefined })
    expect(await answering.several({}, options)).toMatchObject({ status: 200 })
  })

  test.each(['Bearer 1', new Headers()])('%p cannot be the header fields of a client', async headers => {
    await expect(callsOf({ fetch, headers }).ping?.()).rejects.toThrow(new TypeError(`headers ${noObject}`))
    await expect(callsOf({ fetch, headers: () => headers }).ping?.()).rejects.toThrow(`headers ${noObject}`)
  })
})
