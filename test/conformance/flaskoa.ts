import type { ServerResponse } from 'node:http'
import inject, { type DispatchFunc } from 'light-my-request'
import createError from 'http-errors'
import type Koa from 'koa'
import {
  abort,
  afterThisRequest,
  bootstrap,
  currentContext,
  g,
  makeResponse,
  redirect,
  session,
  streamWithContext,
  type Response,
  type ResponseValue,
} from 'flaskoa'
import { testClient } from 'flaskoa/testing'
import { patience } from '../support/pace'
import { Base, controllersOf, Derived, Missing, type Dialect } from './classes'
import type {
  Chunk,
  Entry,
  Json,
  Method,
  Observation,
  Program,
  Raised,
  Request,
  Run,
  Scope,
  Step,
  Value,
} from './program'

export interface Variant {
  readonly dialect: Dialect
  readonly async: boolean
}

const origins = new WeakMap<object, string>()
const streamErrors = new WeakSet<object>()
const data = (target: object) => target as Record<string, unknown>

/** An error as text: its class or code, the method that raised it, and its original error. flask_oracle.py does the same. */
function describe(error: unknown): string | null {
  if (error === undefined || error === null) return null
  const { cause } = error as Error
  const origin = origins.get(error) ?? (typeof cause === 'string' ? cause : '')
  // The cause of a 500 that the program has made is Python's __context__, not the original_exception of Flask's own 500.
  const isFlasks = origin === '' && nameOf(error) === '500'
  const of = isFlasks && cause instanceof Error ? ` of ${String(describe(cause))}` : ''
  return nameOf(error) + (origin === '' ? '' : `<${origin}>`) + of
}

function nameOf(error: object): string {
  for (const cls of [Derived, Base, Missing]) if (error instanceof cls) return cls.name
  if ((error as Error).name === 'ThrownResponse') return 'response'
  if (createError.isHttpError(error)) return String(error.status)
  return error instanceof TypeError ? 'TypeError' : 'Error'
}

/** What one method was given, as far as its steps need it. */
interface Given {
  readonly values?: Record<string, unknown> | undefined
  readonly error?: unknown
  readonly response?: Response
}

/** Runs a program on flaskoa. */
export class Flaskoa {
  #trace: Entry[] = []
  #reported: string[] = []
  #left: unknown
  #streamed = false
  #jar: string | undefined
  readonly #reached = new Set<Step>()
  readonly #app: Koa
  readonly #variant: Variant

  constructor(program: Program, variant: Variant) {
    const { config } = program
    this.#variant = variant
    const { app, blueprints } = controllersOf(program, variant.dialect, (scope, method) => this.#method(scope, method))
    this.#app = bootstrap(app, {
      blueprints,
      logger: false,
      middleware: [this.#catchLeaving],
      testing: config.testing,
      debug: config.debug,
      trapHttpExceptions: config.trap,
      preserveContextOnException: config.preserve,
      afterRequestOnUnhandledError: config.afterOnUnhandled,
      ...(config.propagate === null ? {} : { propagateExceptions: config.propagate }),
      ...(config.secret ? { secretKey: 'secret' } : {}),
    })
    this.#app.on('error', (error: object) => {
      if (!streamErrors.has(error) && error !== this.#left) this.#reported.push(String(describe(error)))
    })
  }

  static async run(program: Program, variant: Variant): Promise<Run> {
    const runner = new Flaskoa(program, variant)
    const requests: Observation[] = []
    for (const request of program.requests) requests.push(await runner.#request(request))
    runner.#trace = []
    await testClient(runner.#app).close()
    return { requests, closing: runner.#trace }
  }

  readonly #catchLeaving: Koa.Middleware = async (ctx, next) => {
    try {
      await next()
    } catch (error) {
      this.#left = error
      ctx.status = 500
      ctx.body = ''
    }
  }

  // -- methods ---------------------------------------------------------------------------------------------------

  #log(...entry: Json[]): void {
    this.#trace.push(entry)
  }

  #method(scope: Scope, method: Method): (...args: unknown[]) => unknown {
    const label = `${scope.name}.${method.name}`
    return this.#maybeAsync((...args) => this.#call(label, method, args))
  }

  #maybeAsync<A extends unknown[]>(run: (...args: A) => unknown): (...args: A) => unknown {
    if (!this.#variant.async) return run
    return async (...args) => {
      await Promise.resolve()
      const result = run(...args)
      await Promise.resolve()
      return result
    }
  }

  #call(label: string, { kind, steps }: Method, args: unknown[]): unknown {
    switch (kind) {
      case 'first':
      case 'before':
        this.#log(kind, label)
        return this.#perform(label, steps)
      case 'preprocess': {
        const [endpoint, values] = args as [string | undefined, Record<string, Json> | undefined]
        this.#log(kind, label, endpoint ?? null, values === undefined ? null : { ...values })
        return this.#perform(label, steps, { values })
      }
      case 'view':
        // A rule without variables gives its view none; those of the prefix are in ctx.params.
        this.#log(kind, label, { ...(args.length === 1 ? currentContext().params : (args[0] as object)) })
        return this.#perform(label, steps)
      case 'after':
        return this.#responseHook(kind, label, steps, args[0] as Response)
      case 'error':
      case 'teardown':
        this.#log(kind, label, describe(args[0]))
        return this.#perform(label, steps, { error: args[0] })
    }
  }

  #responseHook(kind: string, label: string, steps: readonly Step[], response: Response): unknown {
    this.#log(kind, label, response.status)
    return this.#perform(label, steps, { response })
  }

  #perform(label: string, steps: readonly Step[], { values, error, response }: Given = {}): unknown {
    for (const step of steps) {
      switch (step.do) {
        case 'return':
          return this.#value(label, step.value)
        case 'raise':
          if (step.once && this.#reached.has(step)) break
          this.#reached.add(step)
          return this.#raise(label, step.error, error)
        case 'g.set':
          data(g)[step.key] = step.value
          break
        case 'g.get':
          this.#log('g', label, step.key, (data(g)[step.key] ?? null) as Json)
          break
        case 'session.set':
          data(session)[step.key] = step.value
          break
        case 'session.get':
          this.#log('session', label, step.key, (data(session)[step.key] ?? null) as Json)
          break
        case 'session.has':
          this.#log('session', label, step.key, step.key in session)
          break
        case 'session.delete':
          Reflect.deleteProperty(session, step.key)
          break
        case 'session.clear':
          session.clear()
          break
        case 'session.poison':
          data(session).poison = () => 1
          break
        case 'session.permanent':
          session.permanent = step.value
          break
        case 'values.set':
        case 'values.pop':
          if (values === undefined) throw new TypeError('there are no values')
          if (step.do === 'values.set') values[step.key] = step.value
          else Reflect.deleteProperty(values, step.key)
          break
        case 'afterThis':
          this.#afterThis(`${label}+`, step.steps)
          break
        case 'status':
          if (response) response.status = step.status
          break
        case 'header':
          response?.set(step.name, step.value)
          break
        case 'replace':
          response = this.#value(label, step.value) as Response
      }
    }
    return response
  }

  #afterThis(label: string, steps: readonly Step[]): void {
    const hook = this.#maybeAsync((response: Response) => this.#responseHook('this', label, steps, response))
    afterThisRequest(hook as (response: Response) => Response)
  }

  #raise(label: string, raised: Raised, given: unknown): never {
    if (raised.kind === 'again' && given instanceof Error) {
      this.#log('raise', label, describe(given))
      throw given
    }
    if (raised.kind === 'abortResponse') {
      this.#log('raise', label, 'response')
      abort(makeResponse(this.#value(label, raised.value) as ResponseValue))
    }
    if (raised.kind === 'value') {
      this.#log('raise', label, `Error<${label}>`)

      throw label
    }
    const error = newError(raised)
    origins.set(error, label)
    this.#log('raise', label, describe(error))
    throw error
  }

  #value(label: string, value: Value): unknown {
    switch (value.kind) {
      case 'text':
        return value.text
      case 'bytes':
        return Buffer.from(value.text)
      case 'json':
        return value.json
      case 'httpError':
        return createError(value.code)
      case 'redirect':
        return redirect(value.url, value.code)
      case 'stream': {
        const chunks = () => this.#stream(label, value.chunks)
        return value.context ? streamWithContext(chunks) : chunks()
      }
      case 'response':
        return makeResponse(this.#value(label, value.body) as ResponseValue, value.status ?? undefined, value.headers)
      default:
        return { none: undefined, zero: 0, false: false, true: true, number: 5, unserialisable: { a: 1n } }[value.kind]
    }
  }

  async *#stream(label: string, chunks: readonly Chunk[]): AsyncGenerator<string> {
    for (const [index, chunk] of chunks.entries()) {
      if (this.#variant.async) await Promise.resolve()
      this.#log('chunk', label, index)
      if (chunk.kind === 'fail') {
        const error = new Base()
        origins.set(error, label)
        streamErrors.add(error)
        this.#left = error
        throw error
      }
      const text =
        chunk.kind === 'text' ? chunk.text : inContext(() => data(chunk.kind === 'g' ? g : session)[chunk.key])
      this.#streamed ||= text !== ''
      yield text
    }
  }

  // -- requests --------------------------------------------------------------------------------------------------

  async #request(request: Request): Promise<Observation> {
    this.#trace = []
    this.#reported = []
    this.#left = undefined
    this.#streamed = false
    const cookies = { kept: this.#jar, none: undefined, forged: 'koa.sess=eyJrIjoxfQ==; koa.sess.sig=forged' }
    const sent = await exchange(this.#app, request, cookies[request.cookies])
    const { trace, reported } = { trace: this.#trace, reported: this.#reported }
    // A server that fails before the first byte answers with a 500 of its own.
    if (this.#left !== undefined && !this.#streamed) {
      return { trace, reported, ...LEFT, error: describe(this.#left) }
    }
    return {
      trace,
      reported,
      outcome: this.#left === undefined ? 'answered' : 'broken',
      error: describe(this.#left),
      status: sent.status,
      body: sent.body.toString('base64'),
      headers: sent.headers as Record<string, Json>,
      cookie: this.#cookie([sent.headers['set-cookie'] ?? []].flat().map(String), request),
    }
  }

  /** What was done to the session's cookie; the client keeps it with its signature. */
  #cookie(received: readonly string[], request: Request): Json {
    const cookie = received.find(each => each.startsWith('koa.sess='))
    const signature = received.find(each => each.startsWith('koa.sess.sig='))
    if (cookie === undefined) return null
    const [pair = '', ...attributes] = cookie.split('; ')
    const value = pair.slice('koa.sess='.length)
    if (request.cookies === 'kept') this.#jar = value === '' ? undefined : `${pair}; ${signature?.split(';')[0] ?? ''}`
    if (value === '') return 'deleted'
    const stored = JSON.parse(Buffer.from(value, 'base64').toString()) as Record<string, Json>
    const content = Object.fromEntries(Object.entries(stored).filter(([key]) => !key.startsWith('_')))
    const permanent = typeof stored._maxAge === 'number'
    return { content, permanent, expires: attributes.some(each => each.startsWith('expires=')) }
  }
}

const LEFT = { outcome: 'left', status: 500, body: null, headers: {}, cookie: null } as const

/** One request without a socket; of a response that breaks off, what had been sent. */
async function exchange(app: Koa, { method, url }: Request, cookie: string | undefined) {
  const chunks: Buffer[] = []
  const callback = app.callback()
  let response: ServerResponse | undefined
  const listener: DispatchFunc = (req, res) => {
    response = res
    const write = response.write.bind(response) as (...args: unknown[]) => boolean
    response.write = (...args: unknown[]) => {
      chunks.push(Buffer.from(args[0] as string))
      return write(...args)
    }
    void callback(req, response)
  }
  const headers = cookie === undefined ? {} : { cookie }
  let timer: NodeJS.Timeout | undefined
  const hangs = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`no end of ${method} ${url}`))
    }, patience(100))
  })
  // A response that breaks off rejects; what had been sent is in the chunks.
  await Promise.race([inject(listener, { method: method as 'GET', url, headers }).catch(() => undefined), hangs])
  clearTimeout(timer)
  // Teardown that waits for a stream runs after the response's last byte.
  await new Promise(resolve => setImmediate(resolve))
  const { statusCode: status } = response as ServerResponse
  return { status, headers: (response as ServerResponse).getHeaders(), body: Buffer.concat(chunks) }
}

/** Flask's own 4xx and 5xx classes are looked up by code. */
function newError(raised: Raised): Error {
  switch (raised.kind) {
    case 'Base':
      return new Base('base')
    case 'Derived':
      return new Derived('derived')
    case 'Missing':
      return new Missing('missing')
    case 'TypeError':
      return new TypeError('type')
    case 'abort':
      return thrownBy(() => abort(raised.code, 'aborted'))
    default:
      return new Error('plain')
  }
}

function thrownBy(run: () => unknown): Error {
  try {
    run()
  } catch (error) {
    return error as Error
  }
  throw new Error('nothing was thrown')
}

/** A stream without its context has neither `g` nor the session. */
function inContext(read: () => unknown): string {
  try {
    const value = read()
    return value === undefined || value === null ? 'False' : 'True'
  } catch {
    return 'outside'
  }
}
