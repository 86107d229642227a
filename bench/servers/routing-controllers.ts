import 'reflect-metadata'
import type Koa from 'koa'
import {
  Body,
  Ctx,
  Get,
  JsonController,
  Controller,
  Middleware,
  Param,
  Post,
  Session,
  State,
  useKoaServer,
  type KoaMiddlewareInterface,
} from 'routing-controllers'
import * as by from './koa-by-hand'
import { createKoa, use } from './koa-by-hand'
import { each, megabyte, serve } from './support'

type Next = () => Promise<unknown>

serve({
  hello() {
    @Controller()
    class App {
      @Get('/') index() {
        return 'Hello World'
      }
    }
    return withControllers([App])
  },
  lifecycle: () => withControllers([Users], [Lifecycle()]),
  'lifecycle-async': () => withControllers([AsyncUsers], [AsyncLifecycle()]),
  routes() {
    class Routes {}
    for (const index of each) addShow(Routes, `show${index}`, `/r${index}/:id`)
    JsonController()(Routes)
    return withControllers([Routes], [Lifecycle()])
  },
  hooks() {
    @JsonController()
    class App {
      @Get('/') index(@State('hooks') hooks: number) {
        return { hooks }
      }
    }
    return withControllers([App], each.map(hook))
  },
  session() {
    @JsonController()
    class App {
      @Get('/') index(@Session() session: { visits?: number }) {
        session.visits = (session.visits ?? 0) + 1
        return { visits: session.visits }
      }
    }
    const app = createKoa()
    return withControllers([App], [], use(app, by.session(app)))
  },
  stream() {
    @Controller()
    class App {
      @Get('/') index(@Ctx() ctx: Koa.Context) {
        ctx.type = 'application/octet-stream'
        return megabyte()
      }
    }
    return withControllers([App])
  },
  errors() {
    @JsonController()
    class App {
      @Get('/users/:id') show(@Param('id') id: number, @State('user') user: string) {
        return { id, by: user }
      }
      @Get('/fail') fail() {
        throw new Error('broken')
      }
    }
    return withControllers([App], [ErrorHandler(), Lifecycle()])
  },
  json() {
    @JsonController()
    class App {
      @Post('/') count(@Body() body: { items: unknown[] }) {
        return { items: body.items.length }
      }
    }
    return withControllers([App])
  },
})

@JsonController()
class Users {
  @Get('/users/:id') show(@Param('id') id: number, @State('user') user: string) {
    return { id, by: user }
  }
}

@JsonController()
class AsyncUsers {
  @Get('/users/:id') async show(@Param('id') id: number, @State('user') user: string) {
    return { id, by: user }
  }
}

// routing-controllers registers decorated middleware globally, so each application decorates its own.
function Lifecycle(): new () => object {
  @Middleware({ type: 'before' })
  class Lifecycle implements KoaMiddlewareInterface {
    use(ctx: Koa.Context, next: Next) {
      return by.lifecycle(ctx as never, next)
    }
  }
  return Lifecycle
}

function AsyncLifecycle(): new () => object {
  @Middleware({ type: 'before' })
  class AsyncLifecycle implements KoaMiddlewareInterface {
    use(ctx: Koa.Context, next: Next) {
      return by.asyncLifecycle(ctx as never, next)
    }
  }
  return AsyncLifecycle
}

function ErrorHandler(): new () => object {
  @Middleware({ type: 'before', priority: 1 })
  class ErrorHandler implements KoaMiddlewareInterface {
    use(ctx: Koa.Context, next: Next) {
      return by.errorHandler(ctx as never, next)
    }
  }
  return ErrorHandler
}

function hook(index: number): new () => object {
  @Middleware({ type: 'before', priority: -index })
  class Hook implements KoaMiddlewareInterface {
    use(ctx: Koa.Context, next: Next) {
      ctx.state.hooks = index === 0 ? 1 : ctx.state.hooks + 1
      return next()
    }
  }
  return Hook
}

function addShow(target: new () => object, name: string, path: string): void {
  const prototype = target.prototype as object
  const descriptor = { value: (id: number, user: string) => ({ id, by: user }), configurable: true }
  Object.defineProperty(prototype, name, descriptor)
  Reflect.defineMetadata('design:paramtypes', [Number, String], prototype, name)
  Param('id')(prototype, name, 0)
  State('user')(prototype, name, 1)
  Get(path)(prototype, name)
}

function withControllers(controllers: Function[], middlewares: Function[] = [], app = createKoa()): Koa {
  return useKoaServer(app, { controllers, middlewares, defaultErrorHandler: false })
}
