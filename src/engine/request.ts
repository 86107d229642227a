import type { IncomingMessage, ServerResponse } from 'node:http'
import type Koa from 'koa'
import { KoaRequest } from './koa-classes'

/** Koa's request, made by a constructor that gives all requests one shape, as are the context and the response. */
export class Request extends KoaRequest {
  constructor(app: Koa, req: IncomingMessage, res: ServerResponse) {
    super()
    this.app = app
    this.req = req
    this.res = res
    this.originalUrl = req.url as string
  }
}
