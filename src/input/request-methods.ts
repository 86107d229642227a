import type { Form } from './form'
import type { MultiDict } from './multi-dict'

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
  /** The body as text, in UTF-8. */
  text(): Promise<string>
  /** The body as it is, for instance to check its signature. */
  bytes(): Promise<Buffer>
}
