import Router, { type RouterMiddleware } from '@koa/router'
import type Koa from 'koa'
import * as by from './koa-by-hand'
import { createKoa, use } from './koa-by-hand'
import { cached, each, megabyte, quarters, serve } from './support'

const show: RouterMiddleware = ctx => {
  ctx.body = { id: Number(ctx.params.id), by: ctx.state.user }
}

const showAsync: RouterMiddleware = async (ctx, next) => show(ctx, next)

const showAwaiting: RouterMiddleware = async (ctx, next) => {
  await cached()
  return show(ctx, next)
}

serve({
  hello: () => routed(router => router.get('/', by.hello)),
  lifecycle: () => routed(router => router.get('/users/:id', show), by.lifecycle),
  'lifecycle-async': () => routed(router => router.get('/users/:id', showAsync), by.asyncLifecycle),
  'lifecycle-awaits': () => routed(router => router.get('/users/:id', showAwaiting), by.awaitingLifecycle),
  http2: () => by.overHttp2(routed(router => router.get('/users/:id', show), by.lifecycle)),
  routes: () => routed(router => each.forEach(index => router.get(`/r${index}/:id`, show)), by.lifecycle),
  hooks: () => routed(router => router.get('/', by.showHooks), ...by.hooks),
  'async-hooks': () => routed(router => router.get('/', by.showHooks), ...by.asyncHooks),
  session: () => withSession(new Router().get('/', by.visits)),
  'session-read': () => withSession(new Router().get('/', by.showSession).get('/login', by.login)),
  stream: () => routed(router => router.get('/', by.stream(megabyte))),
  'stream-64k': () => routed(router => router.get('/', by.stream(quarters))),
  abort: () =>
    routed(router => router.get('/users/:id', ctx => ctx.throw(404, `no user ${ctx.params.id}`)), by.notFoundHandler),
  'not-found': () => routed(router => router.get('/', by.hello)),
  errors: () =>
    routed(
      router =>
        router.get('/users/:id', show).get('/fail', () => {
          throw new Error('broken')
        }),
      by.errorHandler,
      by.lifecycle,
    ),
  json: () => routed(router => router.post('/', by.countItems), by.bodyParser()),
})

function routed(addRoutes: (router: Router) => unknown, ...before: Koa.Middleware[]): Koa {
  const router = new Router()
  addRoutes(router)
  return use(createKoa(), ...before, ...middlewareOf(router))
}

function withSession(router: Router): Koa {
  const app = createKoa()
  return use(app, by.session(app), ...middlewareOf(router))
}

const middlewareOf = (router: Router) => [router.routes(), router.allowedMethods()] as unknown as Koa.Middleware[]
