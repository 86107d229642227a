import { BeforeRequest, Route, session, type Context, type SessionStore } from 'flaskoa'
import { clientOf } from '../support/client'

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

test('what they put on the ctx stays with the session, and what they do to the response is done', async () => {
  const client = clientOf(App, {
    session: {
      valid(ctx: Given) {
        ctx.user = 'Eve'
        ctx[KEPT] = 'kept'
        ctx.set('X-Valid', ctx.user)
        expect([ctx.user, ctx[KEPT], Object.getPrototypeOf(ctx) !== Object.prototype]).toEqual(['Eve', 'kept', true])
        return true
      },
    },
  })
  await client.get('/', { headers })
  const response = await client.get('/', { headers })
  expect([response.json(), response.headers['x-valid']]).toEqual([['Ada', null, 'yes'], 'Eve'])
})

test('a store is given it, and an external key is read from it and written to it', async () => {
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
