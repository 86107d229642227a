import Koa from 'koa'
import {
  BeforeRequest,
  Blueprint,
  bootstrap,
  BuildError,
  currentContext,
  Delete,
  ErrorHandler,
  g,
  Get,
  lifecycle,
  Post,
  urlFor,
  UrlDefaults,
  UrlValuePreprocessor,
  type BootstrapOptions,
} from 'flaskoa'
import { testClient, testRequestContext, type RequestOptions } from 'flaskoa/testing'
import { answers } from '../support/answers'
import { clientOf } from '../support/client'
import { log, note } from '../support/log'
import { serve } from '../support/serve'
import { raw } from '../hostile/raw'

@Blueprint('/posts', { name: 'posts' })
class Posts {
  @Get('/') index() {
    return 'posts'
  }
  @Get('/<int:id>') show({ id }: { id: number }) {
    return `post ${id}`
  }
}

@Blueprint('/users', { name: 'users', blueprints: [Posts] })
class Users {
  @Get('/') index() {
    return 'users'
  }
  @Get('/<name>') show({ name }: { name: string }) {
    return name
  }
}

/** Gives requests a socket with these properties only, and no host. */
const setSocket =
  (socket: object): Koa.Middleware =>
  (ctx, next) => {
    Object.defineProperty(ctx.req, 'socket', { value: socket })
    delete ctx.req.headers.host
    return next()
  }

let build = (): unknown => undefined

class App {
  /** Answers in the place of whatever view the URL has. */
  @BeforeRequest run() {
    return [build()]
  }
  @Get('/') index() {
    return ''
  }
  @Get('/show/<int:id>') show() {
    return ''
  }
  @Get('/named', { endpoint: 'home' }) method() {
    return ''
  }
  @Get('/files/<path:path>') file() {
    return ''
  }
  @Get('/kind/<any(cat, "big dog"):kind>') kind() {
    return ''
  }
  @Get('/number/<int(fixed_digits=3):n>') number() {
    return ''
  }
  @Get('/float/<float:n>') float() {
    return ''
  }
  @Get('/hex/<hex:n>') hex() {
    return ''
  }
  @Get('/item', { endpoint: 'item' }) item() {
    return ''
  }
  @Post('/items') @Delete('/items/<int:id>') write() {
    return ''
  }
  @Get('/pages/<int:page>') @Get('/pages', { defaults: { page: 1 } }) pages() {
    return ''
  }
  @Get('/café <x>') encoded() {
    return ''
  }
}

const options: BootstrapOptions = {
  testing: true,
  blueprints: [Users],
  converters: { hex: { regex: '[0-9a-f]+', toUrl: value => (value as number).toString(16) } },
}
const client = clientOf(App, options)

/** What `make` gives in a request. */
async function inRequest(make: () => unknown, path = '/', options?: RequestOptions): Promise<unknown> {
  build = make
  return (await client.get(path, options)).json<unknown[]>()[0]
}

describe('[11.6] endpoints', () => {
  test.each([
    ['index', {}, '/'],
    ['show', { id: 5 }, '/show/5'],
    ['home', {}, '/named'],
    ['users.index', {}, '/users/'],
    ['users.show', { name: 'root' }, '/users/root'],
    ['users.posts.index', {}, '/users/posts/'],
    ['users.posts.show', { id: 5 }, '/users/posts/5'],
  ])('%s', async (endpoint, values, url) => {
    expect(await inRequest(() => urlFor(endpoint, values))).toBe(url)
    expect((await client.get(url)).status).toBe(200)
  })

  test.each([
    ['/users/', '.show', { name: 'root' }, '/users/root'],
    ['/users/root', '.index', {}, '/users/'],
    ['/users/posts/5', '.index', {}, '/users/posts/'],
    ['/users/posts/', '.show', { id: 5 }, '/users/posts/5'],
    ['/', '.show', { id: 5 }, '/show/5'],
    ['/users/posts/', 'index', {}, '/'],
    ['/users/posts/none/none', '.show', { id: 5 }, '/show/5'],
  ])('in a request to %s, %s', async (path, endpoint, values, url) => {
    expect(await inRequest(() => urlFor(endpoint, values), path)).toBe(url)
  })

  test('a blueprint that is registered twice has its own for each', async () => {
    const twice = clientOf(App, {
      ...options,
      blueprints: [Users, { blueprint: Users, name: 'people', prefix: '/people' }],
    })
    build = () => [urlFor('.index'), urlFor('users.index'), urlFor('people.posts.index')]
    const others = ['/users/', '/people/posts/']
    expect((await twice.get('/users/')).json()).toEqual([['/users/', ...others]])
    expect((await twice.get('/people/root')).json()).toEqual([['/people/', ...others]])
  })
})

describe('values', () => {
  test.each([
    ['file', { path: 'a b/ü?#%' }, '/files/a%20b/%C3%BC%3F%23%25'],
    ['kind', { kind: 'big dog' }, '/kind/big%20dog'],
    ['number', { n: 7 }, '/number/007'],
    ['float', { n: 2 }, '/float/2.0'],
    ['hex', { n: 255 }, '/hex/ff'],
    ['encoded', { x: 'é' }, '/caf%C3%A9%20%C3%A9'],
    ['users.show', { name: '...' }, '/users/...'],
    ['float', { n: 1e-7 }, '/float/0.0000001'],
    ['float', { n: -0 }, '/float/0.0'],
    ['float', { n: '1.50' }, '/float/1.50'],
    ['float', { n: 5n }, '/float/5.0'],
  ])('%s of %p', async (endpoint, values, url) => {
    expect(await inRequest(() => urlFor(endpoint, values))).toBe(url)
  })

  test.each([
    [{ q: 'a b&c=d', page: 2 }, '/?q=a+b%26c%3Dd&page=2'],
    [{ tag: ['a', 'b'], no: [] }, '/?tag=a&tag=b'],
    [{ gone: undefined, none: null, empty: '', zero: 0, off: false }, '/?empty=&zero=0&off=false'],
    [{}, '/'],
  ])('what is no variable is the query: %p', async (values, url) => {
    expect(await inRequest(() => urlFor('index', values))).toBe(url)
  })

  test('are not changed', async () => {
    const values = Object.freeze({ id: 5, q: 'x' })
    expect(await inRequest(() => urlFor('show', values))).toBe('/show/5?q=x')
  })

  test('choose among the rules of an endpoint', async () => {
    expect(
      await inRequest(() => [
        urlFor('pages'),
        urlFor('pages', { page: 1 }),
        urlFor('pages', { page: 2 }),
        urlFor('write'),
        urlFor('write', { id: 5 }),
        urlFor('write', { id: 5 }, { method: 'POST' }),
      ]),
    ).toEqual(['/pages', '/pages', '/pages/2', '/items', '/items/5', '/items?id=5'])
  })
})

describe('options', () => {
  test('anchor', async () => {
    expect(await inRequest(() => urlFor('index', { q: 1 }, { anchor: 'x y' }))).toBe('/?q=1#x%20y')
    expect(await inRequest(() => urlFor('index', {}, { anchor: '' }))).toBe('/')
    expect(await inRequest(() => urlFor('index', {}, { anchor: '/a/b?c=d&e@f:g%#é' }))).toBe(
      '/#/a/b?c=d&e@f:g%25%23%C3%A9',
    )
    expect(await inRequest(() => urlFor('index', {}, { anchor: 'a\ud800' }))).toBe('/#a%EF%BF%BD')
  })

  test('external and scheme', async () => {
    expect(
      await inRequest(() => [
        urlFor('users.index', {}, { external: true, anchor: 'top' }),
        urlFor('users.index', {}, { scheme: 'https' }),
        urlFor('users.index', {}, { scheme: 'wss', external: true }),
        urlFor('users.index', {}, { external: false }),
      ]),
    ).toEqual(['http://localhost/users/#top', 'https://localhost/users/', 'wss://localhost/users/', '/users/'])
    const both = inRequest(() => urlFor('users.index', {}, { scheme: 'https', external: false }))
    await expect(both).rejects.toThrow(
      "urlFor('users.index'): only an absolute URL has a scheme. Leave out external: false.",
    )
  })

  test('the host and the scheme are those of ctx', async () => {
    const headers = { host: 'inner.test:8080', 'x-forwarded-host': 'outer.test', 'x-forwarded-proto': 'https' }
    const external = () => urlFor('index', {}, { external: true })
    expect(await inRequest(external, '/', { headers })).toBe('http://inner.test:8080/')
    const proxied = clientOf(App, { ...options, koa: { proxy: true } })
    expect((await proxied.get('/', { headers })).json()).toEqual(['https://outer.test/'])
  })
})

test.each<[string, unknown[], string]>([
  [
    'an option of Flask',
    ['index', {}, { _external: true }],
    "urlFor('index'): there is no option '_external'. Did you mean 'external'? The options are",
  ],
  [
    'a misspelt option',
    ['index', {}, { externl: true }],
    "urlFor('index'): there is no option 'externl'. Did you mean 'external'? The options are",
  ],
  ...(
    [
      ['_external', true, 'true'],
      ['_anchor', 'top', '"top"'],
      ['_scheme', 'https', '"https"'],
      ['_method', 'GET', '"GET"'],
    ] as const
  ).map(([name, value, text]): [string, unknown[], string] => [
    `Flask's ${name} among the values`,
    ['index', { [name]: value }],
    `urlFor(): '${name}' among the values is Flask's name of an option. Options are the third argument: ` +
      `urlFor(endpoint, values, { ${name.slice(1)}: ${text} })`,
  ]),
  ['external', ['index', {}, { external: 'no' }], 'external must be true or false, not "no"'],
  ...['', 'https:', 'https://evil.test/', 5, null].map(
    scheme =>
      ['scheme', ['index', {}, { scheme }], 'scheme must be a scheme without a colon'] as [string, unknown[], string],
  ),
  ['anchor', ['index', {}, { anchor: 5 }], 'anchor must be a text, not 5'],
  ['method', ['index', {}, { method: ['GET'] }], 'method must be a text'],
  ['options', ['index', {}, 'external'], 'expected an object of options, not "external"'],
  ['values', ['index', 'q=1'], 'urlFor(\'index\'): the values must be an object, not "q=1"'],
  ['endpoint', [undefined], 'urlFor: the endpoint must be a text, not undefined'],
])('%s: urlFor(...%j) is a TypeError', async (_, given, message) => {
  const building = inRequest(() => (urlFor as (...values: unknown[]) => string)(...given))
  await expect(building).rejects.toThrow(TypeError)
  await expect(building).rejects.toThrow(message)
})

test("a variable of a rule may have the name of Flask's option", async () => {
  class Named {
    @Get('/<_anchor>')
    show({ _anchor }: { _anchor: string }) {
      return _anchor
    }
  }
  expect(await testRequestContext(bootstrap(Named), '/x', () => urlFor('show', { _anchor: 'top' }))).toBe('/top')
})

describe('what can not be in a URL is refused', () => {
  const refusal = (values: object) =>
    inRequest(() => urlFor('index', values as Record<string, unknown>)).catch((error: unknown) => error)

  test.each([{ a: 1 }, [{}], [['a'], [{}]]].map(filter => ({ filter })))('%p in the query', async values => {
    const error = await refusal(values)
    expect(error).toBeInstanceOf(TypeError)
    expect((error as Error).message).toMatch(
      /^urlFor\(\): the value of 'filter' is an object of class (Object|Array): a query/,
    )
  })

  test('an object in the path', async () => {
    await expect(inRequest(() => urlFor('users.show', { name: {} }))).rejects.toThrow(
      `"[object Object]" for 'name' is not what <name> matches`,
    )
  })

  test('objects with a text are taken, and options that are undefined', async () => {
    const values = { at: new Date(0), url: new URL('http://a.test/'), text: '[object Object]' }
    const url = await inRequest(() => urlFor('index', values, { anchor: undefined, external: undefined } as object))
    expect(Object.fromEntries(new URL(String(url), 'http://b.test').searchParams)).toEqual({
      at: String(new Date(0)),
      url: 'http://a.test/',
      text: '[object Object]',
    })
  })
})

test('in a blueprint an endpoint of its own is suggested with a dot', async () => {
  const building = inRequest(() => urlFor('posts.index'), '/users/')
  await expect(building).rejects.toThrow("did you mean '.posts.index'?")
})

describe('BuildError', () => {
  const problem = (endpoint: string, values = {}, options = {}) =>
    inRequest(() => urlFor(endpoint, values, options)).catch((error: unknown) => (error as Error).message)

  test.each([
    ['user.show', {}, {}, "there is no such endpoint, did you mean 'users.show'?"],
    ['.shwo', {}, {}, "there is no such endpoint, did you mean 'show'?"],
    [
      'static',
      {},
      {},
      "there is no such endpoint; it comes with flaskoa/static: bootstrap(App, { extensions: [staticFiles('static')] })",
    ],
    [
      'users.static',
      {},
      {},
      "there is no such endpoint; it comes with flaskoa/static: bootstrap(App, { extensions: [staticFiles('static')] })",
    ],
    ['posts.show', {}, {}, "there is no such endpoint, did you mean 'users.posts.show'?"],
    ['show', {}, {}, "no value for 'id' (rule '/show/<int:id>')"],
    ['show', { id: null }, {}, "no value for 'id' (rule '/show/<int:id>')"],
    ['show', { id: 'x' }, {}, `"x" for 'id' is not what <int:id> matches (rule '/show/<int:id>')`],
    ['users.show', { name: 'a/b' }, {}, `"a/b" for 'name' is not what <name> matches (rule '/users/<name>')`],
    ['users.show', { name: '..' }, {}, "clients remove the segment '..' of '/users/..' (rule '/users/<name>')"],
    ['file', { path: 'a/./b' }, {}, "clients remove the segment '.' of '/files/a/./b' (rule '/files/<path:path>')"],
    [
      'number',
      { n: 1000 },
      {},
      `"1000" for 'n' is not what <int(fixed_digits=3):n> matches (rule '/number/<int(fixed_digits=3):n>')`,
    ],
    [
      'show',
      { id: 1e15 * 100 },
      {},
      `"100000000000000000" for 'id' is not what <int:id> matches (rule '/show/<int:id>')`,
    ],
    ['index', {}, { method: 'POST' }, 'none of its rules takes POST'],
    ['write', {}, { method: 'DELETE' }, "no value for 'id' (rule '/items/<int:id>')"],
  ])('%s with %p and %p', async (endpoint, values, options, message) => {
    const name = endpoint.replace(/^\./, '')
    expect(await problem(endpoint, values, options)).toBe(
      `Could not build a URL for the endpoint '${name}': ${message}`,
    )
  })

  test('has the endpoint, the values and the method', async () => {
    const failed = inRequest(() => urlFor('show', { q: 1 }, { method: 'GET' }))
    await expect(failed).rejects.toBeInstanceOf(BuildError)
    await expect(failed).rejects.toMatchObject({
      name: 'BuildError',
      endpoint: 'show',
      values: { q: 1 },
      method: 'GET',
    })
  })

  test('can be handled like any error', async () => {
    class Links {
      @Get('/') index() {
        return urlFor('nowhere')
      }
      @ErrorHandler(BuildError) failed({ endpoint }: BuildError) {
        return `no ${endpoint}`
      }
    }
    expect((await clientOf(Links).get('/')).text).toBe('no nowhere')
  })
})

test('outside of a request, urlFor throws an error that says so', () => {
  expect(() => urlFor('index')).toThrow(/^urlFor\(\) was used outside of a request\./)
})

test('an error that is no BuildError is thrown as it is', async () => {
  const value = { toString: () => ({}) }
  await expect(inRequest(() => urlFor('index', { value }))).rejects.toThrow('Cannot convert object to primitive value')
})

describe('a request without a host', () => {
  class Links {
    @Get('/') index() {
      return [urlFor('index'), urlFor('index', {}, { external: true })]
    }
  }
  const heads = ['GET / HTTP/1.0\r\n\r\n', 'GET / HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n']
  const bodyOf = async (url: string, head: string) => JSON.parse((await raw(url, head)).split('\r\n\r\n')[1] as string)

  test.each(heads)('has the host of baseUrl in absolute URLs: %j', async head => {
    await serve(bootstrap(Links, { baseUrl: 'https://example.com/app/' }), async url => {
      expect(await bodyOf(url, head)).toEqual(['/', 'https://example.com/app/'])
    })
  })

  test.each(heads)('without baseUrl, has the address that it came to, as in Flask: %j', async head => {
    await serve(bootstrap(Links), async url => {
      expect(await bodyOf(url, head)).toEqual(['/', `${url}/`])
    })
  })

  test.each([
    ['::1', '[::1]:5000'],
    ['::ffff:10.0.0.1', '10.0.0.1:5000'],
  ])('the address %s is %s', async (localAddress, host) => {
    const app = bootstrap(Links, { middleware: [setSocket({ localAddress, localPort: 5000 })] })
    expect((await testClient(app).get('/')).json()).toEqual(['/', `http://${host}/`])
  })

  test('and without an address, urlFor throws an error that names baseUrl', async () => {
    const app = bootstrap(Links, { testing: true, middleware: [setSocket({})] })
    await expect(testClient(app).get('/')).rejects.toThrow(
      'urlFor(): the request names no host, so an absolute URL needs the option baseUrl.',
    )
  })

  test('[4.4] a refused host is in no URL of the page that an error handler makes', async () => {
    class Refused extends Links {
      @ErrorHandler(400) refused() {
        return urlFor('index', {}, { external: true })
      }
    }
    const app = bootstrap(Refused, { baseUrl: 'https://example.com', trustedHosts: ['example.com'] })
    expect((await testClient(app).get('/', { headers: { host: 'evil.example' } })).text).toBe('https://example.com/')
  })
})

describe('UrlDefaults', () => {
  @Blueprint('/<lang>/inner', { name: 'inner' })
  class Inner {
    @UrlDefaults() add(endpoint: string, values: Record<string, unknown>) {
      note(`Inner.add ${endpoint} ${JSON.stringify(values)}`)
      values.lang ??= g.name
      return 'ignored'
    }
    @Get('/') index() {
      const values = {}
      return [urlFor('.index', values), values, urlFor('.index', { lang: 'en' }), urlFor('home')]
    }
  }
  class Home {
    @UrlValuePreprocessor keep(_endpoint: string | undefined, values?: Record<string, unknown>) {
      g.name = String(values?.lang)
    }
    @UrlDefaults add(endpoint: string, values: Record<string, unknown>) {
      note(`Home.add ${endpoint} ${JSON.stringify(values)}`)
    }
    @Get('/') home() {
      return urlFor('inner.index', { lang: 'de', page: 1 })
    }
    @Get('/missing') missing() {
      return urlFor('inner.index')
    }
  }

  test('fill in values: those of the application first, then those of the endpoint’s blueprints', async () => {
    const client = clientOf(Home, { blueprints: [Inner] })
    expect((await client.get('/')).text).toBe('/de/inner/?page=1')
    expect(log.splice(0)).toEqual([
      'Home.add inner.index {"lang":"de","page":1}',
      'Inner.add inner.index {"lang":"de","page":1}',
    ])
    expect((await client.get('/fr/inner/')).json()).toEqual(['/fr/inner/', {}, '/en/inner/', '/'])
    expect(log).toEqual([
      'Home.add inner.index {}',
      'Inner.add inner.index {}',
      'Home.add inner.index {"lang":"en"}',
      'Inner.add inner.index {"lang":"en"}',
      'Home.add home {}',
    ])
  })

  test('cannot be asynchronous, since urlFor is not', async () => {
    class Async {
      @UrlDefaults() async add() {
        await Promise.reject(new Error('too late'))
      }
      @Get('/') index() {
        return urlFor('index')
      }
    }
    await expect(clientOf(Async, { testing: true }).get('/')).rejects.toThrow(
      'Async.add is asynchronous: urlFor() cannot wait. Compute what the method needs beforehand, for instance in a ' +
        'before method, and keep it in g.',
    )
  })
})

describe('below a mount path', () => {
  /** Takes a prefix off the path as koa-mount does. */
  const mount = (prefix: string, middleware: Koa.Middleware): Koa.Middleware =>
    async function (ctx, next) {
      const { path } = ctx
      ctx.mountPath = prefix
      ctx.path = path.slice(prefix.length) || '/'
      await middleware(ctx, next)
      ctx.path = path
    }
  const app = new Koa()
  app.use(mount('/site', lifecycle(App, options)))

  test('URLs begin with it', async () => {
    build = () => [currentContext().path, urlFor('.index'), urlFor('index', {}, { external: true })]
    expect((await testClient(app).get('/site/users/')).json()).toEqual([
      ['/users/', '/site/users/', 'http://localhost/site/'],
    ])
  })

  test('[4.5] and so do slash redirects', async () => {
    build = () => undefined
    class Slashes {
      @Get('/x/') index() {
        return 'x'
      }
    }
    const app = new Koa()
    app.use(mount('/site', lifecycle(Slashes)))
    expect(await answers(app, 'GET /site/x?q=1', 'GET /site/x/')).toEqual(['308 /site/x/?q=1', '200 x'])
    expect(await answers(bootstrap(Slashes), 'GET /x?q=1')).toEqual(['308 /x/?q=1'])
  })
})
