import type { IncomingMessage, ServerResponse } from 'node:http'
import type Koa from 'koa'
import { KoaRequest } from './koa-classes'

/** Koa's request, made by a constructor: so all requests have one shape for V8, as have the contexts and responses. */
export class Request extends KoaRequest {
  constructor(app: Koa, req: IncomingMessage, res: ServerResponse) {
    super()
    this.app = app
    this.req = req
    this.res = res
    this.originalUrl = req.url as string
  }
}
