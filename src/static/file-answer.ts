import { abort } from '../functions/abort'
import { currentToAnswer } from '../request/current'
import type { Generation } from '../request/app-context'
import type { RequestContext } from '../request/request-context'
import type { Context, Response } from '../types'
import { NO_CACHE, fieldsOfAny, fieldsOfContent, validatorsOf, type FileSettings } from './file-fields'
import type { ByteRange, FileStream } from './file-stream'
import type { OpenFile } from './open-file'
import { rangeOf } from './range'
import { allowsRange, judge, type Validators, type Verdict } from './validators'

/** Header fields by their names; `undefined` is left out. */
type Fields = Readonly<Record<string, string | undefined>>

/** The answer of a view by a file. It knows its request, because with `asyncContext: false` no code does behind an `await`. */
export class FileAnswer {
  readonly #request: RequestContext
  readonly #generation: Generation

  private constructor(request: RequestContext) {
    this.#request = request
    this.#generation = request.generation
  }

  /** @throws an Error outside of a request, which names `what` was used */
  static begin(what: string): FileAnswer {
    return new FileAnswer(currentToAnswer(what))
  }

  get ctx(): Context {
    return this.#request.ctx
  }

  /** The application's folder. */
  get root(): string {
    return this.#request.plan.root
  }

  /** Makes the file the response, or what the conditions of the request demand. The file is closed with the response. */
  async send(file: OpenFile, settings: FileSettings): Promise<Response> {
    try {
      this.#assertRunning()
      const validators = validatorsOf(file, settings)
      const fields = fieldsOfAny(validators, settings)
      const verdict = settings.conditional === false ? 'send' : this.#judge(validators)
      if (verdict === 'send') return this.#sendContent(file, validators, fields, settings)
      if (verdict === 'failed') abort(412)
      const response = this.#make('', 304, fields)
      await file.close()
      return response
    } catch (error) {
      await file.close()
      throw error
    }
  }

  /** Another method answers, if this one was interrupted while the file was opened. */
  #assertRunning(): void {
    if (this.#request.generation !== this.#generation) throw this.#request.tasks.interruption as Error
  }

  #judge(validators: Validators): Verdict {
    return this.ctx.method === 'GET' || this.ctx.method === 'HEAD' ? judge(this.ctx.headers, validators) : 'send'
  }

  #sendContent(file: OpenFile, validators: Validators, fields: Fields, settings: FileSettings): Response {
    const { size } = file
    const part = settings.conditional === false ? undefined : this.#part(size, validators)
    const { start, end } = part ?? { start: 0, end: size }
    const status = part === undefined ? 200 : 206
    return this.#make(file.stream({ start, end }), status, {
      ...fields,
      ...fieldsOfContent(file, settings),
      'Content-Length': String(end - start),
      'Content-Range': part && `bytes ${start}-${end - 1}/${size}`,
    })
  }

  /** A `Cache-Control` that was set before stays, if the response keeps it. */
  #make(body: FileStream | '', status: number, fields: Fields): Response {
    const response = this.#request.response.replace(body, status, fields, 'sendFile')
    if (!this.ctx.res.hasHeader('Cache-Control')) response.set('Cache-Control', NO_CACHE)
    return response
  }

  /** The part that the client asks for. Only GET has parts (RFC 9110, 14.2). */
  #part(size: number, validators: Validators): ByteRange | undefined {
    const { method, headers } = this.ctx
    if (method !== 'GET' || !allowsRange(headers['if-range'] as string | undefined, validators)) return undefined
    const part = rangeOf(headers.range, size)
    return part === 'unsatisfiable' ? abort(416, undefined, { headers: { 'Content-Range': `bytes */${size}` } }) : part
  }
}
