// Koa by hand: middleware and a regular expression, no router.
import type Koa from 'koa'
import * as by from './koa-by-hand'
import { createKoa, use } from './koa-by-hand'
import { each, serve } from './support'

const USERS = /^\/users\/(\d+)$/
const ANY = /^\/(\w+)\/(\d+)$/

const show: Koa.Middleware = ctx => {
  const match = USERS.exec(ctx.path)
  if (match !== null) ctx.body = { id: Number(match[1]), by: ctx.state.user }
}

const showAsync: Koa.Middleware = async ctx => show(ctx, () => Promise.resolve())

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
  routes: () => use(createKoa(), by.lifecycle, showAny()),
  hooks: () => use(createKoa(), ...by.hooks, by.showHooks),
  session() {
    const app = createKoa()
    return use(app, by.session(app), by.visits)
  },
  'session-untouched'() {
    const app = createKoa()
    return use(app, by.session(app), by.lifecycle, show)
  },
  stream: () => use(createKoa(), by.stream),
  errors: () => use(createKoa(), by.errorHandler, by.lifecycle, showOrFail),
  input: () => use(createKoa(), by.bodyParser(), by.createUser()),
  json: () => use(createKoa(), by.bodyParser(), by.countItems),
})
