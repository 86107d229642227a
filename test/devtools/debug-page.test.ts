import { once } from 'node:events'
import type { IncomingHttpHeaders } from 'node:http2'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type Koa from 'koa'
import createError from 'http-errors'
import mount from 'koa-mount'
import {
  abort,
  AfterRequest,
  AfterResponse,
  bootstrap,
  Get,
  type BootstrapOptions,
  type Class,
  type KoaResponse,
  type Outcome,
} from 'flaskoa'
import { ask } from '../support/ask'
import { serve, serveHttp2 } from '../support/serve'
import { koaOf } from '../support/worlds'

let thrown: unknown
class App {
  @Get('/view') view(): never {
    throw thrown
  }

  @Get('/fine') fine() {
    return 'fine'
  }

  @Get('/slow') async slow() {
    await sleep(60_000, undefined, { ref: false })
    return 'slow'
  }
}

/** The page without the lines of this file that it shows, which have the texts of its tests. */
const withoutSources = (page: string) => page.replace(/<pre class="source">[^]*?<\/pre>/g, '')

const html = { Accept: 'text/html' }

/** What a client gets with and without debug mode. */
async function both(controller: Class, path: string, options: BootstrapOptions = {}) {
  const answers = []
  for (const debug of [true, false]) {
    const app = bootstrap(controller, { logger: false, debug, preserveContextOnException: false, ...options })
    answers.push(await serve(app, url => ask(url + path, { headers: html })))
  }
  return answers as [Awaited<ReturnType<typeof ask>>, Awaited<ReturnType<typeof ask>>]
}

const throwing =
  (error: unknown): Koa.Middleware =>
  ctx => {
    ctx.set({ ETag: '"a"', 'Cache-Control': 'max-age=60' })
    throw error
  }

describe('debug mode changes no status', () => {
  test.each<[number, object]>([
    [401, createError(401, 'log in', { headers: { 'WWW-Authenticate': 'Basic' } })],
    [404, createError(404, 'no such file')],
    [400, Object.assign(new Error('malformed'), { status: 400 })],
  ])('of a %p of outer middleware: the whole answer is the same', async (status, error) => {
    const [debug, usual] = await both(App, '/fine', { middleware: [throwing(error)] })
    const without = (headers: typeof debug.headers) => ({ ...headers, date: '' })
    expect([debug.status, without(debug.headers), debug.text]).toEqual([status, without(usual.headers), usual.text])
    expect(debug.headers['www-authenticate']).toBe(status === 401 ? 'Basic' : undefined)
  })

  test('of a 5xx of outer middleware, whose fields are sent, and no others', async () => {
    const fields = { 'Retry-After': '60', 'Content-Encoding': 'gzip', 'X-Bad': 'a\nb' }
    const error = createError(503, 'down', { headers: fields })
    const [debug, usual] = await both(App, '/fine', { middleware: [throwing(error)] })
    for (const { status, headers } of [debug, usual]) {
      expect([status, headers['retry-after']]).toEqual([503, '60'])
      for (const name of ['etag', 'content-encoding', 'x-bad']) expect(headers[name]).toBeUndefined()
    }
    expect([debug.headers['cache-control'], usual.headers['cache-control']]).toEqual(['no-store', undefined])
    expect(debug.text).toContain('down')
    expect(usual.text).not.toContain('down')
  })

  class AbortsAfter extends App {
    @AfterRequest after(): never {
      abort(404, 'gone')
    }
  }

  test.each<[string, Class, string]>([
    ['an after method aborts', AbortsAfter, '/fine'],
    ['an error has the status of another server', App, '/view'],
  ])('if %s', async (_, controller, path) => {
    thrown = Object.assign(new Error('gone'), { status: 404 })
    const [debug, usual] = await both(controller, path)
    expect([debug.status, usual.status, debug.text.includes('<h1>')]).toEqual([500, 500, true])
    expect(debug.text).toContain('gone')
  })

  test('if HTTP errors are trapped', async () => {
    thrown = createError(404, 'trapped')
    const [debug, usual] = await both(App, '/view', { trapHttpExceptions: true })
    expect([debug.status, usual.status]).toEqual([500, 500])
    expect(debug.text).toContain('trapped')
  })

  test('if a request takes too long', async () => {
    class Slow extends App {
      @AfterRequest async after(response: KoaResponse) {
        await sleep(60_000, undefined, { ref: false })
        return response
      }
    }
    for (const controller of [App, Slow]) {
      const [debug, usual] = await both(controller, controller === App ? '/slow' : '/fine', { requestTimeout: 20 })
      expect([debug.status, usual.status]).toEqual([503, 503])
    }
  })

  test('over HTTP/2, and in a mounted application', async () => {
    thrown = Object.assign(new Error('upstream'), { status: 404 })
    const app = bootstrap(App, { logger: false, debug: true, preserveContextOnException: false })
    await serveHttp2(app, async session => {
      const stream = session.request({ ':path': '/view' }).resume()
      const [fields] = (await once(stream, 'response')) as [IncomingHttpHeaders]
      expect(fields[':status']).toBe(500)
    })
    await serve(koaOf(mount('/a', app)), async url => {
      const { status, text } = await ask(`${url}/a/view`)
      expect([status, text.includes('upstream')]).toEqual([500, true])
    })
  })

  test('a status without a body stays without one', async () => {
    const [debug, usual] = await both(App, '/fine', {
      middleware: [throwing(Object.assign(new Error('x'), { status: 204 }))],
    })
    expect([debug.status, debug.text]).toEqual([usual.status, ''])
  })
})

const unreadable: ProxyHandler<object> = { get: () => JSON.parse('{') as unknown }
const withProperty = (name: string, property: PropertyDescriptor) =>
  Object.defineProperty(Object.assign(new Error('m'), { stack: 'the stack' }), name, property)

describe('the debug page', () => {
  const page = (accept: string, options: BootstrapOptions = {}) =>
    serve(bootstrap(App, { logger: false, debug: true, preserveContextOnException: false, ...options }), url =>
      ask(`${url}/view`, { headers: accept === '' ? {} : { Accept: accept } }),
    )

  test('shows the causes of an error, and the errors of an AggregateError, once each', async () => {
    const inside = new RangeError('inside <b>', { cause: { code: 'E42' } })
    const both = new AggregateError([inside, new Error('second'), 'a text'], 'both', { cause: inside })
    thrown = new Error('outside', { cause: both })
    Object.assign(inside, { errors: [thrown] })
    const text = withoutSources((await page('text/html')).text)
    const order = [
      '<h1>Error</h1>',
      '<p>outside</p>',
      '<h2>Cause: AggregateError</h2>',
      'both',
      '<h2>Cause: RangeError</h2>',
    ]
    const rest = ['inside &lt;b&gt;', '<h2>Cause: object</h2>', 'E42', '<h2>Error 1 of 2: Error</h2>', 'second']
    const places = [...order, ...rest, '<h2>Error 2 of 2: string</h2>', 'a text'].map(each => text.indexOf(each))
    expect(places).not.toContain(-1)
    expect(places).toEqual([...places].sort((a, b) => a - b))
    expect(text.match(/<h2>Cause: RangeError/g)).toHaveLength(1)
  })

  test.each<[string, 'json' | 'html' | 'plain']>([
    ['application/problem+json', 'json'],
    ['application/vnd.api+json, */*;q=0.1', 'json'],
    ['application/problem+json;q=0.5, text/html', 'html'],
    ['application/problem+json;q=0, text/html;q=0.1', 'html'],
    ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', 'html'],
    ['text/*', 'plain'],
    ['text/plain;q=0.5, text/html', 'html'],
    ['application/json, text/plain, */*', 'json'],
    ['application/x+jsonx', 'plain'],
    ['image/png', 'plain'],
    ['*/*', 'plain'],
    ['', 'plain'],
  ])('of a client that accepts %j is %s', async (accept, kind) => {
    thrown = new Error('outside')
    const { headers, text } = await page(accept)
    expect(headers['content-type']).toBe(`${kind === 'json' ? 'application' : 'text'}/${kind}; charset=utf-8`)
    expect(headers.vary).toBe('Accept')
    expect(text.slice(0, 9)).toBe({ json: '{"status"', html: '<!doctype', plain: 'Error: ou' }[kind])
  })

  test('shows a cause that cannot be read by its class, and no secret of one that is no error', async () => {
    thrown = new Error('outside', { cause: new Proxy({}, { ownKeys: () => JSON.parse('{') as never }) })
    expect((await page('text/html')).text).toContain('<p>Object</p>')
    thrown = new Error('outside', { cause: { code: 'E42', headers: { Authorization: 'Bearer hush' } } })
    const { text } = await page('text/plain')
    expect(text).toContain("{ code: 'E42', headers: { Authorization: '(hidden)' } }")
    expect(text).not.toContain('hush')
  })

  test.each(['text/html', 'application/json', 'text/plain'])(
    'cuts a text that nobody could read, and still shows the calls: %s',
    async accept => {
      thrown = new Error('y'.repeat(2_000_000))
      const { text } = await page(accept)
      expect(text.length).toBeLessThan(200_000)
      expect(text).toContain('(1990000 more characters)')
      expect(text).toContain('debug-page.test.ts')
      thrown = Object.assign(new Error('m'), { stack: `Error: m\n${'    at one (/one.js:1:1)\n'.repeat(50_000)}` })
      expect((await page(accept)).text.length).toBeLessThan(200_000)
    },
  )

  const textless = Object.create(null) as unknown
  test.each<[string, () => Error, string]>([
    ['whose errors cannot be read', () => withProperty('errors', { get: () => JSON.parse('{') as unknown }), 'm'],
    ['whose errors are a list that throws', () => withProperty('errors', { value: new Proxy([], unreadable) }), 'm'],
    ['whose stack is no text', () => withProperty('stack', { value: textless }), 'Error: m'],
    ['whose stack is a symbol', () => withProperty('stack', { value: Symbol('s') }), 'Error: m'],
    [
      'without any text',
      () => Object.assign(withProperty('stack', { value: null }), { name: textless, message: 'm' }),
      'an object: m',
    ],
    ['whose name is no text', () => withProperty('name', { value: textless }), 'an object'],
    ['whose message is no text', () => withProperty('message', { value: textless }), 'an object'],
  ])('shows an error %s, as HTML and as JSON, and it is logged once', async (_, make, text) => {
    for (const accept of ['text/html', 'application/json']) {
      thrown = make()
      const logged: unknown[] = []
      const logger = { error: (entry: object) => void logged.push(entry) }
      const app = bootstrap(App, { logger, debug: true, preserveContextOnException: false })
      const response = await serve(app, url => ask(`${url}/view`, { headers: { Accept: accept } }))
      expect([response.status, response.headers['content-type']]).toEqual([500, `${accept}; charset=utf-8`])
      expect(response.text).toContain(text)
      expect(logged).toHaveLength(1)
    }
  })

  test('shows an error that cannot be read once', async () => {
    thrown = Object.defineProperty(new Error('hidden'), 'message', { get: () => JSON.parse('{') as unknown })
    const { text } = await page('text/html')
    expect(text.match(/<h1>|<h2>/g)).toHaveLength(1)
  })

  test('shows a hundred errors, and says that there are more', async () => {
    const errors = Array.from({ length: 5000 }, (_, index) => new Error(`number ${index}.`))
    const chain = errors.reduce((cause, error) => Object.assign(error, { cause }))
    for (const many of [chain, new AggregateError(errors.map(({ message }) => new Error(message)))]) {
      thrown = many
      const { status, text: whole } = await page('text/html')
      const text = withoutSources(whole)
      expect(status).toBe(500)
      expect(text.match(/<h1>|<h2>/g)).toHaveLength(101)
      expect(text.match(/Further errors are not shown/g)).toHaveLength(1)
    }
  })

  test.each(['application/json', 'application/json, text/html;q=0.5'])('is JSON for %s', async accept => {
    thrown = new TypeError('outside', { cause: new AggregateError([new Error('one')], 'inside') })
    const { status, headers, text } = await page(accept)
    expect([status, headers['content-type'], headers.vary]).toEqual([500, 'application/json; charset=utf-8', 'Accept'])
    const stack = expect.stringContaining('debug-page.test') as string
    const file = join('test', 'devtools', 'debug-page.test.ts')
    const own = { file, line: expect.any(Number), column: expect.any(Number) }
    const frames = expect.arrayContaining([{ ...own, name: '', owner: 'application' }]) as unknown
    const error = { stack, frames }
    expect(JSON.parse(text)).toEqual({
      status: 500,
      name: 'TypeError',
      message: 'outside',
      ...error,
      cause: {
        name: 'AggregateError',
        message: 'inside',
        ...error,
        errors: [{ name: 'Error', message: 'one', ...error }],
      },
      lifecycle: {
        ran: [
          {
            stage: 'view',
            method: 'App.view',
            at: 0,
            duration: expect.any(Number),
            outcome: 'threw TypeError: outside',
            threw: true,
          },
        ],
        skipped: [],
      },
      request: {
        method: 'GET',
        url: '/view',
        httpVersion: '1.1',
        fields: { accept, host: expect.stringMatching(/^127/), connection: 'close' },
      },
      session: {},
      g: {},
    })
  })

  test.each(['text/html', 'text/html, application/json;q=0.5'])('is HTML for %p', async accept => {
    thrown = new TypeError('outside')
    const { headers } = await page(accept)
    expect([headers['content-type'], headers.vary]).toEqual(['text/html; charset=utf-8', 'Accept'])
  })
})

test('the outcome of a request has the error that debug mode shows', async () => {
  const outcomes: Outcome[] = []
  class Watched extends App {
    @AfterRequest after(): never {
      abort(404, 'gone')
    }
    @AfterResponse end(outcome: Outcome) {
      outcomes.push(outcome)
    }
  }
  await both(Watched, '/fine', { propagateExceptions: true })
  await both(Watched, '/fine')
  expect(outcomes.map(({ handled, error }) => [handled, error?.message])).toEqual(Array(4).fill([false, 'gone']))
})
