import { REQUEST } from '../lifecycle/request-key'
import type { Context } from '../types'
import { readBytes } from './body-bytes'
import { hasBody } from './body-stream'
import { checkCharset, checkJsonType, decodeText, parseJson } from './json'
import { DEFAULT_LIMITS, type ResolvedLimits } from './limits'
import { refuse } from './refuse'

/** On a `ctx`: its input, once some was read. The body can be read only once, whichever lifecycle of the request does it. */
const INPUT = Symbol('flaskoa:input')

/** What the input of a request needs of its lifecycle. */
export interface InputHost {
  readonly limits: ResolvedLimits
}

/** The same `ctx`, with what is kept on it. */
interface Marked {
  [INPUT]?: RequestInput | undefined
  readonly [REQUEST]?: InputHost
}

type FormEntry = readonly [name: string, value: unknown]

/** The input of one request. What was read is kept, so that it can be had again and in another form. */
export class RequestInput {
  /** What the view gets besides the values of its rule. */
  declared: Readonly<Record<string, unknown>> = {}
  readonly #ctx: Context
  #bytes: Promise<Buffer> | undefined
  #form: Promise<readonly FormEntry[]> | undefined

  private constructor(ctx: Context) {
    this.#ctx = ctx
  }

  static of(ctx: Context): RequestInput {
    const marked = ctx as unknown as Marked
    return (marked[INPUT] ??= new RequestInput(ctx))
  }

  get limits(): ResolvedLimits {
    return (this.#ctx as unknown as Marked)[REQUEST]?.limits ?? DEFAULT_LIMITS
  }

  /** The body as it is, decoded from its `Content-Encoding`. */
  bytes(): Promise<Buffer> {
    return (this.#bytes ??= readBytes(this.#ctx, this.limits.body))
  }

  /** @throws HttpError 400 and 415 for a body that is not UTF-8 */
  async text(): Promise<string> {
    checkCharset(this.#ctx)
    return decodeText(await this.bytes())
  }

  /** The JSON document; `undefined` for a request without a body. */
  async json(): Promise<unknown> {
    if (!hasBody(this.#ctx)) return undefined
    checkJsonType(this.#ctx)
    return parseJson(decodeText(await this.bytes()))
  }

  /** The fields and files of a form; none for a request without a body. */
  form(): Promise<readonly FormEntry[]> {
    return (this.#form ??= this.#readForm())
  }

  async #readForm(): Promise<readonly FormEntry[]> {
    const ctx = this.#ctx
    if (!hasBody(ctx)) return []
    if (!ctx.is('urlencoded')) {
      refuse(415, 'the body is not a form: send it as multipart/form-data or application/x-www-form-urlencoded')
    }
    const text = await this.text()
    const { fields } = this.limits
    // Counted before the text is parsed: a million fields would cost more than their bytes.
    if (text.split('&', fields + 1).length > fields) refuse(413, `the form has more than ${fields} fields`)
    return [...new URLSearchParams(text)]
  }
}
