import { once } from 'node:events'
import type { IncomingHttpHeaders } from 'node:http'
import { Readable } from 'node:stream'
import type Koa from 'koa'
import { version } from 'koa/package.json'
import { ask, type AskOptions } from '../support/ask'
import { loadOn, type Change, type Loaded } from '../support/other-koa'
import { portOf } from '../support/serve'

// On a Koa that is not as the engine expects it, applications are Koa's own. They behave the same.

const RENAMED: Change[] = [
  ['response.js', '_body', '_content'],
  ['response.js', '_explicitNullBody', '_isNull'],
  ['application.js', '_explicitNullBody', '_isNull'],
]

const SAME_BEHAVIOUR: [string, Change[], string[]][] = [
  ['private names', RENAMED, ['a body of text', 'a body of JSON']],
  ['another name of handleRequest', [['application.js', 'handleRequest', 'handle']], ['application.handleRequest']],
  [
    'a response a tick later',
    [['application.js', 'return fnMiddleware(ctx)', 'return Promise.resolve(fnMiddleware(ctx))']],
    ['a response without a body'],
  ],
  [
    'more in a context',
    [['application.js', 'context.state = {}', 'context.state = {}; context.id = 1']],
    ['a response without a body'],
  ],
  [
    'a setter that writes more',
    [['response.js', 'const original =', 'this._at = 1; const original =']],
    ['a body of text'],
  ],
]

const OTHER_BEHAVIOUR: [string, Change[], string[]][] = [
  [
    'an accessor named respond',
    [['context.js', '  get cookies', '  get respond () {},\n  get cookies']],
    ['context.respond'],
  ],
  [
    'another type of text',
    [
      ['response.js', "? 'html' : 'text'", "? 'html' : 'txt'"],
      ['application.js', "'text'", "'html'"],
    ],
    ['a response without a body'],
  ],
  ['no setter of type', [['response.js', 'set type (', 'set mime (']], ['response.type', 'a body of text']],
  [
    'a callback that fails',
    [['application.js', 'return this.handleRequest(', 'return Promise.reject(']],
    ['a response without a body', 'a response to HEAD'],
  ],
]

/** As in Node 20, on each Node. */
const LAZY = ['Response', 'ReadableStream'] as const
const properties = LAZY.map(name => Object.getOwnPropertyDescriptor(globalThis, name) as PropertyDescriptor)
beforeEach(() => {
  for (const name of LAZY) {
    const value = globalThis[name]
    Object.defineProperty(globalThis, name, { get: () => value, configurable: true })
  }
})
afterEach(() => {
  for (const [index, name] of LAZY.entries())
    Object.defineProperty(globalThis, name, properties[index] as PropertyDescriptor)
})

let warnings: jest.SpyInstance<void, Parameters<typeof process.emitWarning>>
beforeEach(() => {
  warnings = jest.spyOn(process, 'emitWarning').mockImplementation()
})
afterEach(() => {
  warnings.mockRestore()
})

test('today’s Koa is the one that the engine expects', () => {
  const { flaskoa, check } = loadOn()
  expect(check.KNOWN_KOA).toBe(version)
  expect(check.koaDifferences(version)).toEqual([])
  expect(hasEngine(flaskoa)).toBe(true)
  expect(warnings).not.toHaveBeenCalled()
})

test.each([...SAME_BEHAVIOUR, ...OTHER_BEHAVIOUR])('one warning says what differs: %s', (_, changes, differences) => {
  const { flaskoa, check } = loadOn(...changes)
  const all = check.koaDifferences(version)
  expect(all).toEqual(expect.arrayContaining(differences))
  expect([hasEngine(flaskoa), hasEngine(flaskoa)]).toEqual([false, false])
  expect(warnings.mock.calls).toEqual([
    [expect.stringMatching(/^Koa 3\.\d+\.\d+ differs /), { type: 'FlaskoaWarning', code: 'FLASKOA_UNKNOWN_KOA' }],
  ])
  expect(warnings.mock.calls[0]?.[0]).toContain(`(${all.join(', ')})`)
})

describe.each(SAME_BEHAVIOUR)('with %s', (_, changes) => {
  test('all requests are answered as on today’s Koa', async () => {
    const today = await answersOf(loadOn())
    expect(warnings).not.toHaveBeenCalled()
    expect(await answersOf(loadOn(...changes))).toEqual(today)
    expect(warnings).toHaveBeenCalledTimes(1)
    expect(today).toMatchObject({
      texts: [
        'hello',
        '<p>html</p>',
        '{"a":1}',
        'ab',
        '',
        '',
        expect.stringContaining('404 Not Found'),
        expect.stringContaining('500 Internal'),
        '1',
        '2',
        'slow',
      ],
      client: { status: 200, text: 'hello' },
      ended: 11,
      shutdown: ['shut down'],
      errors: ['broken'],
    })
  })
})

describe.each<[string, Change[]]>([
  ['private names', RENAMED],
  ['another name of a status that was set', [['response.js', '_explicitStatus', '_isStatusSet']]],
])('with %s', (_, changes) => {
  test('middleware outside answers as on today’s Koa', async () => {
    const today = await outerAnswersOf(loadOn())
    expect(await outerAnswersOf(loadOn(...changes))).toEqual(today)
    expect(today).toEqual([
      ...[
        '/before 202 before',
        '/view 200 view',
        '/after 200 after',
        '/lost 405 changed',
        '/unknown 404 404 Not Found',
      ],
      ...['/fail 500 500 Internal Server Error', '/save 405 405 Method Not Allowed'],
    ])
  })
})

/** What the client gets from a lifecycle with middleware outside that answers. */
async function outerAnswersOf({ flaskoa: { Get, Post, bootstrap }, testing }: Loaded): Promise<string[]> {
  class App {
    @Get('/view') view() {
      return 'view'
    }
    @Get('/fail') fail(): never {
      throw new Error('from the view')
    }
    @Post('/save') save() {
      return 'saved'
    }
    @Post('/lost') lost() {
      return 'lost'
    }
  }
  const outside: Koa.Middleware = async (ctx, next) => {
    if (['/before', '/view', '/fail'].includes(ctx.path)) Object.assign(ctx, { status: 202, body: 'before' })
    await next()
    if (ctx.path === '/after') Object.assign(ctx, { status: 200, body: 'after' })
    if (ctx.path === '/lost') ctx.body = 'changed'
  }
  const client = testing.testClient(bootstrap(App, { middleware: [outside], logger: false }))
  const answers: string[] = []
  for (const path of ['/before', '/view', '/after', '/lost', '/unknown', '/fail', '/save']) {
    const { status, text } = await client.get(path)
    answers.push(`${path} ${status} ${/<title>(.*)<.title>/.exec(text)?.[1] ?? text}`)
  }
  return answers
}

test('the global Response stays as it is if it was never loaded', () => {
  const get = jest.fn(() => class {})
  Object.defineProperty(globalThis, 'Response', { get, configurable: true })
  expect(loadOn().check.koaDifferences(version)).toEqual([])
  expect(get).not.toHaveBeenCalled()
  expect(Object.getOwnPropertyDescriptor(globalThis, 'Response')).toMatchObject({ get })
})

test('where looking for Response would load it, only a Koa of another version is tried with JSON', () => {
  Object.defineProperty(globalThis, 'Response', { value: class {}, configurable: true })
  const { check } = loadOn(['response.js', "this.type = 'json'", "this.type = 'text'"])
  expect(check.koaDifferences(version)).toEqual([])
  expect(check.koaDifferences('3.99.0')).toEqual(['a body of JSON', 'a response to HEAD'])
})

/** Whether an application that `bootstrap` makes handles requests in the engine's way. */
function hasEngine({ bootstrap, Get }: Loaded['flaskoa']): boolean {
  class App {
    @Get('/') view() {
      return ''
    }
  }
  return Object.hasOwn(bootstrap(App, { logger: false }).constructor.prototype as object, 'handleRequest')
}

/** What clients and the application see of one of each kind of request, then of a shutdown with one in flight. */
async function answersOf({ flaskoa, testing }: Loaded) {
  const { AfterRequest, Get, OnShutdown, TeardownRequest, bootstrap, gracefulShutdown, makeResponse, session } = flaskoa
  const shutdown: string[] = []
  const errors: string[] = []
  let ended = 0
  class App {
    @Get('/hello') hello() {
      return 'hello'
    }
    @Get('/html') html() {
      return '<p>html</p>'
    }
    @Get('/json') json() {
      return { a: 1 }
    }
    @Get('/stream') stream() {
      return Readable.from(['a', 'b'])
    }
    @Get('/empty') empty() {
      return makeResponse('', 204)
    }
    @Get('/broken') broken(): never {
      throw new Error('broken')
    }
    @Get('/count') count() {
      session.count = (session.count ?? 0) + 1
      return String(session.count)
    }
    @Get('/slow') async slow() {
      const closing = graceful.close()
      await new Promise(setImmediate)
      void closing
      return 'slow'
    }
    @AfterRequest after(response: { set(name: string, value: string): void }) {
      response.set('X-After', 'yes')
      return response as never
    }
    @TeardownRequest teardown() {
      ended++
    }
    @OnShutdown close() {
      shutdown.push('shut down')
    }
  }
  const app = bootstrap(App, { secretKey: 'a secret of thirty-two characters', logger: false })
  app.on('error', (error: Error) => errors.push(error.message))
  const { status, text } = await testing.testClient(app).get('/hello')
  ended = 0
  const server = app.listen(0, '127.0.0.1')
  const graceful = gracefulShutdown(server, { logger: false })
  await once(server, 'listening')
  const answers: { status: number; headers: IncomingHttpHeaders; text: string }[] = []
  const add = async (path: string, options: AskOptions = {}) => {
    const { bytes: _, headers, ...rest } = await ask(`http://127.0.0.1:${portOf(server)}${path}`, options)
    answers.push({ ...rest, headers: { ...headers, date: 'now', 'set-cookie': [] } })
    return (headers['set-cookie'] ?? []).map(cookie => cookie.split(';')[0]).join('; ')
  }
  for (const path of ['/hello', '/html', '/json', '/stream', '/empty']) await add(path)
  await add('/json', { method: 'HEAD' })
  for (const path of ['/missing', '/broken']) await add(path)
  await add('/count', { headers: { cookie: await add('/count') } })
  await add('/slow')
  await graceful.close()
  graceful.uninstall()
  return { answers, texts: answers.map(answer => answer.text), client: { status, text }, ended, shutdown, errors }
}
