import type { Form } from './form'
import type { MultiDict } from './multi-dict'
import type { Part } from './part'

/**
 * What Koa's request has besides, for views that declare no input. The body is read once and kept, so that it can be had in
 * several forms. All of them throw an HttpError for a body that can't be read: 400, 413 above the option `limits`, 415.
 */
export interface RequestMethods {
  /** The parameters of the query string: `request.args.get('page', Number, 1)`. */
  readonly args: MultiDict
  /** The JSON document of the body. A 400 without a body, a 415 for another `Content-Type`. */
  json(): Promise<unknown>
  /** The fields and files of a form, urlencoded or multipart; an empty form without a body. */
  form(): Promise<Form>
  /**
   * The parts of a multipart form as they arrive, for files that are not to be written to disk. Nothing more is read as long
   * as a file's stream is not; what is left of it when the next part is asked for is skipped; the rest is not read when the
   * loop is left.
   *
   * @example for await (const { name, stream } of request.parts()) if (stream) await pipeline(stream, storage(name))
   */
  parts(): AsyncGenerator<Part, void, undefined>
  /** The body as text, in UTF-8. */
  text(): Promise<string>
  /** The body as it is, for instance to check its signature. */
  bytes(): Promise<Buffer>
}
