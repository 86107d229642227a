import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import Koa from 'koa'
import {
  AfterRequest,
  bootstrap,
  Get,
  streamWithContext,
  TeardownRequest,
  type Class,
  type Context,
  type Response,
} from 'flaskoa'
import { breakConnection, DEADLINE, type Fault } from './faults'

/** What happened to the observed request. */
interface Noted {
  /** `handler` and `end`, in the order in which they ran. */
  readonly log: string[]
}

export interface Framework {
  readonly name: string
  serve(fault: Fault, record: Noted): Promise<Server>
}

const isIterable = (value: unknown): value is AsyncGenerator<string> =>
  typeof value === 'object' && value !== null && Symbol.asyncIterator in value

const begin = (fault: Fault, record: Noted, { socket }: IncomingMessage): unknown => {
  record.log.push('begun')
  return fault.handle({ socket, ended: () => record.log.push('handler') })
}

function end(fault: Fault, record: Noted): void {
  record.log.push('end')
  if (fault.endThrows) throw new Error('from the end')
}

function after(fault: Fault): void {
  if (fault.afterThrows) throw new Error('from the hook')
}

async function listening(server: Server): Promise<Server> {
  if (!server.listening) await once(server.listen(0, '127.0.0.1'), 'listening')
  return server
}

function controllerFor(fault: Fault, record: Noted): Class {
  class App {
    @Get('/before') before({ req }: Context) {
      return breakConnection(req.socket)
    }

    @Get('/') index({ req }: Context) {
      const value = begin(fault, record, req)
      return (isIterable(value) ? streamWithContext(value) : value) as string
    }

    @AfterRequest() after(response: Response, ctx: Context) {
      if (ctx.path === '/') after(fault)
      return response
    }

    @TeardownRequest() teardown(_error: Error | undefined, ctx: Context) {
      if (ctx.path === '/') end(fault, record)
    }
  }
  return App
}

const flaskoa: Framework = {
  name: 'flaskoa',
  serve(fault, record) {
    const app = bootstrap(controllerFor(fault, record), { requestTimeout: DEADLINE, logger: false })
    return listening(createServer(app.callback() as unknown as RequestListener))
  },
}

/** A middleware with `try` and `finally` around all others. */
const koa: Framework = {
  name: 'Koa',
  serve(fault, record) {
    const app = new Koa()
    app.silent = true
    app.use(async (ctx, next) => {
      if (ctx.path !== '/') return (await next()) as undefined
      try {
        await next()
        after(fault)
      } finally {
        end(fault, record)
      }
    })
    app.use(async ctx => {
      const value = ctx.path === '/' ? await begin(fault, record, ctx.req) : await breakConnection(ctx.req.socket)
      ctx.body = isIterable(value) ? Readable.from(value, { objectMode: false }) : value
    })
    return listening(createServer(app.callback() as unknown as RequestListener))
  },
}

/** The part of Fastify's types that is used here: Fastify is installed in `bench/` only. */
interface Fastify {
  addHook(name: string, hook: (request: { raw: IncomingMessage; url: string }) => Promise<void>): void
  get(path: string, handler: (request: { raw: IncomingMessage }) => Promise<unknown>): void
  listen(options: object): Promise<string>
  readonly server: Server
}

const fromBench = createRequire(join(__dirname, '../package.json'))

/** `onResponse` after a response, `onRequestAbort` when the client disconnected before it, as Fastify's documentation says. */
const fastify: Framework = {
  name: 'Fastify',
  async serve(fault, record) {
    const app = (fromBench('fastify') as (options: object) => Fastify)({ handlerTimeout: DEADLINE })
    app.addHook('onSend', async ({ url }) => {
      if (url === '/') after(fault)
      return Promise.resolve()
    })
    for (const hook of ['onResponse', 'onRequestAbort']) {
      app.addHook(hook, async ({ url }) => {
        if (url === '/') end(fault, record)
        return Promise.resolve()
      })
    }
    app.get('/', async ({ raw }) => {
      const value = await begin(fault, record, raw)
      return isIterable(value) ? Readable.from(value, { objectMode: false }) : value
    })
    app.get('/before', ({ raw }) => breakConnection(raw.socket))
    await app.listen({ port: 0, host: '127.0.0.1' })
    return app.server
  },
}

export const FRAMEWORKS: readonly Framework[] = [flaskoa, koa, fastify]
