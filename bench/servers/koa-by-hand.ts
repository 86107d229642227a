// The middleware that `koa` and `koa-router` share. They differ in `show`.
import type Koa from 'koa'
import { each, fromRoot, megabyte, newUser, SECRET, tornDown } from './support'

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

export const asyncLifecycle: Koa.Middleware = async (ctx, next) => {
  try {
    await before(ctx)
    await next()
    await after(ctx)
  } finally {
    await teardown()
  }
}
const before = async (ctx: Koa.Context) => void (ctx.state.user = 'root')
const after = async (ctx: Koa.Context) => ctx.set('X-User', ctx.state.user)
const teardown = async () => void tornDown.requests++

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

export const stream: Koa.Middleware = ctx => {
  ctx.type = 'application/octet-stream'
  ctx.body = megabyte()
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
    if (!success) ctx.throw(422, error.message)
    ctx.body = { name: data.name, tags: data.tags.length }
  }
}

export function use(app: Koa, ...middleware: Koa.Middleware[]): Koa {
  for (const each of middleware) app.use(each)
  return app
}
