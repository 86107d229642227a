import Router, { type RouterMiddleware } from '@koa/router'
import type Koa from 'koa'
import * as by from './koa-by-hand'
import { createKoa, use } from './koa-by-hand'
import { each, serve } from './support'

const show: RouterMiddleware = ctx => {
  ctx.body = { id: Number(ctx.params.id), by: ctx.state.user }
}

const showAsync: RouterMiddleware = async (ctx, next) => show(ctx, next)

serve({
  hello: () => routed(router => router.get('/', by.hello)),
  lifecycle: () => routed(router => router.get('/users/:id', show), by.lifecycle),
  'lifecycle-async': () => routed(router => router.get('/users/:id', showAsync), by.asyncLifecycle),
  routes: () => routed(router => each.forEach(index => router.get(`/r${index}/:id`, show)), by.lifecycle),
  hooks: () => routed(router => router.get('/', by.showHooks), ...by.hooks),
  session() {
    const app = createKoa()
    const router = new Router().get('/', by.visits)
    return use(app, by.session(app), ...middlewareOf(router))
  },
  stream: () => routed(router => router.get('/', by.stream)),
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

const middlewareOf = (router: Router) => [router.routes(), router.allowedMethods()] as unknown as Koa.Middleware[]
