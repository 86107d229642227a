import {
  AfterRequest,
  BeforeRequest,
  Blueprint,
  bootstrap,
  currentContext,
  Delete,
  ErrorHandler,
  Get,
  Post,
  request as currentRequest,
  Route,
  TeardownRequest,
  UrlValuePreprocessor,
  type BootstrapOptions,
  type Class,
  type Context,
  type HttpError,
  type Response,
} from 'flaskoa'
import { answers } from '../support/answers'
import { ask } from '../support/ask'
import { log, note } from '../support/log'
import { serve } from '../support/serve'
import { worlds } from '../support/worlds'

const appOf = (controller: Class, options: BootstrapOptions = {}) =>
  bootstrap(controller, { logger: false, ...options })
const answersOf = (controller: Class, ...requests: string[]) => answers(appOf(controller), ...requests)

describe('converters', () => {
  class App {
    @Get('/string/<s>')
    @Get('/length/<string(length=2):s>')
    @Get('/int/<int:i>')
    @Get('/float/<float:f>')
    @Get('/path/<path:p>/end')
    @Get('/uuid/<uuid:u>')
    @Get('/any/<any(one, "two words"):a>')
    @Get('/two/<int:i>.<s>')
    show(values: object) {
      return values
    }
  }
  test.each([
    ['/string/some%20text', { s: 'some text' }],
    ['/string/5', { s: '5' }],
    ['/length/ab', { s: 'ab' }],
    ['/length/abc', 404],
    ['/int/007', { i: 7 }],
    ['/int/-7', 404],
    ['/int/x', 404],
    ['/float/1.50', { f: 1.5 }],
    ['/float/1', 404],
    ['/path/a/b/c/end', { p: 'a/b/c' }],
    ['/path/a/end', { p: 'a' }],
    ['/path/end', 404],
    ['/uuid/123E4567-e89b-12d3-a456-426614174000', { u: '123e4567-e89b-12d3-a456-426614174000' }],
    ['/uuid/123', 404],
    ['/any/one', { a: 'one' }],
    ['/any/two%20words', { a: 'two words' }],
    ['/any/three', 404],
    ['/two/5.txt', { i: 5, s: 'txt' }],
  ])('%s', async (path, values) => {
    const expected = typeof values === 'number' ? String(values) : `200 ${JSON.stringify(values)}`
    expect(await answersOf(App, `GET ${path}`)).toEqual([expected])
  })
})

describe("converters of the user's own", () => {
  class App {
    @Get('/hex/<hex:n>') hex({ n }: { n: number }) {
      return { n }
    }
    @Get('/list/<list:items>') list({ items }: { items: string[] }) {
      return items
    }
    @Get('/list/<list(","):items>/commas') commas({ items }: { items: string[] }) {
      return items
    }
  }
  const converters: BootstrapOptions['converters'] = {
    hex: {
      regex: '[0-9a-fA-F]+',
      convert: text => (text.length > 8 ? undefined : parseInt(text, 16)),
    },
    list: ({ positional: [separator = '+'] }) => ({ convert: text => text.split(String(separator)) }),
  }

  test('convert what their regex takes; undefined refuses it', async () => {
    const app = appOf(App, { converters })
    expect(await answers(app, 'GET /hex/fF', 'GET /hex/xyz', 'GET /hex/123456789')).toEqual([
      '200 {"n":255}',
      '404',
      '404',
    ])
  })

  test('may take arguments', async () => {
    const app = appOf(App, { converters })
    expect(await answers(app, 'GET /list/a+b', 'GET /list/a,b/commas')).toEqual(['200 ["a","b"]', '200 ["a","b"]'])
  })

  test('may take the place of a built-in one', async () => {
    class Numbers {
      @Get('/<int:n>') show({ n }: { n: number }) {
        return [n]
      }
    }
    const int = { regex: '[IVX]+', convert: (text: string) => text.length }
    expect(await answers(appOf(Numbers, { converters: { int } }), 'GET /IX', 'GET /9')).toEqual(['200 [2]', '404'])
  })

  test('can use the request that they convert for', async () => {
    class Mine {
      @Get('/<list:items>') show({ items }: { items: string[] }) {
        return items
      }
    }
    const list = { convert: (text: string) => [currentContext().path, currentRequest.method, text] }
    expect(await answers(appOf(Mine, { converters: { list } }), 'GET /x')).toEqual(['200 ["/x","GET","x"]'])
  })

  test('[6.1, 7.2] a converter that throws is a 500, and teardown gets the error', async () => {
    class Broken {
      @Get('/<hex:n>') show({ n }: { n: number }) {
        return [n]
      }
      @TeardownRequest close(error?: Error) {
        note(`teardown ${error?.message}`)
      }
    }
    const hex = {
      convert() {
        throw new RangeError('broken')
      },
    }
    expect(await answers(appOf(Broken, { converters: { hex } }), 'GET /x')).toEqual(['500'])
    expect(log).toEqual(['teardown broken'])
  })
})

test('[4.6] static before variables, int before string before path, whatever the order of the methods', async () => {
  class Forwards {
    @Get('/<path:p>') path({ p }: { p: string }) {
      return `path ${p}`
    }
    @Get('/<s>') string({ s }: { s: string }) {
      return `string ${s}`
    }
    @Get('/<int:i>') int({ i }: { i: number }) {
      return `int ${i}`
    }
    @Get('/me') me() {
      return 'me'
    }
    @Get('/<s>/edit') edit({ s }: { s: string }) {
      return `edit ${s}`
    }
  }
  class Backwards {
    @Get('/<s>/edit') edit({ s }: { s: string }) {
      return `edit ${s}`
    }
    @Get('/me') me() {
      return 'me'
    }
    @Get('/<int:i>') int({ i }: { i: number }) {
      return `int ${i}`
    }
    @Get('/<s>') string({ s }: { s: string }) {
      return `string ${s}`
    }
    @Get('/<path:p>') path({ p }: { p: string }) {
      return `path ${p}`
    }
  }
  for (const controller of [Forwards, Backwards]) {
    expect(await answersOf(controller, 'GET /me', 'GET /5', 'GET /you', 'GET /me/edit', 'GET /me/too')).toEqual([
      '200 me',
      '200 int 5',
      '200 string you',
      '200 edit me',
      '200 path me/too',
    ])
  }
})

describe('methods', () => {
  class App {
    @BeforeRequest before({ method }: Context) {
      note(`before ${method}`)
    }
    @AfterRequest after(response: Response) {
      note(`after ${String(response.body)}`)
      return response
    }
    @Get('/') index() {
      note('index')
      return 'index'
    }
    @Route('/shared', { methods: ['post', 'Put'] }) write() {
      return 'write'
    }
    @Get('/shared') read() {
      return 'read'
    }
    @Delete('/<name>') remove({ name }: { name: string }) {
      return `remove ${name}`
    }
    @Route('/own', { methods: ['OPTIONS', 'HEAD'] }) own({ method }: Context) {
      note(`own ${method}`)
      return 'own'
    }
    @Get('/off', { provideAutomaticOptions: false }) off() {
      return 'off'
    }
    @Get('/off/<int:id>', { provideAutomaticOptions: false }) offWithId() {
      return 'off'
    }
  }

  test('[4.1] GET by default, names in any case', async () => {
    expect(await answersOf(App, 'GET /', 'POST /shared', 'PUT /shared', 'GET /shared')).toEqual([
      '200 index',
      '200 write',
      '200 write',
      '200 read',
    ])
  })

  test('[4.1, 4.3] HEAD comes with GET: all methods run, and the body is dropped at the end', async () => {
    const headers = await serve(appOf(App), async url => (await fetch(url, { method: 'HEAD' })).headers)
    expect(headers.get('content-length')).toBe('5')
    expect(log).toEqual(['before HEAD', 'index', 'after index'])
  })

  test('[4.3] HEAD never starts a stream', async () => {
    class Streaming {
      @Get('/') async *index() {
        note('started')
        yield await Promise.resolve('chunk')
      }
    }
    expect(await answersOf(Streaming, 'HEAD /')).toEqual(['200'])
    expect(log).toEqual([])
    expect(await answersOf(Streaming, 'GET /')).toEqual(['200 chunk'])
  })

  test('[4.3] HEAD by a view of its own', async () => {
    expect(await answersOf(App, 'HEAD /own')).toEqual(['200'])
    expect(log).toEqual(['before HEAD', 'own HEAD', 'after own'])
  })

  test('[4.2] the automatic OPTIONS: nothing but Allow, for all rules of the URL, inside the hooks', async () => {
    expect(await answersOf(App, 'OPTIONS /', 'OPTIONS /shared', 'OPTIONS /other')).toEqual([
      '200 [GET, HEAD, OPTIONS]',
      '200 [DELETE, GET, HEAD, OPTIONS, POST, PUT]',
      '200 [DELETE, OPTIONS]',
    ])
    expect(log).toEqual(['before OPTIONS', 'after ', 'before OPTIONS', 'after ', 'before OPTIONS', 'after '])
  })

  test('[4.1] a view that lists OPTIONS answers it', async () => {
    expect(await answersOf(App, 'OPTIONS /own')).toEqual(['200 own'])
  })

  test('[4.1] without the automatic OPTIONS it is a 405, or another rule answers', async () => {
    expect(await answersOf(App, 'OPTIONS /off/1', 'OPTIONS /off')).toEqual([
      '405 [GET, HEAD]',
      '200 [DELETE, GET, HEAD, OPTIONS]',
    ])
  })

  test('[4.4] a wrong method is a 405 with Allow, an unknown URL a 404', async () => {
    expect(await answersOf(App, 'POST /', 'PATCH /shared', 'GET /other', 'PURGE /', 'GET /no/such')).toEqual([
      '405 [GET, HEAD, OPTIONS]',
      '405 [DELETE, GET, HEAD, OPTIONS, POST, PUT]',
      '405 [DELETE, OPTIONS]',
      '405 [GET, HEAD, OPTIONS]',
      '404',
    ])
  })
})

describe('[2.4, 4.4, 5.7] URLs without a view', () => {
  class App {
    @UrlValuePreprocessor values(endpoint: string | undefined, values: object | undefined) {
      note(`values ${endpoint} ${typeof values}`)
    }
    @BeforeRequest before({ params, path }: Context) {
      note(`before ${JSON.stringify(params)}`)
      return path === '/answered' ? 'answered by a before method' : undefined
    }
    @Get('/users/') users() {
      return 'users'
    }
    @ErrorHandler(404) @ErrorHandler(405) @ErrorHandler(400) failed(
      { status, headers }: HttpError,
      { response }: Context,
    ) {
      note(`error ${status}`)
      response.set(headers ?? {})
      response.status = 200
      return `handled ${status}`
    }
    @AfterRequest after(response: Response) {
      note(`after ${response.status}`)
      return response
    }
    @TeardownRequest close(error?: Error) {
      note(`teardown ${error}`)
    }
  }

  test.each([
    ['GET /none', ['error 404'], '200 handled 404'],
    ['POST /users/', ['error 405'], '200 [GET, HEAD, OPTIONS] handled 405'],
    ['GET /%ff', ['error 400'], '200 handled 400'],
    ['GET /answered', [], '200 answered by a before method'],
  ])('%s runs the hooks of the application and its handlers', async (request, inside, answer) => {
    expect(await answersOf(App, request)).toEqual([answer])
    const around = ['values undefined undefined', 'before {}', ...inside, 'after 200', 'teardown undefined']
    expect(log).toEqual(around)
  })

  test('[4.7] a slash redirect runs the hooks, and no error handler', async () => {
    class Catching extends App {
      @ErrorHandler(Error) any({ message }: Error) {
        return `caught ${message}`
      }
    }
    expect(await answersOf(Catching, 'GET /users')).toEqual(['308 /users/'])
    expect(log).toEqual(['values undefined undefined', 'before {}', 'after 308', 'teardown undefined'])
  })
})

describe('[4.5] slashes', () => {
  class App {
    @Get('/x/') x() {
      return 'x'
    }
    @Get('/y') y() {
      return 'y'
    }
    @Get('/z/', { strictSlashes: false }) z() {
      return 'z'
    }
    @Get('/w', { strictSlashes: false }) w() {
      return 'w'
    }
    @Post('/p/') p() {
      return 'p'
    }
    @Get('/users/<name>/') user({ name }: { name: string }) {
      return name
    }
    @Get('/files/<path:path>') file({ path }: { path: string }) {
      return path
    }
    @Get('/a/b') ab() {
      return 'a/b'
    }
  }

  test.each([
    [
      'a rule with a slash redirects to it',
      ['GET /x', 'HEAD /x', 'OPTIONS /x', 'GET /x/'],
      ['308 /x/', '308 /x/', '308 /x/', '200 x'],
    ],
    ['the query is kept as it was', ['GET /x?q=1&q=%20+2', 'GET /x?'], ['308 /x/?q=1&q=%20+2', '308 /x/']],
    ['a method with a body is redirected too', ['POST /p?q=1', 'POST /p/'], ['308 /p/?q=1', '200 p']],
    ['only a rule for this method redirects', ['POST /x', 'POST /x/'], ['404', '405 [GET, HEAD, OPTIONS]']],
    ['a rule without a slash does not take one', ['GET /y', 'GET /y/'], ['200 y', '404']],
    ['both, without strictSlashes', ['GET /z', 'GET /z/', 'GET /w', 'GET /w/'], ['200 z', '200 z', '200 w', '200 w']],
    [
      'a value is encoded again',
      ['GET /users/a%20%C3%A9%3F', 'GET /users/a%2Fb'],
      ['308 /users/a%20%C3%A9%3F/', '404'],
    ],
    [
      'double slashes are merged',
      ['GET /a//b?q=1', 'GET /x//', 'GET /users//root'],
      ['308 /a/b?q=1', '308 /x/', '308 /users/root/'],
    ],
    ['slashes inside a path are its own', ['GET /files/a//b', 'GET /files/a/b/'], ['200 a//b', '200 a/b/']],
    ['no redirect leaves the host', ['GET //x', 'GET //127.0.0.1//x', 'GET /x//..//'], ['308 /x/', '404', '404']],
  ])('%s', async (_, requests, expected) => {
    expect(await answersOf(App, ...requests)).toEqual(expected)
  })
})

describe('percent-encoding', () => {
  class App {
    @Get('/café') cafe() {
      return 'cafe'
    }
    @Get('/with space/<s>') space({ s }: { s: string }) {
      return [s]
    }
    @Get('/files/<path:path>') file({ path }: { path: string }) {
      return [path]
    }
    @Get('/100%/<s>') percent({ s }: { s: string }) {
      return [s]
    }
  }

  test.each([
    ['/caf%C3%A9', '200 cafe'],
    ['/caf%c3%a9', '200 cafe'],
    ['/%63af%C3%A9', '200 cafe'],
    ['/with%20space/x', '200 ["x"]'],
    ['/with+space/x', '404'],
    ['/with%20space/%E2%82%AC', '200 ["€"]'],
    ['/with%20space/a+b', '200 ["a+b"]'],
    ['/with%20space/a%2fb', '404'],
    ['/with%20space/a%25b', '200 ["a%b"]'],
    ['/with%20space/a%2525b', '200 ["a%25b"]'],
    ['/files/a%2Fb/c', '200 ["a/b/c"]'],
    ['/files/%2e%2e/x', '200 ["../x"]'],
    ['/100%25/x', '200 ["x"]'],
    ['/with%20space/x?s=y#z', '200 ["x"]'],
  ])('%s', async (path, expected) => {
    expect(await answersOf(App, `GET ${path}`)).toEqual([expected])
  })

  test.each(['/%', '/%zz', '/%ff', '/files/%C3', '/files/a%E0%80%80', '/with%20space/%'])('%s is a 400', async path => {
    expect(await answersOf(App, `GET ${path}`)).toEqual(['400'])
  })

  test('a URL in absolute form is the same as its path', async () => {
    expect(await answersOf(App, 'GET http://example.test/caf%C3%A9?q=1', 'OPTIONS *')).toEqual(['200 cafe', '404'])
  })
})

describe('[4.9] prefixes', () => {
  test.each([
    ['', '/', '/'],
    ['/', '', '/'],
    ['/', '/', '/'],
    ['/foo', '', '/foo'],
    ['/foo/', '', '/foo/'],
    ['', '/bar', '/bar'],
    ['/foo/', '/bar', '/foo/bar'],
    ['/foo/', 'bar', '/foo/bar'],
    ['/foo', '/bar', '/foo/bar'],
    ['/foo/', '//bar', '/foo/bar'],
    ['/foo//', '/bar', '/foo/bar'],
  ])('%p and %p are %p', async (prefix: string, rule: string, url) => {
    @Blueprint(prefix)
    class Users {
      @Get(rule) index(): string {
        return 'index'
      }
    }
    class App {
      @Get('/app') index() {
        return ''
      }
    }
    expect(await answers(appOf(App, { blueprints: [Users] }), `GET ${url}`)).toEqual(['200 index'])
  })

  test('[1.7] nested ones add up, one without takes its parent’s, a list may name another', async () => {
    @Blueprint('/leaf')
    class Leaf {
      @Get('/') index({ path }: Context) {
        return path
      }
      @Get('') bare({ path }: Context) {
        return path
      }
    }
    @Blueprint(undefined, { blueprints: [Leaf, { blueprint: Leaf, prefix: '/other', name: 'Other' }] })
    class Without {
      @Get('/without') index() {
        return 'without'
      }
    }
    @Blueprint('/parent/', { blueprints: [Without] })
    class Parent {
      @Get('/') index() {
        return 'parent'
      }
    }
    class App {
      @Get('/') index() {
        return ''
      }
    }
    const paths = ['/parent/', '/parent/without', '/parent/leaf/', '/parent/leaf', '/parent/other/']
    expect(await answers(appOf(App, { blueprints: [Parent] }), ...paths.map(path => `GET ${path}`))).toEqual([
      '200 parent',
      '200 without',
      '200 /parent/leaf/',
      '200 /parent/leaf',
      '200 /parent/other/',
    ])
  })
})

describe('what a view gets', () => {
  test('defaults, beside the variables of the rule', async () => {
    class App {
      @Get('/posts', { defaults: { page: 1 } })
      @Get('/posts/<int:page>')
      posts({ page }: { page: number }) {
        return { page }
      }
      @Get('/<name>', { defaults: { greeting: 'hello' } }) greet({
        name,
        greeting,
      }: {
        name: string
        greeting: string
      }) {
        return `${greeting} ${name}`
      }
    }
    expect(await answersOf(App, 'GET /posts', 'GET /posts/2', 'GET /root')).toEqual([
      '200 {"page":1}',
      '200 {"page":2}',
      '200 hello root',
    ])
  })

  test('requests do not share the defaults object', async () => {
    class App {
      @Get('/', { defaults: { page: 1 } }) index(values: { page: number }) {
        return [values.page++]
      }
    }
    expect(await answersOf(App, 'GET /', 'GET /')).toEqual(['200 [1]', '200 [1]'])
  })

  test('the variables as ctx.params, also where the view takes none', async () => {
    @Blueprint('/<lang>')
    class Pages {
      @BeforeRequest before({ params }: Context) {
        note(JSON.stringify(params))
      }
      @Get('/') index({ params }: Context) {
        return params
      }
      @Get('/<int:id>') show(values: { id: number }, { params }: Context) {
        return [values, params]
      }
    }
    class App {
      @Get('/') index({ params }: Context) {
        return params
      }
    }
    const app = appOf(App, { blueprints: [Pages] })
    expect(await answers(app, 'GET /', 'GET /de/', 'GET /de/5')).toEqual([
      '200 {}',
      '200 {"lang":"de"}',
      '200 [{"lang":"de","id":5},{"lang":"de","id":5}]',
    ])
    expect(log).toEqual(['{"lang":"de"}', '{"lang":"de","id":5}'])
  })

  test('[2.7, 1.3] the variables as preprocessors changed them, which run before all before methods', async () => {
    @Blueprint('/<lang>')
    class Pages {
      @UrlValuePreprocessor take(endpoint: string | undefined, values: Record<string, unknown> = {}) {
        note(`Pages.take ${endpoint} ${JSON.stringify(values)}`)
        values.language = { de: 'German' }[String(values.lang)]
        delete values.lang
        return 'ignored'
      }
      @BeforeRequest before() {
        note('Pages.before')
      }
      @Get('/<int:id>') show(values: { id: number }) {
        return values
      }
    }
    class App {
      @BeforeRequest before() {
        note('App.before')
      }
      @UrlValuePreprocessor() async peek(endpoint?: string, values?: object, ctx?: Context) {
        await Promise.resolve()
        note(`App.peek ${endpoint} ${JSON.stringify(values)} ${ctx?.path}`)
      }
    }
    const app = appOf(App, { blueprints: [Pages] })
    expect(await answers(app, 'GET /de/5')).toEqual(['200 {"id":5,"language":"German"}'])
    expect(log).toEqual([
      'App.peek Pages.show {"lang":"de","id":5} /de/5',
      'Pages.take Pages.show {"lang":"de","id":5}',
      'App.before',
      'Pages.before',
    ])
  })

  test('[2.7] a preprocessor that throws comes before the 404, and is handled like a view', async () => {
    class App {
      @UrlValuePreprocessor take(_endpoint: unknown, values?: Record<string, unknown>) {
        delete (values as Record<string, unknown>).lang
      }
      @BeforeRequest before() {
        note('before')
      }
      @Get('/') index() {
        return 'index'
      }
      @ErrorHandler(TypeError) failed() {
        return 'handled'
      }
    }
    expect(await answersOf(App, 'GET /none', 'GET /')).toEqual(['200 handled', '200 index'])
    expect(log).toEqual(['before'])
  })

  test('[14.1] values without a prototype: a variable may have any name', async () => {
    class App {
      @Get('/<__proto__>/<constructor>') index(values: object) {
        return Object.entries(values)
      }
    }
    expect(await answersOf(App, 'GET /a/b')).toEqual(['200 [["__proto__","a"],["constructor","b"]]'])
  })
})

describe.each(worlds)('a URL that other middleware has written, %s', (_, make) => {
  class App {
    @Get('/a') a({ url }: Context) {
      return [url]
    }
  }

  test.each([
    ['/a?x', '200 ["/a?x"]'],
    ['http://other/a', '200 ["http://other/a"]'],
    ['a', '200 ["a"]'],
    ['', '400'],
    ['?x', '400'],
    ['foo:bar', '400'],
    ['http://[', '400'],
  ])('%s', async (url, expected) => {
    const failures: unknown[] = []
    const app = make(App, [(ctx, next) => ((ctx.url = url), next())])
    app.on('error', error => failures.push(error))
    await serve(app, async base => {
      const { status, text } = await ask(`${base}/start`)
      expect([status === 200 ? `200 ${text}` : String(status), failures]).toEqual([expected, []])
    })
  })
})
