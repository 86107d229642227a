import { createServer, type RequestListener, type Server, type ServerOptions } from 'node:http'
import type { IncomingMessage as NodeRequest, ServerResponse as NodeResponse } from 'node:http'
import Koa from 'koa'
import compose from 'koa-compose'
import { isThenable } from '../util/thenable'
import { Context } from './context'
import { PerAppClass } from './per-app-class'
import { IncomingMessage } from './incoming-message'
import { listen } from './late-binding'
import { isNodeResponsePatched } from './node-patches'
import { Request } from './request'
import { continueOnRead } from '../connection/continue-on-read'
import { hasValidPath } from '../connection/request-target'
import { respond } from './respond'
import { Response } from './response'
import { ServerResponse } from './server-response'
import { registerServer } from './servers'
import { onSocketError, onStreamError } from './socket-errors'

export type ApplicationOptions = ConstructorParameters<typeof Koa<Koa.DefaultState, Koa.DefaultContext>>[0]
type Run = (ctx: Koa.Context) => unknown

/**
 * A Koa application with Koa's whole API and a shorter way from the socket to the middleware and back. All that this folder
 * does not define is inherited from Koa. A figure in a comment here is what that piece saves, as a share of the instructions
 * of a small request (docs/performance.md).
 */
export class Application extends Koa {
  // Not #private: Koa's methods also work on an object that inherits from the application, and on a Proxy of it.
  private readonly contexts = new PerAppClass(Context)
  private readonly requests = new PerAppClass(Request)
  private readonly responses = new PerAppClass(Response)

  constructor(options: ApplicationOptions = {}) {
    super({ compose: composed, ...options } as ApplicationOptions)
    this.context = this.contexts.prototype as this['context']
    this.request = this.requests.prototype as this['request']
    this.response = this.responses.prototype as this['response']
  }

  static get default(): typeof Application {
    return Application
  }

  /** Makes an HTTP server, with the engine's request and response classes, and has it listen once the application has started. */
  override listen(...args: unknown[]): Server {
    const classes = isNodeResponsePatched() ? { IncomingMessage } : { IncomingMessage, ServerResponse }
    const server = createServer(classes as ServerOptions, this.callback() as unknown as RequestListener)
    registerServer(server, this)
    return listen(continueOnRead(server), args, this)
  }

  /** Makes the context of a request, as Koa's does. */
  override createContext<StateT = Koa.DefaultState>(
    req: NodeRequest,
    res: NodeResponse,
  ): Koa.ParameterizedContext<StateT> {
    const request = new (this.requests.classOf(this.request))(this, req, res)
    const response = new (this.responses.classOf(this.response))(this, req, res)
    return new (this.contexts.classOf(this.context))(this, req, res, request, response)
  }

  /** Runs the middleware and sends the response, as Koa's does, but without a new promise when nothing is asynchronous. */
  handleRequest(ctx: Koa.Context, run: Run): Promise<void> {
    ctx.res.statusCode = 404
    onSocketError(ctx)
    if (!hasValidPath(ctx)) return refuse(ctx)
    try {
      const running = run(ctx)
      if (isThenable(running)) {
        onStreamError(ctx)
        return respondLater(ctx, running)
      }
      respond(ctx)
      return DONE
    } catch (error) {
      onStreamError(ctx)
      return DONE.then(() => {
        ctx.onerror(error as Error)
      })
    }
  }
}

const DONE = Promise.resolve()

function refuse(ctx: Koa.Context): Promise<void> {
  ctx.status = 400
  respond(ctx)
  return DONE
}

/** Not an async function: with AsyncLocalStorage each promise that it makes costs as much as a before method. */
function respondLater(ctx: Koa.Context, running: PromiseLike<unknown>): Promise<void> {
  const fail = (error: unknown) => {
    ctx.onerror(error as Error)
  }
  return Promise.resolve(running).then(() => {
    try {
      respond(ctx)
    } catch (error) {
      fail(error)
    }
  }, fail)
}

/**
 * Middleware that are done when they return, unless they return a promise: the lifecycle's. Koa waits a tick for every
 * middleware, and others may need that tick: one that calls `next()` and does not return its promise, for instance. A
 * WeakSet, because a middleware is a function that other applications may use, too.
 */
export const syncCapable = new WeakSet<Koa.Middleware>()

/** Composes as koa-compose does. A single middleware that is sync-capable runs without it, and so without a promise. */
function composed(middleware: Koa.Middleware[]): Run {
  const run = compose(middleware)
  const [only] = middleware
  if (only === undefined || middleware.length > 1 || !syncCapable.has(only)) return run
  return (ctx): unknown => only(ctx, noMiddleware)
}

/** The `next` of an application's only middleware: none is behind it, and none around it. The lifecycle knows it and never calls it. */
export const noMiddleware = Promise.resolve.bind(Promise) as Koa.Next
