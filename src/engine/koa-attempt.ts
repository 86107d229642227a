import type Koa from 'koa'

/** What a middleware does with its context, and what it then knows. */
export type Use = (ctx: Koa.Context) => unknown

/** What a use has led to. */
export interface Attempt {
  readonly ctx: Koa.Context
  /** What the middleware saw, and what the client would receive. */
  readonly seen: () => readonly unknown[]
}

/**
 * Makes an application that runs uses as its middleware, each on a request of its own that no client sent.
 *
 * @param result what the middleware return
 * @returns a function that runs a use: `undefined` if the use failed
 */
export function attemptsOf(Class: new (options: object) => Koa, result: unknown): (use: Use) => Attempt | undefined {
  let attempt: Attempt | undefined
  let run: Use
  const app = new Class({ compose: () => (ctx: Koa.Context) => run(ctx) })
  app.silent = true
  const handle = app.callback() as (req: object, res: object) => unknown
  return use => {
    const res = new ResponseStub()
    attempt = undefined
    run = ctx => {
      const value = use(ctx)
      attempt = { ctx, seen: () => [value, res.statusCode, res.statusMessage, res.fields, res.sent] }
      return result
    }
    try {
      Promise.resolve(handle({ ...REQUEST, headers: { host: 'a' } }, res)).catch(ignore)
    } catch {
      // Then there is no attempt.
    }
    return attempt
  }
}

/** What Koa and the engine read of a request. */
const REQUEST = { method: 'GET', url: '/a', httpVersionMajor: 1 }

/** What Koa and the engine call of a response: Node's own would take several times as long. */
class ResponseStub {
  statusCode = 200
  statusMessage = ''
  readonly finished = false
  readonly headersSent = false
  readonly socket = null
  readonly fields: Record<string, unknown> = {}
  readonly sent: unknown[] = []

  setHeader(name: string, value: unknown): void {
    this.fields[name.toLowerCase()] = value
  }

  getHeader(name: string): unknown {
    return this.fields[name.toLowerCase()]
  }

  hasHeader(name: string): boolean {
    return name.toLowerCase() in this.fields
  }

  removeHeader(name: string): void {
    Reflect.deleteProperty(this.fields, name.toLowerCase())
  }

  on(): this {
    return this
  }

  end(body?: unknown): this {
    this.sent.push(body)
    return this
  }
}

function ignore(): void {
  // What a Koa that differs does later must not end the process: the check has its result.
}
