import { request } from 'node:http'
import {
  BeforeRequest,
  bootstrap,
  Route,
  session,
  TeardownRequest,
  type BootstrapOptions,
  type Context,
  type SessionStore,
} from 'flaskoa'
import type { Middleware } from 'koa'
import { ask } from '../support/ask'
import { clientOf } from '../support/client'
import { Gate } from '../support/gate'
import { serve } from '../support/serve'
import { until } from '../support/until'
import { worlds } from '../support/worlds'

// What the functions among koa-session's options can do with the ctx that they are given.

const KEPT = Symbol('kept')
type Given = Context & { user?: string; [KEPT]?: string }

class App {
  @BeforeRequest()
  loadUser(ctx: Given) {
    ctx.user = 'Ada'
    ctx.state.seen = 'state'
  }

  @Route('/')
  index(ctx: Given) {
    session.value = Number(session.value ?? 0) + 1
    return [ctx.user ?? null, ctx[KEPT] ?? null, ctx.get('X-Asked')]
  }
}

const looked = (ctx: Given) => ({
  ...{
    path: ctx.path,
    method: ctx.method,
    user: ctx.user,
    seen: ctx.state.seen as unknown,
    app: typeof ctx.app.listen,
  },
  ...{
    has: ['user' in ctx, 'path' in ctx, 'session' in ctx, 'cookies' in ctx, 'nothing' in ctx],
    asked: ctx.get('X-Asked'),
  },
})

const expected = {
  ...{ path: '/', method: 'GET', user: 'Ada', seen: 'state', app: 'function' },
  ...{ has: [true, true, true, true, false], asked: 'yes' },
}

const headers = { 'X-Asked': 'yes' }

test('valid and beforeSave see the request, and what methods have put there', async () => {
  const seen: unknown[] = []
  const client = clientOf(App, {
    session: {
      valid: (ctx: Given) => Boolean(seen.push(['valid', looked(ctx)])),
      beforeSave: (ctx: Given) => void seen.push(['beforeSave', looked(ctx)]),
    },
  })
  await client.get('/', { headers })
  await client.get('/', { headers })
  expect(seen).toContainEqual(['valid', expected])
  expect(await client.session()).toEqual({ value: 2 })
})

test('their changes to ctx and to the response are kept', async () => {
  const client = clientOf(App, {
    session: {
      valid(ctx: Given) {
        ctx.user = 'Eve'
        ctx[KEPT] = 'kept'
        ctx.set('X-Valid', ctx.user)
        expect([ctx.user, ctx[KEPT], ctx instanceof Object]).toEqual(['Eve', 'kept', true])
        return true
      },
    },
  })
  await client.get('/', { headers })
  const response = await client.get('/', { headers })
  expect([response.json(), response.headers['x-valid']]).toEqual([['Eve', 'kept', 'yes'], 'Eve'])
})

test('they see what other middleware has put there under a symbol', async () => {
  class Visits {
    @Route('/') count() {
      session.value = Number(session.value ?? 0) + 1
      return { ...session }
    }
  }
  const client = clientOf(Visits, {
    middleware: [(ctx, next) => ((ctx[KEPT] = 'of another'), next())],
    session: {
      valid: (ctx: Given, value: Record<string, unknown>) => value.kept === ctx[KEPT],
      beforeSave: (ctx: Given, model: Record<string, unknown>) => void (model.kept = ctx[KEPT]),
    },
  })
  expect((await client.get('/')).json()).toEqual({ value: 1 })
  for (const value of [2, 3]) expect((await client.get('/')).json()).toEqual({ value, kept: 'of another' })
})

describe.each(worlds)('%s', (_, make) => {
  test("the application's own cookies are signed by its own keys", async () => {
    const seen: unknown[] = []
    let sent: string[] = []
    const note: Middleware = (ctx, next) => {
      seen.push([ctx.cookies.get('uid', { signed: true }), ctx.cookies.get('seen', { signed: true })])
      ctx.cookies.set('uid', '42', { signed: true })
      return next()
    }
    const app = make(App, [note], {
      secretKey: 'thirty-two characters of secrecy',
      session: {
        valid: (ctx: Context) => Boolean(seen.push(ctx.cookies.get('uid', { signed: true }))),
        beforeSave({ cookies, req, res }: Context) {
          cookies.set('seen', '1', { signed: true }).set('also', '2')
          expect([cookies.secure, cookies.request === req, cookies.response === res]).toEqual([false, true, true])
        },
      },
    })
    app.keys = ['another key, of the application']
    await serve(app, async url => {
      const first = await ask(url)
      sent = first.headers['set-cookie'] ?? []
      await ask(url, {
        headers: { cookie: sent.map(each => each.split(';')[0]).join('; ') },
      })
    })
    expect(seen).toEqual([[undefined, undefined], ['42', '1'], '42'])
    expect(sent).toEqual(expect.arrayContaining([expect.stringMatching(/^also=2/)]))
  })
})

test('the signal of a store is the signal of the request, which its deadline aborts', async () => {
  const aborted: unknown[] = []
  const hanging: SessionStore = {
    get: (_key, _maxAge, { ctx: { signal } }) =>
      new Promise(resolve => {
        signal.addEventListener('abort', () => {
          aborted.push(signal.reason)
          resolve(undefined)
        })
      }),
    set: () => undefined,
    destroy: () => undefined,
  }
  const session = { store: hanging, externalKey: { get: () => 'key', set: () => undefined } }
  const { status } = await clientOf(App, { requestTimeout: 50, session }).get('/')
  expect([status, aborted]).toEqual([503, [expect.objectContaining({ status: 503 })]])
})

describe('a store that rejects with the reason of the signal has not failed', () => {
  /** A store of which one method never answers, and rejects when the signal is aborted. */
  function hangingStore(which: 'get' | 'set', gate: Gate) {
    const hang = (_key: string, ...given: unknown[]) =>
      new Promise<never>((_, reject) => {
        void gate.pass()
        const { signal } = (given.at(-1) as { ctx: Context }).ctx
        signal.addEventListener('abort', () => {
          reject(signal.reason as Error)
        })
      })
    return { get: () => undefined, set: () => undefined, destroy: () => undefined, [which]: hang } as SessionStore
  }

  function appWith(which: 'get' | 'set', options: BootstrapOptions) {
    const [errors, ended]: [Error[], (Error | undefined)[]] = [[], []]
    const gate = new Gate()
    class Ending extends App {
      @TeardownRequest()
      over(error?: Error) {
        ended.push(error)
      }
    }
    const session = { store: hangingStore(which, gate), externalKey: { get: () => 'key', set: () => undefined } }
    const app = bootstrap(Ending, { secretKey: 'secret', logger: false, session, ...options })
    app.on('error', (error: Error) => errors.push(error))
    return { app, errors, ended, gate }
  }

  test.each(['get', 'set'] as const)('%s, and the client disconnects: no error is reported', async which => {
    const { app, errors, ended, gate } = appWith(which, {})
    await serve(app, async url => {
      const client = request(url)
        .on('error', () => undefined)
        .end()
      await gate.reached
      client.destroy()
      await until('the request has been torn down', () => ended.length > 0)
    })
    expect([ended, errors]).toEqual([[expect.objectContaining({ name: 'AbortError' })], []])
  })

  test.each(['get', 'set'] as const)('%s, at the deadline: the error of the deadline, once', async which => {
    const { app, errors, ended } = appWith(which, { requestTimeout: 50 })
    await serve(app, async url => {
      expect((await ask(url)).status).toBe(503)
      await until('the request has been torn down', () => ended.length > 0)
    })
    const deadline = expect.objectContaining({ status: 503, code: 'REQUEST_TIMEOUT' })
    expect([ended, errors]).toEqual([[deadline], [deadline]])
  })
})

test('a store gets ctx, and an external key is read from it and written to it', async () => {
  const seen: unknown[] = []
  const kept = new Map<string, unknown>()
  const store = {
    get: (key, _, { ctx }) => (seen.push(['get', key, ctx.path]), kept.get(key)),
    set: (key, value, _, { ctx }) => (seen.push(['set', key, ctx.path]), void kept.set(key, value)),
    destroy: key => void kept.delete(key),
  } satisfies SessionStore
  const client = clientOf(App, {
    session: {
      store,
      genid: (ctx: Given) => `made for ${ctx.get('X-Asked')}`,
      externalKey: { get: ctx => ctx.get('X-Key') || undefined, set: (ctx, key) => ctx.set('X-Key', key) },
    },
  })
  const first = await client.get('/', { headers })
  expect(first.headers['x-key']).toBe('made for yes')
  await client.get('/', { headers: { ...headers, 'X-Key': 'made for yes' } })
  expect(seen).toContainEqual(['set', 'made for yes', '/'])
  expect(seen).toContainEqual(['get', 'made for yes', '/'])
  expect(kept.get('made for yes')).toMatchObject({ value: 2 })
})
