import { problemText } from './problem-text'

/** One thing that is wrong with what a view answers. */
export interface ResponseProblem {
  /** The value in the response, as a JSON pointer in a URL fragment: `#/items/0/price`; `#` for the response itself. */
  readonly pointer: string
  /** What is wrong, as the schema says it. */
  readonly detail: string
}

/**
 * A view answers something else than its option `response` declares: an error of the application, for the handlers of 500 and
 * `@ErrorHandler(ResponseMismatch)`. Without a handler it is logged, and the client gets a 500 that says nothing of it.
 */
export class ResponseMismatch extends Error {
  override readonly name = 'ResponseMismatch'

  // Not `status`: Koa would answer an error with its status.
  constructor(
    /** The view, for instance `Users.show`. */
    readonly method: string,
    readonly responseStatus: number,
    readonly problems: readonly ResponseProblem[],
  ) {
    super(`${method}: the response ${responseStatus} is not as declared: ${problemText(problems, asText)}`)
  }
}

const asText = ({ pointer, detail }: ResponseProblem) => (pointer === '#' ? detail : `${pointer.slice(1)}: ${detail}`)
