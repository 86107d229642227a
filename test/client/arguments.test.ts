import { bootstrap } from 'flaskoa'
import { client } from 'flaskoa/client'
import { Get, withPrefix } from 'flaskoa/contract'
import { testClient } from 'flaskoa/testing'

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

  test.each<[unknown, string, string]>([
    ['localhost:5000', "'localhost:5000'", "'http://localhost:5000'"],
    ['127.0.0.1:5000/api', "'127.0.0.1:5000/api'", "'http://127.0.0.1:5000/api'"],
    ['example.com', "'example.com'", "'http://example.com'"],
    ['ftp://example.com', "'ftp://example.com'", "'http://localhost:5000'"],
    [new URL('file:///etc'), "'file:///etc'", "'http://localhost:5000'"],
    ['http://', "'http://'", "'http://localhost:5000'"],
    ['http://a b', "'http://a b'", "'http://localhost:5000'"],
    ['http://example.com ', "'http://example.com '", "'http://localhost:5000'"],
    ['http://example.com:99999', "'http://example.com:99999'", "'http://localhost:5000'"],
  ])('%s is refused when the client is made', (base, value, fix) => {
    expect(() => make(base)).toThrow(
      new TypeError(
        `client: the base ${value} must begin with http:// or https://, such as ${fix}, or in a page be a path, such as '/api'`,
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

  test('has no password, which fetch refuses and a log must not have', () => {
    expect(() => make('http://ann:secret@127.0.0.1')).toThrow(
      new TypeError(
        'client: the base must have no user and no password, which fetch refuses. Send them by the option headers, ' +
          "{ Authorization: 'Basic …' }",
      ),
    )
    expect(() => make('https://ann@127.0.0.1')).toThrow('no user and no password')
  })

  class App {
    @Get('/') index() {
      return ''
    }
  }
  test.each<[unknown, string]>([
    [undefined, 'undefined'],
    [null, 'null'],
    [5000, '5000'],
    [{}, 'an object'],
    [[], 'a list'],
    [bootstrap(App), 'an object'],
    [bootstrap, 'a function'],
    [Symbol('url'), 'Symbol(url)'],
  ])('%s is neither a URL nor a test client', (base, value) => {
    expect(() => make(base)).toThrow(
      new TypeError(
        `client: the base must be a URL, such as 'http://localhost:5000', or testClient(app), not ${value}`,
      ),
    )
  })

  test('may be a test client', async () => {
    await expect(client(testClient(bootstrap(App)), { ping }).ping()).rejects.toMatchObject({ status: 404 })
  })
})

describe('the routes', () => {
  const make = (routes: unknown) => client('', routes as object)

  test.each<[unknown, string]>([
    [undefined, 'undefined'],
    [null, 'null'],
    ['/users', "'/users'"],
    [[ping], 'a list'],
    [Get, 'a function'],
    [ping, 'a decorator itself'],
    [withPrefix('/a', { ping }), 'a group itself'],
  ])('%p is no object of routes', (routes, value) => {
    expect(() => make(routes)).toThrow(
      new TypeError(
        `client: the routes must be an object with decorators of routes or groups, such as { createUser }, not ${value}`,
      ),
    )
  })

  test.each<[object, string]>([
    [{}, 'an empty object'],
    [{ User: {}, users: { ping } }, 'one that has only User, users'],
    [{ Get }, 'one that has only Get'],
  ])('%p has no route', (routes, value) => {
    expect(() => make(routes)).toThrow(
      new TypeError(
        `client: the routes must be an object with decorators of routes or groups, such as { createUser }, not ${value}`,
      ),
    )
  })

  test('of a group are an object of routes, too', () => {
    const groupOf = (routes: unknown) => ({ members: withPrefix('/members', routes as object) })
    const message = (value: string) =>
      new TypeError(
        'client: the routes of members must be an object with decorators of routes or groups, such as { createUser }, ' +
          `not ${value}`,
      )
    expect(() => make(groupOf(undefined))).toThrow(message('undefined'))
    expect(() => make(groupOf(ping))).toThrow(message('a decorator itself'))
    expect(() => make(groupOf({ User: {} }))).toThrow(message('one that has only User'))
    expect(() => make({ all: withPrefix('/all', groupOf(ping)) })).toThrow('the routes of all.members must be')
  })

  test('of a group may be left for later', () => {
    expect(make({ members: withPrefix('/members', {}) })).toEqual({ members: {} })
  })
})

test.each<[object, string]>([
  [{ show: Get('users' as '/') }, "the rule of show must begin with '/', not 'users'"],
  [{ a: withPrefix('/a', { show: Get('b' as '/') }) }, "the rule of a.show must begin with '/', not 'b'"],
  // http://127.0.0.1.example is another server.
  [{ a: withPrefix('.example' as '/', { ping }) }, "the prefix of a must begin with '/', not '.example'"],
  [{ a: withPrefix(undefined as never, { ping }) }, "the prefix of a must begin with '/', not undefined"],
])('a rule that does not begin with a slash is refused when the client is made (%#)', (routes, message) => {
  expect(() => client('http://127.0.0.1', routes)).toThrow(new TypeError(`client: ${message}`))
})
