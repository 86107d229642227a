import type { IncomingMessage, ServerResponse } from 'node:http'
import type Koa from 'koa'
import { KoaRequest } from './koa'

/** Koa's request, made by a constructor that gives all requests one shape, as are the context and the response. */
export class Request extends KoaRequest {
  /** The last URL that was looked at and is all path. */
  #path = ''

  constructor(app: Koa, req: IncomingMessage, res: ServerResponse) {
    super()
    this.app = app
    this.req = req
    this.res = res
    this.originalUrl = req.url as string
  }

  // Koa takes each URL apart, also where there is nothing but a path (1 %).
  override get path(): string {
    const url = this.req.url as string
    if (url === this.#path) return url
    if (!isPath(url)) return super.path
    return (this.#path = url)
  }

  override set path(path: string) {
    super.path = path
  }
}

/** Whether a URL is a path and nothing else, so that no parser would find more in it. */
const isPath = (url: string): boolean => /^\/[!"$->@-~]*$/.test(url)
