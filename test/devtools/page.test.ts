import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type Koa from 'koa'
import mount from 'koa-mount'
import {
  abort,
  AfterRequest,
  afterThisRequest,
  BeforeFirstRequest,
  BeforeRequest,
  Blueprint,
  bootstrap,
  ErrorHandler,
  g,
  Get,
  HttpError,
  lifecycle,
  makeResponse,
  Post,
  session,
  streamWithContext,
  TeardownAppContext,
  TeardownRequest,
  UrlValuePreprocessor,
  type BootstrapOptions,
  type Class,
  type KoaResponse,
} from 'flaskoa'
import { z } from 'zod'
import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { ask, type AskOptions } from '../support/ask'
import { serve } from '../support/serve'
import { koaOf } from '../support/worlds'

interface Shown {
  readonly name: string
  readonly message: string
  readonly frames: { name: string; file: string; line: number; column: number; owner: string }[]
  readonly lifecycle?: {
    readonly ran: { stage: string; method: string; outcome: string; duration: number | null; threw: boolean }[]
    readonly skipped: { stage: string; method: string; why: string }[]
  }
  readonly session?: Record<string, string>
  readonly g?: Record<string, string>
  readonly nearest?: { rule: string; why: string }[]
}

const debugApp = (controller: Class, options: BootstrapOptions = {}) =>
  bootstrap(controller, { logger: false, debug: true, ...options })

const get = (app: Koa, path: string, accept: string, options: AskOptions = {}) =>
  serve(app, url => ask(url + path, { ...options, headers: { ...options.headers, Accept: accept } }))

const shown = async (app: Koa, path = '/', options: AskOptions = {}) =>
  JSON.parse((await get(app, path, 'application/json', options)).text) as Shown

let thrown: unknown
class Throws {
  @Get('/') index(): never {
    throw thrown
  }
}
const showing = (error: unknown, options: BootstrapOptions = {}) => {
  thrown = error
  return shown(debugApp(Throws, options))
}

describe('the lifecycle of a request', () => {
  const methods = ({ lifecycle: { ran, skipped } = { ran: [], skipped: [] } }: Shown) => [
    ...ran.map(({ method, outcome }) => `${method}: ${outcome}`),
    ...skipped.map(({ method, why }) => `not ${method}: ${why}`),
  ]

  test('which fails before its first method', async () => {
    class App {
      @BeforeFirstRequest first(): never {
        throw new Error('no table')
      }
      @BeforeFirstRequest second() {
        return undefined
      }
      @UrlValuePreprocessor values() {
        return undefined
      }
      @Post('/', { body: z.object({}) }) create() {
        return 'made'
      }
      @TeardownAppContext close() {
        return undefined
      }
    }
    expect(methods(await shown(debugApp(App), '/', { method: 'POST' }))).toEqual([
      'App.first: threw Error: no table',
      'not App.second: App.first threw',
      'not App.values: App.first threw',
      'not body: App.first threw',
      'not App.create: App.first threw',
      'not App.close: waits for the next request, so that you can look at the state of this one',
    ])
  })

  test('which a before method answers, and an after method fails', async () => {
    class App {
      @BeforeRequest first() {
        return undefined
      }
      @BeforeRequest login() {
        afterThisRequest((response: KoaResponse) => response)
        return makeResponse('log in', 401)
      }
      @BeforeRequest third() {
        return undefined
      }
      @Get('/') index() {
        return 'index'
      }
      @AfterRequest last(response: KoaResponse) {
        return response
      }
      @AfterRequest fails(): never {
        throw new Error('x'.repeat(300))
      }
    }
    const page = await shown(debugApp(App))
    expect(methods(page)).toEqual([
      'App.first: nothing',
      'App.login: the response',
      '(anonymous): the response',
      `App.fails: threw Error: ${'x'.repeat(193)}…`,
      'not App.third: App.login answered',
      'not App.index: App.login answered',
      'not App.last: App.fails threw',
    ])
    for (const accept of ['text/html', '*/*'])
      expect((await get(debugApp(App), '/', accept)).text).toContain('(anonymous)')
  })

  test('whose view returned what can be no response, with teardown that has run', async () => {
    class App {
      @Get('/') index() {
        return Symbol('none') as never
      }
      @TeardownRequest teardown() {
        return undefined
      }
    }
    expect(methods(await shown(debugApp(App, { preserveContextOnException: false })))).toEqual([
      'App.index: symbol',
      'App.teardown: nothing',
    ])
  })

  test('which takes too long', async () => {
    class App {
      @Get('/') index() {
        return 'index'
      }
      @AfterRequest async after(response: KoaResponse) {
        await sleep(60_000, undefined, { ref: false })
        return response
      }
    }
    const app = debugApp(App, { requestTimeout: 20 })
    expect((await shown(app)).lifecycle?.ran[1]).toMatchObject({
      method: 'App.after',
      duration: null,
      outcome: 'had not ended',
      threw: false,
    })
    for (const accept of ['text/html', '*/*']) expect((await get(app, '/', accept)).text).toContain('had not ended')
  })

  test('whose session cannot be opened', async () => {
    const store = { get: () => Promise.reject(new Error('no store')), set: () => undefined, destroy: () => undefined }
    class App {
      @BeforeRequest before() {
        return undefined
      }
      @Get('/') index() {
        return 'index'
      }
    }
    const app = debugApp(App, {
      secretKey: 'k'.repeat(32),
      session: { key: 'sid', store, signed: false },
    })
    const page = await shown(app, '/', { headers: { Cookie: 'sid=abc' } })
    expect(methods(page)).toEqual(['not App.before: an error came first'])
    expect(page.session).toEqual({ 'could not be read': 'The session could not be opened' })
    const { text } = await get(app, '/', 'text/html', { headers: { Cookie: 'sid=abc' } })
    expect(text).toContain('could not be read')
  })

  test('whose teardown waits for a stream', async () => {
    class App {
      @Get('/') index() {
        return streamWithContext(new Readable({ read: () => undefined }))
      }
      @TeardownRequest teardown() {
        return undefined
      }
    }
    const behind: Koa.Middleware = async (_, next) => {
      await next()
      throw new Error('behind')
    }
    expect(methods(await shown(debugApp(App, { middleware: [behind] })))).toEqual([
      'App.index: Readable',
      'not App.teardown: waits for the end of a stream',
    ])
  })

  test('of OPTIONS, with the handlers of a blueprint and of the application', async () => {
    class Mine extends Error {}
    @Blueprint('/b')
    class Inner {
      @Get('/') index() {
        return 'index'
      }
      @ErrorHandler(Mine) mine() {
        return 'mine'
      }
      @ErrorHandler(404) missing() {
        return 'missing'
      }
    }
    class App {
      @BeforeRequest before(): never {
        afterThisRequest((response: KoaResponse) => response)
        throw new Error('before')
      }
      @ErrorHandler(Mine) outer() {
        return 'outer'
      }
      @ErrorHandler(class extends Error {}) nameless() {
        return 'nameless'
      }
      @ErrorHandler(HttpError) http() {
        return 'http'
      }
    }
    const app = debugApp(App, { blueprints: [Inner] })
    expect(methods(await shown(app, '/b/', { method: 'OPTIONS' }))).toEqual([
      'App.before: threw Error: before',
      'not (anonymous): an error that no handler answers skips after methods',
      'not Inner.missing: is for 404',
      'not Inner.mine: is for Mine',
      'not App.nameless: is for (anonymous class)',
      'not App.http: is for HttpError; not asked while propagateExceptions is on, as in debug mode',
    ])
  })

  test('that an error handler failed in', async () => {
    class App extends Throws {
      @ErrorHandler(RangeError) fails(): never {
        throw new Error('twice')
      }
    }
    thrown = new RangeError('once')
    expect(methods(await shown(debugApp(App)))).toEqual([
      'App.index: threw RangeError: once',
      'App.fails: threw Error: twice',
    ])
  })
})

describe('values of g', () => {
  class Node {
    next: Node | undefined
    get computed(): string {
      return String(this.next)
    }
  }
  const values: Record<string, unknown> = {
    text: 'a',
    texts: ['a'],
    nothing: undefined,
    no: null,
    number: 5,
    call: () => 1,
    nameless: new (class {})(),
    unnamed: { constructor: 5 },
    map: new Map([['password', 'hush']]),
    bare: Object.create(null) as object,
    odd: Object.defineProperty({}, 'constructor', { get: () => JSON.parse('{') as unknown }),
    date: new Date(0),
    apiKeys: ['hush'],
    accessToken: 'hush',
    deep: {
      a: { b: { c: { d: { e: 1 } } } },
      items: [{ pin: 'hush' }, 2],
      private_key: 'hush',
      bytes: Buffer.from('hush'),
    },
    monkey: 'hush',
    'Set-Cookie': 'hush',
    list: Array.from({ length: 200 }, (_, index) => index),
    node: new Node(),
    failing: new Proxy({}, { ownKeys: () => JSON.parse('{') as never }),
  }
  class App {
    @Get('/') index(): never {
      Object.assign(g, values)
      Object.defineProperty(g, 'getter', { get: () => JSON.parse('{') as unknown, enumerable: true })
      throw new Error('here')
    }
  }

  test('are shown by type', async () => {
    expect((await shown(debugApp(App))).g).toEqual({
      text: 'string (1 character)',
      texts: 'array (1 item)',
      nothing: 'undefined',
      no: 'null',
      number: 'number',
      call: 'function',
      nameless: 'object',
      unnamed: 'object',
      map: 'Map',
      bare: 'object',
      odd: 'object',
      date: 'Date',
      apiKeys: '(hidden)',
      accessToken: '(hidden)',
      deep: 'Object',
      monkey: '(hidden)',
      'Set-Cookie': '(hidden)',
      list: 'array (200 items)',
      node: 'Node',
      failing: 'Object',
      getter: 'undefined',
    })
  })

  test('are shown in full if they are on the list, and no secret even then', async () => {
    const page = await shown(debugApp(App, { debug: { show: [...Object.keys(values), 'getter'] } }))
    expect(JSON.stringify(page.g)).not.toContain('hush')
    expect(page.g).toMatchObject({
      text: "'a'",
      no: 'null',
      map: "'Map'",
      date: '1970-01-01T00:00:00.000Z',
      apiKeys: '(hidden)',
      node: 'Node { next: undefined }',
      failing: 'Object',
    })
    expect(page.g?.deep).toContain("pin: '(hidden)'")
    expect(page.g?.deep).toContain("private_key: '(hidden)'")
    expect(page.g?.list).toContain('more items')
  })

  test('on the list have no secret in a URL, on a function or on a date, and an end', async () => {
    const many = Object.fromEntries(Array.from({ length: 2000 }, (_, index) => [`key${index}`, 'v'.repeat(5000)]))
    const more: Record<string, unknown> = {
      database: 'postgres://ada:hush@localhost/shop?token=hush',
      call: Object.assign(() => 1, { password: 'hush' }),
      date: Object.assign(new Date(0), { password: 'hush' }),
      many: [many, many],
      long: Array(1e7).fill('v'),
    }
    class Large {
      @Get('/') index(): never {
        Object.assign(g, more)
        throw new Error('here')
      }
    }
    const page = await shown(debugApp(Large, { debug: { show: Object.keys(more) } }))
    expect(page.g).toMatchObject({
      database: "'postgres://(hidden)@localhost/shop?token=(hidden)'",
      call: "'function'",
      date: '1970-01-01T00:00:00.000Z',
    })
    expect(page.g?.many).toContain('more keys')
    expect(page.g?.long).toContain('9999980 more items')
    expect(JSON.stringify(page.g).length).toBeLessThan(500_000)
  })

  test('an object may say nothing of the list', async () => {
    expect((await shown(debugApp(App, { debug: {} }))).g?.text).toBe('string (1 character)')
  })
})

describe('frames', () => {
  const directory = mkdtempSync(join(tmpdir(), 'flaskoa-frames-'))
  const file = (name: string, text: string) => {
    const path = join(directory, name)
    mkdirSync(join(path, '..'), { recursive: true })
    writeFileSync(path, text)
    return path
  }
  afterAll(() => {
    rmSync(directory, { recursive: true })
  })
  const withStack = (...lines: string[]) =>
    Object.assign(new Error('m'), { stack: ['Error: m', ...lines.map(line => `    at ${line}`)].join('\n') })

  test('belong to the application, to packages, to flaskoa or to Node, and the application has its own first', async () => {
    const own = file('(group)/app.js', 'one\ntwo <script>\nthree\n')
    const others = [
      `Koa.handle (${join(directory, 'node_modules/koa/lib/application.js')}:1:2)`,
      `Object.<anonymous> (${join(directory, 'node_modules/flaskoa/dist/index.js')}:3:4)`,
      `run (${join(process.cwd(), 'src/index.ts')}:5:6)`,
      'async node:internal/process/task_queues:95:5',
      'eval (eval at run (/a.js:1:1), <anonymous>:7:8)',
      'new Promise (<anonymous>)',
      'Promise.all (index 0)',
    ]
    const error = withStack(...others, `async App.view (${own}?namespace=1:2:3)`, `${pathToFileURL(own).href}:1:1`)
    const { frames } = await showing(error)
    expect(frames.map(({ name, owner, line, column }) => [name, owner, line, column])).toEqual([
      ['Koa.handle', 'package', 1, 2],
      ['', 'flaskoa', 3, 4],
      ['run', 'flaskoa', 5, 6],
      ['', 'node', 95, 5],
      ['eval', 'node', 7, 8],
      ['App.view', 'application', 2, 3],
      ['', 'application', 1, 1],
    ])
    expect(frames.slice(-2).map(frame => frame.file)).toEqual([own, own])
    const { text } = await get(debugApp(Throws), '/', 'text/html')
    expect(text).toContain('<mark><span class="number">2</span> two &lt;script&gt;</mark>')
    expect(text).toContain('5 more calls in packages, flaskoa and Node')
    expect(text.indexOf('App.view')).toBeLessThan(text.indexOf('Koa.handle'))
    expect((await get(debugApp(Throws), '/', '*/*')).text).toContain('(5 more calls in packages, flaskoa and Node)')
    thrown = withStack('node:net:1:1')
    expect((await get(debugApp(Throws), '/', '*/*')).text).toContain('(1 more call in Node)')
  })

  test('lead to the source by a map beside the file, in it, or with the text in the map', async () => {
    const source = file('lib/source.ts', 'a\nb\nc\n')
    const map = { version: 3, names: [], mappings: 'AAAA;AAEA', sources: ['source.ts'] }
    const inline = (value: unknown) =>
      `data:application/json;base64,${Buffer.from(JSON.stringify(value)).toString('base64')}`
    const compiled = (name: string, url: string) => file(name, `x\ny\nz\n//# sourceMappingURL=${url}\n`)
    file('lib/beside.js.map', JSON.stringify(map))
    file('rooted.js.map', JSON.stringify({ ...map, sourceRoot: 'lib' }))
    const text = { ...map, sources: ['gone.ts'], sourcesContent: ['first\nsecond\nthird'] }
    const places = [
      compiled('lib/beside.js', 'beside.js.map'),
      compiled('rooted.js', pathToFileURL(join(directory, 'rooted.js.map')).href),
      compiled('lib/inline.js', inline(map)),
      compiled('lib/text.js', inline(text)),
      compiled('lib/broken.js', 'none.map'),
      compiled('lib/empty.js', inline({ ...map, mappings: '' })),
      compiled('lib/bundle.js', inline({ ...map, sources: ['webpack://shop/source.ts'] })),
    ]
    const error = withStack(...places.map(place => `f (${place}:2:1)`), ...places.map(place => `f (${place}:2:1)`))
    const { frames } = await showing(error)
    const gone = join(directory, 'lib/gone.ts')
    const found = [source, source, source, gone].map(path => [path, 3])
    const kept = places.slice(4).map(path => [path, 2])
    expect(frames.map(frame => [frame.file, frame.line])).toEqual([...found, ...kept, ...found, ...kept])
    expect((await get(debugApp(Throws), '/', 'text/html')).text).toContain(
      '<mark><span class="number">3</span> third</mark>',
    )
  })

  test('show no file but sources, whatever a message or a stack says', async () => {
    const secret = file('secrets.env', 'PASSWORD=hush')
    const other = file('other.ts', 'hush')
    mkdirSync(join(directory, 'folder.ts'))
    const lines = [
      `x (${secret}:1:1)`,
      `x (${directory}/folder.ts:1:1)`,
      `x (${directory}.ts:1:1)`,
      `x (${other}:7:1)`,
      'x (file://%zz/a.ts:1:1)',
    ]
    const message = `bad\n    at f (${other}:1:1)`
    const error = Object.assign(withStack(...lines), { message })
    error.stack = `Error: ${message}\n${error.stack.split('\n').slice(1).join('\n')}`
    thrown = error
    for (const accept of ['text/html', '*/*'])
      expect((await get(debugApp(Throws), '/', accept)).text).not.toContain('hush')
    expect((await showing(error)).frames).toHaveLength(5)
    const long = file('long.js', 'y'.repeat(1000))
    thrown = withStack(`f (${long}:1:1)`, `${'z'.repeat(2000)} (${long}:1:1)`)
    const { text } = await get(debugApp(Throws), '/', 'text/html')
    expect(text).toContain(`${'y'.repeat(300)}…`)
    expect(text).not.toContain('y'.repeat(301))
  })

  test('of many errors are shown with their lines up to a limit', async () => {
    const own = file('many.js', 'line one\n')
    const errors = Array.from({ length: 60 }, () => withStack(`f (${own}:1:1)`))
    thrown = Object.assign(new AggregateError(errors, ''), { stack: 'AggregateError' })
    const { text } = await get(debugApp(Throws), '/', 'text/html')
    expect(text.match(/line one/g)?.length).toBeLessThanOrEqual(40)
    expect(text).toContain('<div class="frame">')
    thrown = withStack(...Array.from({ length: 9 }, () => `f (${own}:1:1)`))
    expect((await get(debugApp(Throws), '/', '*/*')).text).toContain('(4 more calls in the application)')
  })
})

describe('what a client or an error says is text', () => {
  const attack = `</style></title><script>alert(1)</script><img src=x onerror=alert(1)>"'&`
  class Evil extends Error {
    override name = attack
  }

  test('in HTML', async () => {
    class App {
      @Get('/<path:rest>') index(): never {
        Object.assign(g, { [attack]: attack })
        thrown = Object.assign(new Evil(attack, { cause: attack }), {
          stack: `${attack}\n    at ${attack} (/${attack}.ts:1:1)`,
        })
        throw thrown
      }
    }
    const headers = { 'X-Attack': attack, Accept: 'text/html' }
    const options = { debug: { show: [attack] }, logger: false as const }
    for (const target of ['/a?%zz=1&%ff', `/a?${attack.replaceAll(' ', '/')}`, `/a?${encodeURIComponent(attack)}`]) {
      const { text } = await serve(bootstrap(App, options), url => ask(url, { headers, target }))
      expect(text).not.toMatch(/<script|<img|<\/style><\/title>/)
      expect(text.match(/&lt;script&gt;alert\(1\)/g)?.length).toBeGreaterThan(6)
    }
  })

  test('in text: a terminal obeys none of it', async () => {
    thrown = new Error('red \u001b[31m\nand\r\tgone \u009b2J', { cause: '\u0007' })
    const { text } = await get(debugApp(Throws), '/', '*/*')
    // eslint-disable-next-line no-control-regex -- these are the ones
    expect(text).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f]/)
    expect(text).toContain('red \\x1b[31m\nand\\x0d  gone \\x9b2J')
    expect(text).toContain("Cause: string: '\\x07'")
  })

  test('also the name of a rule that comes near', async () => {
    class App {
      @Get('/<any("a<b>", c):one>/end') index() {
        return 'index'
      }
      @Get('/path/<script>', { endpoint: 'x<y' }) script() {
        return 'script'
      }
    }
    const { text } = await get(debugApp(App), '/path/a/b', 'text/html')
    expect(text).toContain('<code>/path/&lt;script&gt;</code>')
    expect(text).toContain('x&lt;y')
  })
})

describe('an error of middleware around the lifecycle', () => {
  const failing: Koa.Middleware = () => {
    throw new Error('outside')
  }

  test('has a page without a lifecycle, before it', async () => {
    const page = await shown(debugApp(Throws, { middleware: [failing] }))
    expect(page).toMatchObject({ name: 'Error', message: 'outside' })
    expect([page.lifecycle, page.g, page.session]).toEqual([undefined, undefined, undefined])
    for (const accept of ['text/html', '*/*']) {
      const { text } = await get(debugApp(Throws, { middleware: [failing] }), '/', accept)
      expect(text).toContain('outside')
      expect(text).not.toContain('The lifecycle of this request')
    }
  })

  test('has one with it, behind it', async () => {
    class App {
      @Get('/') index() {
        return 'index'
      }
      @AfterRequest after(response: KoaResponse) {
        return response
      }
    }
    const behind: Koa.Middleware = async (_, next) => {
      await next()
      throw new Error('behind')
    }
    const { lifecycle: { ran, skipped } = { ran: [], skipped: [] } } = await shown(
      debugApp(App, { middleware: [behind] }),
    )
    expect(ran.map(each => each.outcome)).toEqual(['string (5 characters)', 'the response'])
    expect(skipped).toEqual([])
  })
})

describe('a URL that no rule matches', () => {
  class App {
    @Get('/users/<int:id>') user({ id }: { id: number }): object {
      if (id === 0) abort(404, 'no such user')
      return { id }
    }
  }
  const unmatched = (options: BootstrapOptions = {}) => get(debugApp(App, options), '/user/1', 'text/html')

  test('keeps problem details, with the nearest rules as a member of their own', async () => {
    const app = debugApp(App, { problemDetails: true })
    const { status, headers, text } = await get(app, '/user/1', '*/*')
    expect([status, headers['content-type'], headers['cache-control']]).toEqual([
      404,
      'application/problem+json',
      'no-store',
    ])
    expect(JSON.parse(text)).toEqual({
      title: 'Not Found',
      status: 404,
      nearest: [
        {
          methods: ['GET', 'HEAD', 'OPTIONS'],
          rule: '/users/<int:id>',
          endpoint: 'user',
          why: "has 'users', not 'user'",
        },
      ],
    })
    expect((await get(app, '/user/1', 'text/html')).text).toContain('The nearest rules')
  })

  test('and for which no method has run', async () => {
    for (const accept of ['text/html', '*/*'])
      expect((await get(debugApp(App), '/none', accept)).text).toContain('No method has run.')
  })

  test('a 404 of a view keeps its page', async () => {
    const { text } = await get(debugApp(App), '/users/0', 'text/html')
    expect(text).toContain('<p>no such user</p>')
    expect(text).not.toContain('nearest')
  })

  test('a client that names no format gets the page that it has without debug', async () => {
    const ask404 = (options: BootstrapOptions) =>
      serve(bootstrap(App, { logger: false, ...options }), url => ask(`${url}/none`))
    const { text, headers } = await ask404({ debug: true })
    expect(text).toBe((await ask404({})).text)
    expect(headers['content-type']).toBe('text/html; charset=utf-8')
  })

  test('is left to other middleware, to handlers and to what an after method has made of it', async () => {
    const answering: Koa.Middleware = async (ctx, next) => {
      await next()
      if (ctx.body === undefined) ctx.body = 'answered'
    }
    expect((await unmatched({ middleware: [answering] })).text).toBe('answered')
    class Handles extends App {
      @ErrorHandler(404) missing() {
        return 'handled'
      }
    }
    expect((await get(debugApp(Handles), '/user/1', 'text/html')).text).toBe('handled')
    const raw: Koa.Middleware = async (ctx, next) => {
      await next()
      ctx.respond = false
      ctx.res.end('raw')
    }
    expect((await unmatched({ middleware: [raw] })).text).toBe('raw')
    const mounted = koaOf(mount('/m', debugApp(App)))
    const { text } = await get(mounted, '/m/user/1', 'text/html')
    expect([text.includes('<h1>Not Found</h1>'), text.includes('nearest')]).toEqual([true, false])
  })

  test('a request that reached no lifecycle is left alone', async () => {
    const first: Koa.Middleware = ctx => {
      ctx.body = 'first'
    }
    expect((await unmatched({ middleware: [first] })).text).toBe('first')
  })
})

test('with propagateExceptions: false the handler for 500 answers, or its bare page does, as without debug mode', async () => {
  class Handles extends Throws {
    @ErrorHandler(500) failed() {
      return 'handled'
    }
  }
  thrown = new Error('hush')
  const options = { propagateExceptions: false }
  expect((await get(debugApp(Handles, options), '/', 'text/html')).text).toBe('handled')
  const { text } = await get(debugApp(Throws, options), '/', 'text/html')
  expect(text).toContain('<h1>Internal Server Error</h1>')
  expect(text).not.toMatch(/hush|lifecycle/)
})

test('nothing of the page is sent without debug mode', async () => {
  class App extends Throws {
    @BeforeRequest before() {
      session.isNew // eslint-disable-line @typescript-eslint/no-unused-expressions -- a use of the session
    }
  }
  thrown = new Error('hush', { cause: new Error('hush') })
  for (const accept of ['text/html', 'application/json', '*/*']) {
    for (const path of ['/', '/unknown']) {
      const answers = []
      for (const options of [{}, { debug: false }, { propagateExceptions: true }]) {
        answers.push(await get(bootstrap(App, { logger: false, ...options }), path, accept))
      }
      answers.push(await get(koaOf(lifecycle(App)), path, accept))
      for (const { text, headers } of answers) {
        expect(text).toMatch(path === '/' ? /Internal Server Error/ : /Not Found/)
        expect(text).not.toMatch(/hush|lifecycle|App|nearest|\.ts|nonce|stack/)
        expect([headers['content-security-policy'], headers['server-timing']]).toEqual([undefined, undefined])
      }
    }
  }
})
