import 'reflect-metadata'
import {
  BodyParams,
  Catch,
  Configuration,
  Context,
  Controller,
  Inject,
  Middleware,
  PathParams,
  PlatformApplication,
  Session,
  UseAfter,
  UseBefore,
  type BeforeRoutesInit,
  type ExceptionFilterMethods,
  type PlatformContext,
} from '@tsed/common'
import { PlatformKoa } from '@tsed/platform-koa'
import { Get, Post, Returns } from '@tsed/schema'
import type Koa from 'koa'
import * as by from './koa-by-hand'
import { each, host, megabyte, port, serve, tornDown } from './support'

serve({
  hello: () => start(Hello),
  lifecycle: () => start(Users),
  'lifecycle-async': () => start(AsyncUsers),
  routes: () => start(manyRoutes()),
  hooks: () => start(Hooks, each.map(hook)),
  session: () => start(Visits, [], app => app.use(by.session(app))),
  stream: () => start(Stream),
  errors: () => start(Failing),
  json: () => start(Items, [require('koa-bodyparser')()]),
})

async function start(controller: new () => object, middlewares: unknown[] = [], prepare?: (app: Koa) => unknown) {
  Controller('/')(controller)

  @Configuration({})
  class Server implements BeforeRoutesInit {
    @Inject() app: PlatformApplication<Koa>
    $beforeRoutesInit() {
      prepare?.(this.app.getApp())
    }
    $onResponse() {
      tornDown.requests++
    }
  }

  const platform = await PlatformKoa.bootstrap(Server, {
    httpPort: `${host}:${port}`,
    httpsPort: false,
    mount: { '/': [controller] },
    middlewares: middlewares as never,
    koa: { app: composedLate(by.createKoa()) } as object,
    logger: { level: 'off', disableRoutesSummary: true, disableBootstrapLog: true, logRequest: false },
  })
  await platform.listen()
}

/** Ts.ED calls callback() before it adds its middleware, too late for koa-compose. */
function composedLate(app: Koa): Koa {
  const compose = app.callback.bind(app)
  let callback: ReturnType<Koa['callback']> | undefined
  app.callback = () => (req, res) => (callback ??= compose())(req, res)
  return app
}

@Middleware()
class LoadUser {
  use(@Context() $ctx: PlatformContext) {
    $ctx.set('user', 'root')
  }
}

@Middleware()
class Stamp {
  use(@Context() $ctx: PlatformContext) {
    $ctx.response.setHeader('X-User', $ctx.get('user') as string)
  }
}

@Middleware()
class AsyncLoadUser {
  async use(@Context() $ctx: PlatformContext) {
    $ctx.set('user', 'root')
  }
}

@Middleware()
class AsyncStamp {
  async use(@Context() $ctx: PlatformContext) {
    $ctx.response.setHeader('X-User', $ctx.get('user') as string)
  }
}

@UseBefore(LoadUser)
@UseAfter(Stamp)
class Users {
  @Get('/users/:id') show(@PathParams('id') id: number, @Context('user') user: string) {
    return { id, by: user }
  }
}

@UseBefore(AsyncLoadUser)
@UseAfter(AsyncStamp)
class AsyncUsers {
  @Get('/users/:id') async show(@PathParams('id') id: number, @Context('user') user: string) {
    return { id, by: user }
  }
}

@UseBefore(LoadUser)
@UseAfter(Stamp)
class Failing {
  @Get('/users/:id') show(@PathParams('id') id: number, @Context('user') user: string) {
    return { id, by: user }
  }
  @Get('/fail') fail() {
    throw new Error('broken')
  }
}

@Catch(Error)
class _AllErrors implements ExceptionFilterMethods {
  catch(error: Error, { response }: PlatformContext) {
    response.status(500).body({ error: error.message })
  }
}

class Hello {
  @Get('/') @(Returns(200).ContentType('text/plain')) index() {
    return 'Hello World'
  }
}

class Hooks {
  @Get('/') index(@Context('hooks') hooks: number) {
    return { hooks }
  }
}

function hook(index: number): new () => object {
  @Middleware()
  class Hook {
    use(@Context() $ctx: PlatformContext) {
      $ctx.set('hooks', index === 0 ? 1 : ($ctx.get('hooks') as number) + 1)
    }
  }
  return Hook
}

class Visits {
  @Get('/') index(@Session() session: { visits?: number }) {
    session.visits = (session.visits ?? 0) + 1
    return { visits: session.visits }
  }
}

class Stream {
  @Get('/') @(Returns(200).ContentType('application/octet-stream')) index() {
    return megabyte()
  }
}

class Items {
  @Post('/') count(@BodyParams() body: { items: unknown[] }) {
    return { items: body.items.length }
  }
}

function manyRoutes(): new () => object {
  class Routes {}
  const prototype = Routes.prototype as object
  for (const index of each) {
    const name = `show${index}`
    const value = (id: number, user: string) => ({ id, by: user })
    const descriptor = { value, configurable: true, writable: true }
    Object.defineProperty(prototype, name, descriptor)
    Reflect.defineMetadata('design:paramtypes', [Number, String], prototype, name)
    PathParams('id')(prototype, name, 0)
    Context('user')(prototype, name, 1)
    Get(`/r${index}/:id`)(prototype, name, descriptor)
  }
  UseAfter(Stamp)(Routes)
  UseBefore(LoadUser)(Routes)
  return Routes
}
