import { Readable } from 'node:stream'
import { REQUEST } from '../lifecycle/request-key'
import type { Context } from '../types'
import { readBytes } from './body-bytes'
import { hasBody } from './body-stream'
import type { FormEntry } from './form'
import { checkCharset, checkJsonType, decodeText, parseJson } from './json'
import { DEFAULT_LIMITS, type ResolvedLimits } from './limits'
import { mediaTypeOf } from './media-type'
import { readMultipartForm } from './multipart-form'
import type { Part } from './part'
import { readParts } from './parts'
import { checkName, refuse } from './refuse'
import type { FilesHost } from './request-files'

/** On a `ctx`: its input, once some was read. The body can be read only once, whichever lifecycle of the request does it. */
const INPUT = Symbol('flaskoa:input')

/** What the input of a request needs of its lifecycle. */
export interface InputHost extends FilesHost {
  readonly limits: ResolvedLimits
}

/** The same `ctx`, with what is kept on it. */
interface Marked {
  [INPUT]?: RequestInput | undefined
  readonly [REQUEST]?: InputHost
}

const MULTIPART = 'multipart/form-data'
const URLENCODED = 'application/x-www-form-urlencoded'

/** The input of one request. What was read is kept, so that it can be had again and in another form. */
export class RequestInput {
  /** What the view gets besides the values of its rule. */
  declared: Record<string, unknown> = {}
  readonly #ctx: Context
  #bytes: Promise<Buffer> | undefined
  #form: Promise<readonly FormEntry[]> | undefined
  /** The entries of the form, once they were read. */
  #settledForm: readonly FormEntry[] | undefined
  /** The method that has taken a body which is not kept. */
  #takenBy: 'form' | 'parts' | undefined
  /** Whether the route's option `form` has taken it, and not a call of the method. */
  #isDeclared = false

  private constructor(ctx: Context) {
    this.#ctx = ctx
  }

  static of(ctx: Context): RequestInput {
    const marked = ctx as unknown as Marked
    return (marked[INPUT] ??= new RequestInput(ctx))
  }

  get #host(): InputHost | undefined {
    return (this.#ctx as unknown as Marked)[REQUEST]
  }

  get limits(): ResolvedLimits {
    return this.#host?.limits ?? DEFAULT_LIMITS
  }

  /** The body as it is, decoded from its `Content-Encoding`. */
  bytes(): Promise<Buffer> {
    // Not an async method: with AsyncLocalStorage each promise costs as much as a before method.
    return (this.#bytes ??=
      this.#takenBy === undefined ? readBytes(this.#ctx, this.limits.body) : Promise.reject(this.#readBefore('bytes')))
  }

  /** @throws HttpError 400 and 415 for a body that is not UTF-8 */
  async text(): Promise<string> {
    checkCharset(this.#ctx)
    return decodeText(await this.bytes())
  }

  /**
   * What `use` makes of the JSON document, which is `undefined` for a request without a body.
   *
   * @throws HttpError 415 for a body that is not JSON
   */
  json(use: (document: unknown) => unknown): unknown {
    if (!hasBody(this.#ctx)) return use(undefined)
    const mayBeEmpty = this.#mayBeEmpty
    if (!mayBeEmpty) checkJsonType(this.#ctx)
    return this.bytes().then(bytes => {
      if (mayBeEmpty && bytes.length === 0) return use(undefined)
      if (mayBeEmpty) checkJsonType(this.#ctx)
      return use(parseJson(decodeText(bytes)))
    })
  }

  /** The fields and files of a form; none for a request without a body. */
  form(): Promise<readonly FormEntry[]> {
    return (this.#form ??= this.#readForm().then(entries => (this.#settledForm = entries)))
  }

  /** The same for code that can't wait; `undefined` as long as the form was not read. */
  get settledForm(): readonly FormEntry[] | undefined {
    return this.#settledForm
  }

  /** The same for the option `form`. */
  declaredForm(): Promise<readonly FormEntry[]> {
    this.#isDeclared = true
    return this.form()
  }

  /** The parts of a multipart form, as they arrive; none for a request without a body. */
  async *parts(): AsyncGenerator<Part, void, undefined> {
    const ctx = this.#ctx
    this.#assertUntaken('parts')
    if (!hasBody(ctx) || (this.#mayBeEmpty && (await this.#isEmpty()))) return
    if (mediaTypeOf(ctx) !== MULTIPART) refuse(415, `the body is not a form with parts: send it as ${MULTIPART}`)
    this.#takenBy = 'parts'
    yield* readParts(ctx, this.limits, await this.#kept)
  }

  async #readForm(): Promise<readonly FormEntry[]> {
    const ctx = this.#ctx
    this.#assertUntaken('form')
    if (!hasBody(ctx) || (this.#mayBeEmpty && (await this.#isEmpty()))) return []
    const type = mediaTypeOf(ctx)
    if (type === URLENCODED) return fieldsOf(await this.text(), this.limits)
    if (type !== MULTIPART) refuse(415, `the body is not a form: send it as ${MULTIPART} or ${URLENCODED}`)
    this.#takenBy = 'form'
    const kept = this.#kept
    return readMultipartForm(ctx, this.limits, this.#host, kept === undefined ? kept : await kept)
  }

  /**
   * Whether only its end will tell that there is no body: the head says nothing of one. Clients of HTTP/2 send such requests,
   * and clients of HTTP/1 that stream.
   */
  get #mayBeEmpty(): boolean {
    const { headers } = this.#ctx.req
    return headers['content-type'] === undefined && headers['content-length'] === undefined
  }

  async #isEmpty(): Promise<boolean> {
    return (await this.bytes()).length === 0
  }

  /** The body, if it was read as bytes before. */
  get #kept(): Promise<Readable> | undefined {
    return this.#bytes?.then(bytes => Readable.from([bytes], { objectMode: false }))
  }

  #assertUntaken(method: string): void {
    if (this.#takenBy !== undefined) throw this.#readBefore(method)
  }

  #readBefore(method: string): Error {
    const { method: verb, path } = this.#ctx
    // A before method may have called request.parts() in front of the option.
    const isDeclared = this.#isDeclared && this.#takenBy === 'form'
    const reader = isDeclared ? "the route's option form" : `request.${this.#takenBy}()`
    const first = isDeclared ? 'in a before method' : 'first'
    return new Error(
      `${verb} ${path}: request.${method}() comes after ${reader}, which has read the body and does not keep it. Leave ` +
        `one of them out, or call request.bytes() ${first}, which keeps the body.`,
    )
  }
}

function fieldsOf(text: string, { fields }: ResolvedLimits): FormEntry[] {
  // Counted before the text is parsed: a million fields would cost more than their bytes.
  if (text.split('&', fields + 1).length > fields) refuse(413, `the form has more than ${fields} fields`)
  const entries = [...new URLSearchParams(text)]
  for (const [name] of entries) checkName(name)
  return entries
}
