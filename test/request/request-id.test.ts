import { AfterResponse, BeforeRequest, bootstrap, Get, type Context, type LogEntry, type Logger } from 'flaskoa'
import { testClient } from 'flaskoa/testing'
import pino from 'pino'
import type Koa from 'koa'

const UUID = /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/

class App {
  @BeforeRequest early(ctx: Context) {
    ctx.state.early = ctx.id
  }
  @Get('/') index(ctx: Context) {
    return { id: ctx.id, early: ctx.state.early as string }
  }
  @Get('/failing') failing(ctx: Context): never {
    throw new Error(`failing ${ctx.id}`)
  }
}

describe('ctx.id', () => {
  const idOf = async (sent?: string) =>
    (await testClient(bootstrap(App)).get('/', { headers: sent === undefined ? {} : { 'X-Request-Id': sent } })).json<{
      id: string
      early: string
    }>()

  test('is made for each request, once', async () => {
    const first = await idOf()
    const second = await idOf()
    expect(first.id).toMatch(UUID)
    expect(first.early).toBe(first.id)
    expect(second.id).not.toBe(first.id)
  })

  test.each(['a', '7f3.A_b-c~d:e/f+g=h@i', '+/base64==', 'x'.repeat(128)])(
    'is what the client sent, if that is safe: %s',
    async sent => {
      expect((await idOf(sent)).id).toBe(sent)
    },
  )

  test.each([
    '',
    'a b',
    'a"b',
    '<b>',
    "a'b",
    'a,b',
    '${x}',
    'a;b',
    'ü',
    '-rf',
    '~root',
    '=ls',
    '@all',
    'x'.repeat(129),
  ])('is made anew in the place of what is not safe: %s', async sent => {
    expect((await idOf(sent)).id).toMatch(UUID)
  })

  test('may be that of other middleware', async () => {
    const middleware: Koa.Middleware = (ctx, next) => {
      ctx.id = 'theirs'
      return next()
    }
    expect((await testClient(bootstrap(App, { middleware: [middleware] })).get('/')).json()).toMatchObject({
      id: 'theirs',
    })
  })

  test('is the same in middleware around the lifecycle', async () => {
    let outer: unknown
    const middleware: Koa.Middleware = (ctx, next) => {
      outer = ctx.id
      return next()
    }
    const { id } = (await testClient(bootstrap(App, { middleware: [middleware] })).get('/')).json<{ id: string }>()
    expect(id).toBe(outer)
  })
})

class Lines {
  @Get('/') index(ctx: Context) {
    ctx.log.error({}, 'a line')
    return String(ctx.log === ctx.log)
  }
  @Get('/failing') failing(): never {
    throw new Error('failing')
  }
  @AfterResponse sent(_: unknown, ctx: Context) {
    ctx.log.error({}, 'sent')
  }
}

const headers = { 'X-Request-Id': 'abc' }
const get = async (logger: Logger | false, path: string) =>
  (await testClient(bootstrap(Lines, { logger })).get(path, { headers })).text

describe('ctx.log', () => {
  test("is a child of pino's with the id, and errors are in it", async () => {
    const lines: { requestId: string; msg: string; err?: { message: string } }[] = []
    const logger = pino(
      { serializers: { ctx: () => undefined } },
      { write: (line: string) => void lines.push(JSON.parse(line) as never) },
    )
    expect(await get(logger, '/')).toBe('true')
    await get(logger, '/failing')
    expect(lines.map(({ requestId, msg }) => `${requestId}: ${msg}`)).toEqual([
      'abc: a line',
      'abc: sent',
      'abc: Exception on /failing [GET]: failing',
      'abc: sent',
    ])
  })

  test('has the id that other middleware puts on ctx.id, from then on', async () => {
    const lines: string[] = []
    const logger = pino(
      {},
      { write: (line: string) => void lines.push((JSON.parse(line) as { requestId: string }).requestId) },
    )
    const middleware: Koa.Middleware = (ctx, next) => {
      const { log } = ctx as Context
      log.error({}, 'before')
      ctx.id = 'theirs'
      return next()
    }
    await testClient(bootstrap(Lines, { logger, middleware: [middleware] })).get('/failing', { headers })
    expect(lines).toEqual(['abc', 'theirs', 'theirs'])
    const entries: LogEntry[] = []
    const plain: Logger = { error: entry => void entries.push(entry) }
    const set: Koa.Middleware = (ctx, next) => {
      ctx.id = 'theirs'
      return next()
    }
    await testClient(bootstrap(App, { logger: plain, middleware: [set] })).get('/failing', { headers })
    const unset: Koa.Middleware = (ctx, next) => {
      ctx.id = undefined
      return next()
    }
    await testClient(bootstrap(App, { logger: plain, middleware: [unset] })).get('/failing', { headers })
    expect(entries.map(({ requestId }) => requestId)).toEqual(['theirs', 'abc'])
  })

  test('is the logger itself if it has no children; entries of errors then have the id', async () => {
    const entries: LogEntry[] = []
    const logger: Logger = { error: entry => void entries.push(entry) }
    expect(await get(logger, '/')).toBe('true')
    await get(logger, '/failing')
    expect(entries.map(({ err, requestId }) => [err?.message, requestId])).toEqual([
      [undefined, undefined],
      [undefined, undefined],
      ['failing', 'abc'],
      [undefined, undefined],
    ])
  })

  test('is silent with logger: false', async () => {
    expect(await get(false, '/')).toBe('true')
  })

  test('a logger whose child fails still gets the error', async () => {
    const entries: LogEntry[] = []
    const logger = {
      error: (entry: LogEntry) => void entries.push(entry),
      child() {
        throw new Error('no child')
      },
    }
    await testClient(bootstrap(App, { logger })).get('/failing', { headers })
    expect(entries.map(({ err }) => err?.message)).toEqual(['failing abc'])
  })
})
