import 'reflect-metadata'
import { Bootstrap } from '@midwayjs/bootstrap'
import { App, Body, Catch, Configuration, Controller, Get, HttpCode, Inject, Param, Post } from '@midwayjs/core'
import * as koa from '@midwayjs/koa'
import { count, each, host, megabyte, port, SECRET, serve, tornDown } from './support'

type Next = () => Promise<unknown>
type Context = koa.Context & { user: string; hooks: number }

serve({
  hello: () => start(Hello),
  lifecycle: () => start(Users, [lifecycle]),
  'lifecycle-async': () => start(Users, [asyncLifecycle]),
  routes: () => start(manyRoutes(), [lifecycle]),
  hooks: () => start(Hooks, each.map(hook)),
  session: () => start(Visits),
  stream: () => start(Stream),
  errors: () => start(Failing, [lifecycle], [AllErrors]),
  json: () => start(Items),
})

/** Midway searches folders for its classes; here they are listed. */
async function start(controller: new () => object, middleware: unknown[] = [], filters: unknown[] = []) {
  Controller('/')(controller)

  @Configuration({ imports: [koa] })
  class Main {
    @App('koa') app: koa.Application
    async onReady() {
      this.app.useMiddleware(middleware as never)
      this.app.useFilter(filters as never)
    }
  }

  await Bootstrap.configure({
    appDir: __dirname,
    baseDir: __dirname,
    imports: [Main],
    preloadModules: [controller, AllErrors],
    logger: false,
    globalConfig: {
      keys: SECRET,
      koa: { port, hostname: host },
      midwayLogger: { default: { level: 'none', transports: { console: false, file: false, error: false } } },
    },
  }).run()
}

async function lifecycle(ctx: Context, next: Next) {
  try {
    ctx.user = 'root'
    const result = await next()
    ctx.set('X-User', ctx.user)
    return result
  } finally {
    tornDown.requests++
  }
}

async function asyncLifecycle(ctx: Context, next: Next) {
  try {
    await before(ctx)
    const result = await next()
    await after(ctx)
    return result
  } finally {
    await teardown()
  }
}
const before = async (ctx: Context) => void (ctx.user = 'root')
const after = async (ctx: Context) => ctx.set('X-User', ctx.user)
const teardown = async () => void tornDown.requests++

function hook(index: number) {
  return (ctx: Context, next: Next) => {
    ctx.hooks = index === 0 ? 1 : ctx.hooks + 1
    return next()
  }
}

class Hello {
  @Get('/') async index() {
    return 'Hello World'
  }
}

class Users {
  @Inject() ctx: Context
  @Get('/users/:id') async show(@Param('id') id: number) {
    return { id, by: this.ctx.user }
  }
}

class Failing {
  @Inject() ctx: Context
  @Get('/users/:id') async show(@Param('id') id: number) {
    return { id, by: this.ctx.user }
  }
  @Get('/fail') async fail() {
    throw new Error('broken')
  }
}

class Hooks {
  @Inject() ctx: Context
  @Get('/') async index() {
    return { hooks: this.ctx.hooks }
  }
}

class Visits {
  @Inject() ctx: Context
  @Get('/') async index() {
    const session = this.ctx.session!
    session.visits = (session.visits ?? 0) + 1
    return { visits: session.visits }
  }
}

class Stream {
  @Inject() ctx: Context
  @Get('/') async index() {
    this.ctx.type = 'application/octet-stream'
    return megabyte()
  }
}

class Items {
  @Post('/') @HttpCode(200) async count(@Body() body: { items: unknown[] }) {
    return { items: body.items.length }
  }
}

@Catch(Error, { matchPrototype: true })
class AllErrors {
  async catch(error: Error, ctx: Context) {
    ctx.status = 500
    return { error: error.message }
  }
}

function manyRoutes(): new () => object {
  class Routes {
    @Inject() ctx: Context
  }
  const prototype = Routes.prototype as object
  for (let index = 0; index < count; index++) {
    const name = `show${index}`
    const value = async function (this: Routes, id: number) {
      return { id, by: this.ctx.user }
    }
    const descriptor = { value, configurable: true, writable: true }
    Object.defineProperty(prototype, name, descriptor)
    Reflect.defineMetadata('design:paramtypes', [Number], prototype, name)
    Param('id')(prototype, name, 0)
    Get(`/r${index}/:id`)(prototype, name, descriptor)
  }
  return Routes
}
