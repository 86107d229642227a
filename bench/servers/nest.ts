// Nest, for either of its platforms.
import 'reflect-metadata'
import {
  Body,
  Catch,
  Controller,
  Get,
  Header,
  HttpCode,
  Module,
  Param,
  ParseIntPipe,
  Post,
  Req,
  Session,
  StreamableFile,
  type ArgumentsHost,
  type CallHandler,
  type CanActivate,
  type ExceptionFilter,
  type ExecutionContext,
  type INestApplication,
  type NestInterceptor,
  type Type,
} from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import type { AbstractHttpAdapter } from '@nestjs/core'
import { finalize, tap } from 'rxjs'
import { count, each, megabyte, serve, tornDown } from './support'

interface Request {
  user: string
  hooks: number
}

/** What the responses of both platforms have in common. */
interface Response {
  header(name: string, value: string): unknown
  status(code: number): { send(body: unknown): unknown }
}

/** Reads and writes a platform's session. */
export interface Platform {
  adapter(): AbstractHttpAdapter
  addSession(app: INestApplication): unknown
  visit(session: never): number
}

export function nest(platform: Platform): void {
  const create = async (controller: Type, set: (app: INestApplication) => unknown = () => undefined) => {
    @Module({ controllers: [controller] })
    class AppModule {}
    const app = await NestFactory.create(AppModule, platform.adapter(), { logger: false })
    await set(app)
    return app as { listen(port: number, host: string): unknown }
  }
  const withLifecycle = (app: INestApplication) =>
    app.useGlobalGuards(new LoadUser()).useGlobalInterceptors(new Lifecycle())

  serve({
    hello: () => create(Hello),
    lifecycle: () => create(Users, withLifecycle),
    'lifecycle-async': () =>
      create(AsyncUsers, app => app.useGlobalGuards(new AsyncLoadUser()).useGlobalInterceptors(new Lifecycle())),
    routes: () => create(manyRoutes(), withLifecycle),
    hooks: () => create(Hooks, app => app.useGlobalGuards(...each.map(index => new Hook(index)))),
    session() {
      @Controller()
      class Visits {
        @Get('/') index(@Session() session: unknown) {
          return { visits: platform.visit(session as never) }
        }
      }
      return create(Visits, app => platform.addSession(app))
    },
    stream: () => create(Stream),
    errors: () => create(Failing, app => withLifecycle(app).useGlobalFilters(new AllErrors())),
    json: () => create(Items),
  })
}

class LoadUser implements CanActivate {
  canActivate(context: ExecutionContext) {
    context.switchToHttp().getRequest<Request>().user = 'root'
    return true
  }
}

class AsyncLoadUser implements CanActivate {
  async canActivate(context: ExecutionContext) {
    context.switchToHttp().getRequest<Request>().user = 'root'
    return true
  }
}

/** After and teardown. */
class Lifecycle implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler) {
    const http = context.switchToHttp()
    return next.handle().pipe(
      tap(() => void http.getResponse<Response>().header('X-User', http.getRequest<Request>().user)),
      finalize(() => tornDown.requests++),
    )
  }
}

class Hook implements CanActivate {
  constructor(private readonly index: number) {}
  canActivate(context: ExecutionContext) {
    const request = context.switchToHttp().getRequest<Request>()
    request.hooks = this.index === 0 ? 1 : request.hooks + 1
    return true
  }
}

@Catch()
class AllErrors implements ExceptionFilter {
  catch(error: Error, host: ArgumentsHost) {
    host.switchToHttp().getResponse<Response>().status(500).send({ error: error.message })
  }
}

@Controller()
class Hello {
  @Get('/') index() {
    return 'Hello World'
  }
}

@Controller()
class Users {
  @Get('/users/:id') show(@Param('id', ParseIntPipe) id: number, @Req() request: Request) {
    return { id, by: request.user }
  }
}

@Controller()
class AsyncUsers {
  @Get('/users/:id') async show(@Param('id', ParseIntPipe) id: number, @Req() request: Request) {
    return { id, by: request.user }
  }
}

@Controller()
class Failing extends Users {
  @Get('/fail') fail() {
    throw new Error('broken')
  }
}

@Controller()
class Hooks {
  @Get('/') index(@Req() request: Request) {
    return { hooks: request.hooks }
  }
}

@Controller()
class Stream {
  @Get('/') @Header('Content-Type', 'application/octet-stream') index() {
    return new StreamableFile(megabyte())
  }
}

@Controller()
class Items {
  @Post('/') @HttpCode(200) count(@Body() body: { items: unknown[] }) {
    return { items: body.items.length }
  }
}

function manyRoutes(): Type {
  class Routes {}
  const prototype = Routes.prototype as Record<string, unknown>
  for (let index = 0; index < count; index++) {
    const name = `show${index}`
    const value = (id: number, request: Request) => ({ id, by: request.user })
    const descriptor = { value, configurable: true, writable: true }
    Object.defineProperty(prototype, name, descriptor)
    Param('id', ParseIntPipe)(prototype, name, 0)
    Req()(prototype, name, 1)
    Get(`/r${index}/:id`)(prototype, name, descriptor)
  }
  Controller()(Routes)
  return Routes
}
