import { once } from 'node:events'
import { Readable } from 'node:stream'
import {
  abort,
  AfterRequest,
  afterThisRequest,
  BeforeRequest,
  bootstrap,
  ErrorHandler,
  HttpError,
  makeResponse,
  redirect,
  ResponseMismatch,
  type Class,
  type Context,
  type KoaResponse,
  type ResponseValue,
} from 'flaskoa'
import { testClient } from 'flaskoa/testing'
import * as v from 'valibot'
import { z } from 'zod'
import { clientOf } from '../support/client'
import { GetAs, PostAs } from '../support/declared'
import { Gate } from '../support/gate'
import { serve, serveHttp2 } from '../support/serve'
import { setupError } from '../support/setup-error'
import { worlds } from '../support/worlds'

const User = z.object({ id: z.int(), name: z.string() })
const Problem = z.object({ title: z.string() })
const row = { id: 7, name: 'Ada', password: 'secret' }

/** The mismatches of an application, by their messages, and its client. */
function observed(controller: Class, options = {}) {
  const app = bootstrap(controller, { logger: false, ...options })
  const errors: unknown[] = []
  app.on('error', error => errors.push(error))
  return { client: testClient(app), errors, messages: () => errors.map(error => (error as Error).message) }
}

describe('what the view returns as it is', () => {
  class App {
    @GetAs('/one', User) one() {
      return row
    }
    @GetAs('/created', { 409: Problem, 201: User }) created() {
      return row
    }
    @GetAs('/async', { 202: User }) async later() {
      await Promise.resolve()
      return row
    }
    @GetAs('/chosen', { 200: User, 404: Problem }) chosen(ctx: Context) {
      ctx.status = 404
      return { title: 'none', detail: 'secret' }
    }
    @GetAs('/nothing', { 204: null }) nothing() {
      // No body.
    }
    @GetAs('/null', { 200: null }) isNull() {
      return null
    }
    @GetAs('/empty', { 205: null }) empty() {
      return ''
    }
    @GetAs('/text', { 201: z.string() }) text() {
      return '<p>'
    }
    @GetAs('/number', z.number()) number() {
      return 42
    }
    @GetAs('/true', z.boolean()) isTrue() {
      return true
    }
    @GetAs('/nullable', z.nullable(User)) nullable() {
      return null
    }
    @GetAs('/date', z.object({ at: z.date().transform(date => date.toISOString()) })) date() {
      return { at: new Date(0) }
    }
    @GetAs('/bytes', z.instanceof(Uint8Array)) bytes() {
      return Buffer.from('bytes')
    }
    @GetAs('/blob', { 201: z.instanceof(Blob) }) blob() {
      return new Blob(['blob'], { type: 'image/png' })
    }
    @GetAs('/described', { 203: 'anything at all' }) described() {
      return row
    }
    @GetAs('/valibot', v.object({ id: v.number(), owner: v.object({ name: v.string() }) })) valibot() {
      return { ...row, owner: row }
    }
    @GetAs('/loose', z.looseObject({ id: z.int() })) loose() {
      return row
    }
    @GetAs('/checked-later', { 201: z.object({ id: z.int().refine(id => Promise.resolve(id > 0)) }) }) checkedLater() {
      return row
    }
  }
  const client = clientOf(App)

  test.each([
    ['/one', 200, '{"id":7,"name":"Ada"}', 'application/json; charset=utf-8'],
    ['/created', 201, '{"id":7,"name":"Ada"}', 'application/json; charset=utf-8'],
    ['/async', 202, '{"id":7,"name":"Ada"}', 'application/json; charset=utf-8'],
    ['/chosen', 404, '{"title":"none"}', 'application/json; charset=utf-8'],
    ['/nothing', 204, '', undefined],
    ['/null', 200, '', undefined],
    ['/empty', 205, '', undefined],
    ['/text', 201, '<p>', 'text/html; charset=utf-8'],
    ['/number', 200, '42', 'application/json; charset=utf-8'],
    ['/true', 200, 'true', 'application/json; charset=utf-8'],
    ['/nullable', 200, 'null', 'application/json; charset=utf-8'],
    ['/date', 200, '{"at":"1970-01-01T00:00:00.000Z"}', 'application/json; charset=utf-8'],
    ['/bytes', 200, 'bytes', 'application/octet-stream'],
    ['/blob', 201, 'blob', 'image/png'],
    ['/described', 203, JSON.stringify(row), 'application/json; charset=utf-8'],
    ['/valibot', 200, '{"id":7,"owner":{"name":"Ada"}}', 'application/json; charset=utf-8'],
    ['/loose', 200, JSON.stringify(row), 'application/json; charset=utf-8'],
    ['/checked-later', 201, '{"id":7}', 'application/json; charset=utf-8'],
  ])('%s: a %i with what is declared', async (path, status, text, type) => {
    const response = await client.get(path)
    expect([response.status, response.text, response.header('Content-Type')]).toEqual([status, text, type])
  })

  test('over a socket, in HTTP/1 and HTTP/2', async () => {
    await serve(bootstrap(App), async url => {
      const response = await fetch(`${url}/created`)
      expect([response.status, await response.json()]).toEqual([201, { id: 7, name: 'Ada' }])
      const head = await fetch(`${url}/created`, { method: 'HEAD' })
      expect([head.status, head.headers.get('content-length')]).toEqual([201, '21'])
    })
    await serveHttp2(bootstrap(App), async session => {
      const stream = session.request({ ':path': '/chosen' })
      const [headers] = (await once(stream, 'response')) as [Record<string, unknown>]
      expect(headers[':status']).toBe(404)
      expect(await new Response(Readable.toWeb(stream) as ReadableStream).text()).toBe('{"title":"none"}')
    })
  })
})

describe('makeResponse', () => {
  const Later = z.object({ id: z.int().refine(id => Promise.resolve(id > 0)) })
  const responses = { 201: User, 202: Later, 203: null, 204: null, 206: z.string(), 299: z.number(), 409: Problem }
  const answers: Record<string, (ctx: Context) => unknown> = {
    taken: () => makeResponse({ title: 'taken', detail: 'secret' }, 409, { 'X-Made': 'yes' }),
    own: () => makeResponse(row, undefined, { Location: '/users/7' }),
    later: () => makeResponse(row, 202, { 'X-Made': 'yes' }),
    typed: () => makeResponse(row, 202, { 'Content-Type': 'application/problem+json' }),
    none: () => makeResponse('', 203),
    nothing: () => makeResponse(null as never, 204),
    number: () => makeResponse(5 as never, 299),
    text: () => makeResponse('part', 206, { 'Content-Type': 'text/csv' }),
    written: ctx => {
      ctx.body = row
      return makeResponse(ctx.response, 201, { 'X-Made': 'yes' })
    },
    writtenAlone: ctx => {
      ctx.body = { title: 'taken', detail: 'secret' }
      ctx.status = 409
      return makeResponse(ctx.response)
    },
    again: () => {
      makeResponse({ title: 'taken' }, 409)
      return makeResponse(row, 201)
    },
    andLater: ctx => {
      const response = makeResponse(row, 202)
      ctx.set('X-Made', 'yes')
      return response
    },
    overwritten: ctx => {
      makeResponse({ title: 'taken' }, 409)
      ctx.body = { title: 'other', detail: 'secret' }
      return ctx.response
    },
    overwrittenLater: ctx => {
      makeResponse({ ...row, id: -1 }, 202)
      ctx.status = 201
      ctx.body = row
      return ctx.response
    },
    otherStatus: ctx => {
      makeResponse({ ...row, title: 'taken' }, 409)
      ctx.status = 201
      return ctx.response
    },
    aborted: () => abort(makeResponse({ title: 'taken', detail: 'secret' }, 409)),
    abortedLater: () => abort(makeResponse(row, 202)),
    remade: () => makeResponse(makeResponse(row, 201), 201, { 'X-Made': 'yes' }),
  }
  class App {
    @GetAs('/<name>', responses) sync({ name }: { name: string }, ctx: Context) {
      return answers[name]?.(ctx)
    }
    @GetAs('/async/<name>', responses) async later({ name }: { name: string }, ctx: Context) {
      await Promise.resolve()
      return answers[name]?.(ctx)
    }
  }
  const client = clientOf(App, { testing: true })

  test.each([
    ['taken', 409, '{"title":"taken"}', 'yes'],
    ['own', 201, '{"id":7,"name":"Ada"}', undefined],
    ['later', 202, '{"id":7}', 'yes'],
    ['typed', 202, '{"id":7}', undefined],
    ['none', 203, '', undefined],
    ['nothing', 204, '', undefined],
    ['number', 299, '5', undefined],
    ['text', 206, 'part', undefined],
    ['written', 201, '{"id":7,"name":"Ada"}', 'yes'],
    ['writtenAlone', 409, '{"title":"taken"}', undefined],
    ['again', 201, '{"id":7,"name":"Ada"}', undefined],
    ['andLater', 202, '{"id":7}', 'yes'],
    ['overwritten', 409, '{"title":"other"}', undefined],
    ['overwrittenLater', 201, '{"id":7,"name":"Ada"}', undefined],
    ['otherStatus', 201, '{"id":7,"name":"Ada"}', undefined],
    ['aborted', 409, '{"title":"taken"}', undefined],
    ['abortedLater', 202, '{"id":7}', undefined],
    ['remade', 201, '{"id":7,"name":"Ada"}', 'yes'],
  ])('%s: a %i', async (name, status, text, made) => {
    for (const path of [`/${name}`, `/async/${name}`]) {
      const response = await client.get(path)
      expect([response.status, response.text, response.header('X-Made')]).toEqual([status, text, made])
    }
  })

  test('fields that it is given stay', async () => {
    expect((await client.get('/own')).header('Location')).toBe('/users/7')
    expect((await client.get('/typed')).header('Content-Type')).toBe('application/problem+json')
    expect((await client.get('/text')).header('Content-Type')).toBe('text/csv')
  })
})

describe('what the view writes to ctx', () => {
  const answers: Record<string, (ctx: Context) => unknown> = {
    body: ctx => {
      ctx.body = row
    },
    response: ctx => {
      ctx.body = row
      return ctx.response
    },
    status: ctx => {
      ctx.status = 409
      ctx.body = { title: 'taken', detail: 'secret' }
    },
    empty: ctx => {
      ctx.status = 204
    },
    removed: ctx => {
      ctx.body = row
      ctx.body = null
      ctx.status = 204
    },
    both: ctx => {
      ctx.body = { other: 'secret' }
      return row
    },
  }
  class App {
    @BeforeRequest before(ctx: Context) {
      if (ctx.query.before !== undefined) ctx.status = 418
    }
    @GetAs('/<name>', { 201: User, 204: null, 409: Problem }) show({ name }: { name: string }, ctx: Context) {
      return answers[name]?.(ctx)
    }
    @GetAs('/null', { 200: null }) isNull(ctx: Context) {
      ctx.body = null
    }
    @GetAs('/typed', { 200: null }) typed(ctx: Context) {
      ctx.type = 'json'
    }
  }

  test.each(worlds)('%s', async (_, make) => {
    const client = testClient(make(App, []))
    const got = async (path: string) => {
      const { status, text } = await client.get(path)
      return [status, text]
    }
    expect(await got('/body')).toEqual([201, '{"id":7,"name":"Ada"}'])
    expect(await got('/body?before')).toEqual([201, '{"id":7,"name":"Ada"}'])
    expect(await got('/both?before')).toEqual([201, '{"id":7,"name":"Ada"}'])
    expect(await got('/response')).toEqual([201, '{"id":7,"name":"Ada"}'])
    expect(await got('/status')).toEqual([409, '{"title":"taken"}'])
    expect(await got('/empty')).toEqual([204, ''])
    expect(await got('/removed')).toEqual([204, ''])
    expect(await got('/both')).toEqual([201, '{"id":7,"name":"Ada"}'])
    expect(await got('/null')).toEqual([200, ''])
    expect(await got('/typed')).toEqual([200, ''])
  })
})

describe('what does not fit', () => {
  const answers: Record<string, (ctx: Context) => unknown> = {
    field: () => ({ id: 'x', name: 5, password: 'secret' }),
    text: () => JSON.stringify(row),
    bytes: () => Buffer.from('secret'),
    nothing: () => undefined,
    status: ctx => {
      ctx.status = 418
      return row
    },
    made: () => makeResponse(row, 418),
    madeField: () => makeResponse({ detail: 'secret' }, 409),
    body: () => makeResponse('secret', 204),
    stream: ctx => {
      ctx.status = 204
      return Readable.from(['secret'])
    },
    later: () => makeResponse({ id: -1 }, 202),
    returnedLater: ctx => {
      ctx.status = 202
      return { id: -1 }
    },
    abortedLater: () => abort(makeResponse({ id: -1 }, 202)),
    written: ctx => {
      ctx.body = { id: 'x' }
    },
    chosen: ctx => {
      ctx.status = 200
      return row
    },
  }
  const Later = z.object({ id: z.int().refine(id => Promise.resolve(id > 0), 'must be positive') })
  class App {
    @GetAs('/<name>', { 201: User, 202: Later, 204: null, 409: Problem }) show(
      { name }: { name: string },
      ctx: Context,
    ) {
      return answers[name]?.(ctx)
    }
  }

  test.each([
    [
      'field',
      'App.show: the response 201 is not as declared: /id: Invalid input: expected number, received string; ' +
        '/name: Invalid input: expected string, received number',
    ],
    ['text', 'App.show: the response 201 is not as declared: Invalid input: expected object, received string'],
    ['bytes', 'App.show: the response 201 is not as declared: /id: Invalid input: expected number, received undefined'],
    ['nothing', 'App.show: the response 201 is not as declared: Invalid input: expected object, received undefined'],
    [
      'status',
      'App.show: the response 418 is not as declared: its status is not among those declared: 201, 202, 204, 409',
    ],
    [
      'made',
      'App.show: the response 418 is not as declared: its status is not among those declared: 201, 202, 204, 409',
    ],
    [
      'chosen',
      'App.show: the response 200 is not as declared: its status is not among those declared: 201, 202, 204, 409',
    ],
    [
      'madeField',
      'App.show: the response 409 is not as declared: /title: Invalid input: expected string, received undefined',
    ],
    ['body', 'App.show: the response 204 is not as declared: it has no body, but the view gave "secret"'],
    [
      'stream',
      'App.show: the response 204 is not as declared: it has no body, but the view gave an object of class Readable',
    ],
    ['later', 'App.show: the response 202 is not as declared: /id: must be positive'],
    ['returnedLater', 'App.show: the response 202 is not as declared: /id: must be positive'],
    ['abortedLater', 'App.show: the response 202 is not as declared: /id: must be positive'],
    ['written', 'App.show: the response 201 is not as declared: /id: Invalid input: expected number, received string'],
  ])('%s', async (name, message) => {
    const { client, messages } = observed(App)
    const response = await client.get(`/${name}`)
    expect([response.status, response.text.includes('secret')]).toEqual([500, false])
    expect(messages()[0]).toContain(message)
    expect(messages()).toHaveLength(1)
  })

  test('is an error with its method, status and problems, for handlers', async () => {
    class Handled extends App {
      @ErrorHandler(ResponseMismatch) mismatch({ method, responseStatus, problems }: ResponseMismatch) {
        return makeResponse({ method, responseStatus, problems }, 418)
      }
    }
    const { client, errors } = observed(Handled)
    const response = await client.get('/later')
    expect([response.status, response.json()]).toEqual([
      418,
      { method: 'Handled.show', responseStatus: 202, problems: [{ pointer: '#/id', detail: 'must be positive' }] },
    ])
    expect(errors).toEqual([])
  })

  test('propagates in tests', async () => {
    await expect(clientOf(App, { testing: true }).get('/field')).rejects.toBeInstanceOf(ResponseMismatch)
  })
})

describe('what is not checked', () => {
  const answers: Record<string, (ctx: Context) => unknown> = {
    stream: () => Readable.from(['a', 'b']),
    web: () => new Blob(['web']).stream(),
    generator: function* () {
      yield 'generated'
    },
    written: ctx => {
      ctx.body = Readable.from(['written'])
    },
    madeStream: () => makeResponse(Readable.from(['made'])),
    redirect: () => redirect('/login'),
    koaRedirect: ctx => {
      ctx.redirect('/login')
    },
    madeRedirect: () => makeResponse('', 303, { Location: '/login' }),
    fetched: () => new Response('fetched', { status: 299 }),
    madeFetched: () => makeResponse(new Response('fetched', { status: 299 })),
    writtenFetched: ctx => {
      ctx.body = new Response('fetched', { status: 299 })
      return ctx.response
    },
    error: () => new HttpError('returned', { status: 418 }),
    madeError: () => makeResponse(new HttpError('returned', { status: 418 })),
    aborts: () => abort(418),
    abortsWithValue: () => abort(new Response('aborted', { status: 299 })),
    handled: () => {
      throw new RangeError('from the view')
    },
    later: () => {
      afterThisRequest(() => makeResponse(row, 299))
      return { id: 1, name: 'x' }
    },
  }
  class App {
    @BeforeRequest before(ctx: Context): ResponseValue | undefined {
      return ctx.query.before === undefined ? undefined : makeResponse(row, 299)
    }
    @GetAs('/<name>', { 201: User }) show({ name }: { name: string }, ctx: Context) {
      return answers[name]?.(ctx)
    }
    @AfterRequest after(response: KoaResponse, ctx: Context) {
      return ctx.query.after === undefined ? response : makeResponse(row, 299)
    }
    @ErrorHandler(RangeError) async range() {
      await Promise.resolve()
      return makeResponse(row, 299)
    }
    @ErrorHandler(404) notFound() {
      return makeResponse(row, 404)
    }
  }
  const client = clientOf(App, { testing: true })

  test.each([
    ['/stream', 201, 'ab'],
    ['/web', 201, 'web'],
    ['/generator', 201, 'generated'],
    ['/written', 201, 'written'],
    ['/madeStream', 201, 'made'],
    ['/redirect', 302, undefined],
    ['/koaRedirect', 302, undefined],
    ['/madeRedirect', 303, undefined],
    ['/fetched', 299, 'fetched'],
    ['/madeFetched', 299, 'fetched'],
    ['/writtenFetched', 299, 'fetched'],
    ['/error', 418, undefined],
    ['/madeError', 418, undefined],
    ['/aborts', 418, undefined],
    ['/abortsWithValue', 299, 'aborted'],
    ['/handled', 299, JSON.stringify(row)],
    ['/later', 299, JSON.stringify(row)],
    ['/stream?before', 299, JSON.stringify(row)],
    ['/stream?after', 299, JSON.stringify(row)],
    ['/no/route', 404, JSON.stringify(row)],
  ])('%s', async (path, status, text) => {
    const response = await client.get(path)
    expect(response.status).toBe(status)
    if (text !== undefined) expect(response.text).toBe(text)
    if (status === 302 || status === 303) expect(response.header('Location')).toBe('/login')
  })

  test('OPTIONS, and HEAD without a body', async () => {
    class Heads {
      @GetAs('/', User) index(ctx: Context) {
        return ctx.method === 'HEAD' ? '' : row
      }
      @GetAs('/nothing', User) nothing(ctx: Context) {
        ctx.length = 5
        ctx.status = 200
      }
    }
    const heads = clientOf(Heads, { testing: true })
    expect((await heads.head('/')).status).toBe(200)
    expect((await heads.head('/nothing')).header('Content-Length')).toBe('5')
    expect((await heads.options('/')).header('Allow')).toBe('GET, HEAD, OPTIONS')
  })

  test('a view that has answered by itself', async () => {
    class Own {
      @GetAs('/', User) index(ctx: Context) {
        ctx.respond = false
        ctx.res.end('own')
      }
    }
    await serve(bootstrap(Own), async url => {
      expect(await (await fetch(url)).text()).toBe('own')
    })
  })

  test('ctx is refused as ever', async () => {
    class Own {
      @GetAs('/', z.object({})) index(ctx: Context) {
        return ctx
      }
    }
    await expect(clientOf(Own, { testing: true }).get('/')).rejects.toThrow('Own.index returned ctx')
  })
})

describe('a view that is interrupted', () => {
  test.each(['returns', 'throws', 'makes', 'aborts', 'schema'])(
    '%s later: the answer of the deadline stays',
    async how => {
      const gate = new Gate()
      const ended = new Gate()
      const Slow = z.object({ id: z.int().refine(async () => (await gate.pass(), true)) })
      class App {
        @GetAs('/', { 200: how === 'schema' ? Slow : User, 409: Slow }) async index() {
          if (how === 'makes') return makeResponse(row, 409)
          if (how === 'aborts') abort(makeResponse(row, 409))
          if (how === 'schema') return row
          try {
            await gate.pass()
            if (how === 'throws') throw new Error('too late')
            return row
          } finally {
            ended.open()
          }
        }
        @ErrorHandler(503) async late() {
          gate.open()
          if (how === 'returns' || how === 'throws') await ended.pass()
          await new Promise(resolve => setImmediate(resolve))
          return makeResponse('late', 503)
        }
      }
      const response = await clientOf(App, { requestTimeout: 20 }).get('/')
      expect([response.status, response.text]).toEqual([503, 'late'])
    },
  )
})

describe('a listener of gotRequestException', () => {
  test('is not the view', async () => {
    class App {
      @GetAs('/', User) index() {
        return { id: 'x' }
      }
    }
    const app = bootstrap(App, { logger: false })
    const seen: unknown[] = []
    app.on('gotRequestException', () => {
      seen.push(makeResponse('made', 418).status)
    })
    expect((await testClient(app).get('/')).status).toBe(500)
    expect(seen).toEqual([418])
  })
})

test('a route that declares errors alone says nothing of what its view returns', async () => {
  class App {
    @GetAs('/', { 404: User }) index() {
      return { anything: 1 }
    }
    @GetAs('/text', { 302: null, 404: 'There is none.' }) text() {
      return makeResponse('text')
    }
    @GetAs('/created', { 404: 'There is none.' }) created() {
      return makeResponse('created', 201)
    }
  }
  const client = clientOf(App, { logger: false })
  expect((await client.get('/')).json()).toEqual({ anything: 1 })
  expect((await client.get('/text')).text).toBe('text')
  expect((await client.get('/created')).status).toBe(500)
})

describe("responseMismatch: 'log'", () => {
  const Row = z.object({
    id: z.int(),
    at: z.date().optional(),
    site: z.instanceof(URL).optional(),
    tags: z.array(z.object({ name: z.string() })).optional(),
    owner: z.union([User, z.null()]).optional(),
  })
  const answers: Record<string, (ctx: Context) => unknown> = {
    fits: () => row,
    field: () => ({
      id: 'seven',
      at: new Date(0),
      site: new URL('http://secret.test'),
      tags: [{ ...row, name: 5 }],
      owner: { ...row, id: 'x' },
      password: 'secret',
    }),
    made: () => makeResponse({ id: 'seven', password: 'secret' }, 201),
    later: () => makeResponse({ id: -1, password: 'secret' }, 202),
    text: () => JSON.stringify(row),
    status: () => makeResponse(row, 418),
    body: () => makeResponse('secret', 204),
  }
  class App {
    @GetAs('/<name>', {
      201: Row,
      202: z.object({ id: z.int().refine(id => Promise.resolve(id > 0), 'must be positive') }),
      204: null,
    })
    show({ name }: { name: string }, ctx: Context) {
      return answers[name]?.(ctx)
    }
  }

  test.each([
    ['fits', 201, { id: 7 }, 0],
    [
      'field',
      201,
      { id: 'seven', at: '1970-01-01T00:00:00.000Z', tags: [{ name: 5 }], owner: { id: 'x', name: 'Ada' } },
      1,
    ],
    ['made', 201, { id: 'seven' }, 1],
    ['later', 202, { id: -1 }, 1],
    ['text', 500, undefined, 1],
    ['status', 500, undefined, 1],
    ['body', 500, undefined, 1],
  ])('%s', async (name, status, json, count) => {
    const { client, errors } = observed(App, { responseMismatch: 'log' })
    const response = await client.get(`/${name}`)
    expect([response.status, response.text.includes('secret')]).toEqual([status, false])
    if (json !== undefined) expect(response.json()).toEqual(json)
    expect(errors.map(error => error instanceof ResponseMismatch)).toEqual(Array<boolean>(count).fill(true))
  })

  test('the error is logged', async () => {
    const lines: string[] = []
    const logger = { error: (_: unknown, message: string) => lines.push(message) }
    await clientOf(App, { responseMismatch: 'log', logger }).get('/made')
    expect(lines).toEqual([
      'Exception on /made [GET]: App.show: the response 201 is not as declared: /id: Invalid input: expected number, ' +
        'received string',
    ])
  })

  test('needs a JSON Schema that says which fields there are', () => {
    const refused = (response: unknown) => {
      class Refused {
        @GetAs('/', response) index() {
          return row
        }
      }
      return setupError(() => bootstrap(Refused, { responseMismatch: 'log' }))
    }
    const text =
      'FLASKOA_BAD_OPTION Refused.index: @Get: the schema for 201 has no JSON Schema that says which fields a response has, ' +
      "so that responseMismatch: 'log' cannot send one that does not fit."
    expect(refused({ 201: v.object({}) })).toContain(text)
    expect(refused({ 201: User.transform(({ id }) => ({ id })) })).toContain(text)
  })
})

describe('set-up errors', () => {
  test.each([
    [{}, 'an object without any'],
    ['a text', 'not "a text"'],
    [null, 'not null'],
    [[User], 'not an object of class Array'],
    [{ ok: User }, "has the key 'ok', which is not a status from 100 to 599"],
    [{ 600: User }, "has the key '600'"],
    [{ 200: 5 }, 'has 5 for 200. It must be a schema'],
    [{ 200: { type: 'object' } }, 'has an object of class Object for 200'],
    [{ 200: undefined }, 'has undefined for 200'],
  ])('%j: %s', (response, message) => {
    class App {
      @PostAs('/', response) index() {
        return ''
      }
    }
    const text = setupError(() => bootstrap(App))
    expect(text).toContain('FLASKOA_BAD_OPTION App.index: @Post: the option response ')
    expect(text).toContain(message)
  })

  test('the option responseMismatch', () => {
    class App {
      @GetAs('/', User) index() {
        return row
      }
    }
    expect(setupError(() => bootstrap(App, { responseMismatch: 'off' as 'log' }))).toBe(
      "FLASKOA_BAD_OPTION bootstrap: the option responseMismatch must be 'error' or 'log', not \"off\".",
    )
  })
})

test('HTTP errors of a route with response only are problem details', async () => {
  class App {
    @GetAs('/', User) index() {
      abort(404, 'no such user')
    }
  }
  const response = await clientOf(App).get('/')
  expect([response.header('Content-Type'), response.json()]).toEqual([
    'application/problem+json',
    { title: 'Not Found', status: 404, detail: 'no such user' },
  ])
})
