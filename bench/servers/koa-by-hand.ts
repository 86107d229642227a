// The middleware that `koa` and `koa-router` share. They differ in `show`.
import type Koa from 'koa'
import { createServer } from 'node:http2'
import type { Readable } from 'node:stream'
import { cached, each, fromRoot, host, newUser, port, SECRET, tornDown, workload } from './support'

export const createKoa = (): Koa => new (fromRoot<typeof Koa>('koa'))()

/** Before, after and teardown, as an application writes them in Koa. */
export const lifecycle: Koa.Middleware = async (ctx, next) => {
  try {
    ctx.state.user = 'root'
    await next()
    ctx.set('X-User', ctx.state.user)
  } finally {
    tornDown.requests++
  }
}

/** The same of asynchronous functions. */
const lifecycleOf = (before: Step, after: Step, teardown: () => Promise<void>): Koa.Middleware => {
  return async (ctx, next) => {
    try {
      await before(ctx)
      await next()
      await after(ctx)
    } finally {
      await teardown()
    }
  }
}
type Step = (ctx: Koa.Context) => Promise<void>

export const asyncLifecycle = lifecycleOf(
  async ctx => void (ctx.state.user = 'root'),
  async ctx => ctx.set('X-User', ctx.state.user),
  async () => void tornDown.requests++,
)

export const awaitingLifecycle = lifecycleOf(
  async ctx => {
    ctx.state.user = 'root'
    await cached()
  },
  async ctx => {
    ctx.set('X-User', ctx.state.user)
    await cached()
  },
  async () => {
    await cached()
    tornDown.requests++
  },
)

export const errorHandler: Koa.Middleware = async (ctx, next) => {
  try {
    await next()
  } catch (error) {
    ctx.status = 500
    ctx.body = { error: (error as Error).message }
  }
}

export const hello: Koa.Middleware = ctx => {
  ctx.body = 'Hello World'
}

export const hooks: Koa.Middleware[] = each.map(index => (ctx, next) => {
  ctx.state.hooks = index === 0 ? 1 : ctx.state.hooks + 1
  return next()
})

export const asyncHooks: Koa.Middleware[] = each.map(index => async (ctx, next) => {
  ctx.state.hooks = index === 0 ? 1 : ctx.state.hooks + 1
  await next()
})

export const showHooks: Koa.Middleware = ctx => {
  ctx.body = { hooks: ctx.state.hooks }
}

export function session(app: Koa): Koa.Middleware {
  app.keys = [SECRET]
  const { createSession } = fromRoot<{ createSession(options: object, app: Koa): Koa.Middleware }>('koa-session')
  return createSession({ maxAge: 'session' }, app)
}

export const visits: Koa.Middleware = ctx => {
  ctx.session.visits = (ctx.session.visits ?? 0) + 1
  ctx.body = { visits: ctx.session.visits }
}

export const login: Koa.Middleware = ctx => {
  ctx.session.user = 'root'
  ctx.body = 'welcome'
}

export const showSession: Koa.Middleware = ctx => {
  // The response depends on the cookie: caches must know.
  ctx.vary('Cookie')
  ctx.body = { user: ctx.session.user }
}

export const stream = (create: () => Readable): Koa.Middleware => {
  return ctx => {
    ctx.type = 'application/octet-stream'
    ctx.body = create()
  }
}

export const notFoundHandler: Koa.Middleware = async (ctx, next) => {
  try {
    await next()
  } catch (error) {
    if ((error as { status?: number }).status !== 404) throw error
    ctx.status = 404
    ctx.body = { error: (error as Error).message }
  }
}

export function bodyParser(): Koa.Middleware {
  return (require('@koa/bodyparser') as typeof import('@koa/bodyparser')).bodyParser()
}

export const countItems: Koa.Middleware = ctx => {
  const { items } = (ctx.request as unknown as { body: { items: unknown[] } }).body
  ctx.body = { items: items.length }
}

export function createUser(): Koa.Middleware {
  const schema = newUser()
  return ctx => {
    const { body } = ctx.request as unknown as { body: unknown }
    const { success, data, error } = schema.safeParse(body)
    if (!success) return ctx.throw(422, error.message)
    ctx.body = { name: data.name, tags: data.tags.length }
  }
}

export function use(app: Koa, ...middleware: Koa.Middleware[]): Koa {
  for (const each of middleware) app.use(each)
  return app
}

/** HTTP/2 as Koa's callback has it: Node's server instead of `app.listen`. */
export const overHttp2 = (app: Pick<Koa, 'callback'>) => createServer(app.callback())

/** Listens, over HTTP/2 if the workload says so. */
export function listen(app: Pick<Koa, 'callback' | 'listen'>): void {
  const server = workload === 'http2' ? overHttp2(app) : app
  server.listen(port, host)
}
