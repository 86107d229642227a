// A user's application in TypeScript. Each compiler makes of it a CommonJS or an ES module, in either dialect.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import {
  AfterRequest,
  BeforeFirstRequest,
  BeforeRequest,
  Blueprint,
  ErrorHandler,
  Get,
  HttpError,
  Post,
  Route,
  TeardownRequest,
  abort,
  bootstrap,
  g,
  makeResponse,
  session,
  type Application,
  type Context,
  type KoaResponse,
} from 'flaskoa'
import { redisSessionStore, type RedisClient } from 'flaskoa/session-redis'
import { testClient } from 'flaskoa/testing'

declare module 'flaskoa' {
  interface Globals {
    user: string
  }
  interface SessionData {
    visits?: number
  }
  interface Converters {
    date: Date
  }
}

const log: string[] = []

class OutOfStock extends HttpError {
  static status = 409
  item = 'bolts'
}

@Blueprint('/days')
class Days {
  @BeforeRequest
  before() {
    log.push('before in blueprint')
  }

  @Get('/<date:day>')
  show({ day }: { day: Date }, ctx: Context) {
    log.push(`view ${ctx.path}`)
    return { year: day.getUTCFullYear() }
  }
}

class AppController {
  @BeforeFirstRequest()
  createTables() {
    log.push('before first')
  }

  @BeforeRequest()
  async loadUser() {
    await Promise.resolve()
    g.user = 'root'
    session.visits = (session.visits ?? 0) + 1
    log.push('before')
  }

  @Route('/')
  index() {
    log.push('view')
    return `Hello ${g.user}`
  }

  @Post('/users/<int:id>')
  update({ id }: { id: number }): string {
    abort(404, `no user ${id + 1}`)
  }

  @Get('/stock')
  stock(): string {
    throw new OutOfStock('only 2 left')
  }

  @ErrorHandler(OutOfStock)
  outOfStock(error: OutOfStock) {
    return makeResponse({ item: error.item, error: error.message }, error.status, error.headers)
  }

  @ErrorHandler(404)
  missing(error: HttpError) {
    log.push('error handler')
    return makeResponse(error.message, error.status)
  }

  @AfterRequest()
  after(response: KoaResponse) {
    log.push('after')
    response.set('X-User', g.user)
    return response
  }

  @TeardownRequest()
  close(error?: Error) {
    log.push(`teardown ${error}`)
  }
}

// What the installed types must refuse.
export class Refused {
  // @ts-expect-error the rule's id is a number
  @Get('/<int:id>')
  wrongArgument({ id }: { id: string }) {
    return id
  }

  // @ts-expect-error a view must return a value
  @Get('/nothing')
  returnsNothing() {
    // @ts-expect-error nobody has declared this name
    g.nobody = 1
  }
}

export function refused(app: Application) {
  // @ts-expect-error listeners of this event get a Context
  app.on('requestStarted', (path: string) => path)
}

async function overTheWire() {
  const date = { regex: '\\d{4}-\\d\\d-\\d\\d', convert: (text: string) => new Date(text) }
  const app = bootstrap(AppController, { secretKey: 'secret', blueprints: [Days], converters: { date } })
  app.once('requestFinished', (response, ctx) => response.set('X-Path', ctx.path))
  app.on('error', (error, ctx) => assert.fail(`${error} on ${ctx.path}`))
  const server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  try {
    const index = await fetch(address)
    assert.deepEqual([index.status, await index.text(), index.headers.get('x-user')], [200, 'Hello root', 'root'])
    assert.equal(index.headers.get('x-path'), '/')
    assert.deepEqual(log.splice(0), ['before first', 'before', 'view', 'after', 'teardown undefined'])
    assert.equal(await (await fetch(`${address}/days/2024-02-29`)).text(), '{"year":2024}')
    assert.deepEqual(log.splice(0), [
      'before',
      'before in blueprint',
      'view /days/2024-02-29',
      'after',
      'teardown undefined',
    ])
  } finally {
    server.close()
  }
}

async function withTestClient() {
  const client = testClient(bootstrap(AppController, { secretKey: 'secret' }))
  await client.get('/')
  log.length = 0
  const missing = await client.post('/users/6')
  assert.deepEqual([missing.status, missing.text], [404, 'no user 7'])
  assert.deepEqual(log.splice(0), ['before', 'error handler', 'after', 'teardown undefined'])
  const stock = await client.get('/stock')
  assert.deepEqual([stock.status, stock.text], [409, '{"item":"bolts","error":"only 2 left"}'])
  assert.deepEqual(await client.session(), { visits: 3 })
}

/** A client of ioredis fits, and so does whatever has its commands: nobody needs its types. */
async function withSessionsInRedis() {
  const kept = new Map<string, string>()
  const client: RedisClient = {
    get: async key => kept.get(key) ?? null,
    set: async (key, value) => kept.set(key, value),
    del: async key => kept.delete(key),
    evalsha: async () => Promise.reject(new Error('NOSCRIPT')),
    eval: async (script, keys, key, expected, value) =>
      Number(kept.get(`${key}`) === expected && kept.set(`${key}`, `${value}`).size),
  }
  const store = redisSessionStore(client, { prefix: 'app:', ttl: 60_000 })
  const browser = testClient(bootstrap(AppController, { secretKey: 'secret', session: { store, onConflict: 'merge' } }))
  await browser.get('/')
  await browser.get('/')
  assert.deepEqual([[...kept.keys()].length, await browser.session()], [1, { visits: 2 }])
}

/** Rejects when something is wrong: then the process fails, or the jest test that awaits it. */
export const checked = overTheWire().then(withTestClient).then(withSessionsInRedis)
