// Koa by hand: middleware and a regular expression, no router.
import type Koa from 'koa'
import * as by from './koa-by-hand'
import { createKoa, use } from './koa-by-hand'
import { cached, each, megabyte, quarters, serve } from './support'

const USERS = /^\/users\/(\d+)$/
const ANY = /^\/(\w+)\/(\d+)$/

const show: Koa.Middleware = ctx => {
  const match = USERS.exec(ctx.path)
  if (match !== null) ctx.body = { id: Number(match[1]), by: ctx.state.user }
}

const showAsync: Koa.Middleware = async ctx => show(ctx, () => Promise.resolve())

const showAwaiting: Koa.Middleware = async (ctx, next) => {
  await cached()
  return show(ctx, next)
}

const showOrAbort: Koa.Middleware = ctx => {
  const match = USERS.exec(ctx.path)
  if (match !== null) ctx.throw(404, `no user ${match[1]}`)
}

const onlyHello: Koa.Middleware = (ctx, next) => {
  if (ctx.path === '/') return by.hello(ctx, next)
}

const showSession: Koa.Middleware = (ctx, next) => (ctx.path === '/login' ? by.login : by.showSession)(ctx, next)

const showOrFail: Koa.Middleware = (ctx, next) => {
  if (ctx.path === '/fail') throw new Error('broken')
  return show(ctx, next)
}

function showAny(): Koa.Middleware {
  const names = new Set(each.map(index => `r${index}`))
  return ctx => {
    const match = ANY.exec(ctx.path)
    if (match !== null && names.has(match[1]!)) ctx.body = { id: Number(match[2]), by: ctx.state.user }
  }
}

serve({
  hello: () => use(createKoa(), by.hello),
  lifecycle: () => use(createKoa(), by.lifecycle, show),
  'lifecycle-async': () => use(createKoa(), by.asyncLifecycle, showAsync),
  'lifecycle-awaits': () => use(createKoa(), by.awaitingLifecycle, showAwaiting),
  http2: () => by.overHttp2(use(createKoa(), by.lifecycle, show)),
  routes: () => use(createKoa(), by.lifecycle, showAny()),
  hooks: () => use(createKoa(), ...by.hooks, by.showHooks),
  'async-hooks': () => use(createKoa(), ...by.asyncHooks, by.showHooks),
  'session-read'() {
    const app = createKoa()
    return use(app, by.session(app), showSession)
  },
  session() {
    const app = createKoa()
    return use(app, by.session(app), by.visits)
  },
  'session-untouched'() {
    const app = createKoa()
    return use(app, by.session(app), by.lifecycle, show)
  },
  stream: () => use(createKoa(), by.stream(megabyte)),
  'stream-64k': () => use(createKoa(), by.stream(quarters)),
  abort: () => use(createKoa(), by.notFoundHandler, showOrAbort),
  'not-found': () => use(createKoa(), onlyHello),
  errors: () => use(createKoa(), by.errorHandler, by.lifecycle, showOrFail),
  input: () => use(createKoa(), by.bodyParser(), by.createUser()),
  json: () => use(createKoa(), by.bodyParser(), by.countItems),
})
