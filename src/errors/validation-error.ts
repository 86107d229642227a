import { HttpError } from './http-error'
import { problemText } from './problem-text'

/** In the order in which they are read, and their problems listed. */
export const INPUT_LOCATIONS = ['query', 'headers', 'cookies', 'form', 'body'] as const

/** The parts of a request that a route can declare: the names of these options, and of the values that the view gets. */
export type InputLocation = (typeof INPUT_LOCATIONS)[number]

/** One thing that is wrong with a request. */
export interface InputProblem {
  readonly in: InputLocation
  /** The value in its location, as a JSON pointer in a URL fragment: `#/items/0/price`; `#` for the location itself. */
  readonly pointer: string
  /** What is wrong, as the schema says it. */
  readonly detail: string
}

/**
 * The input of a route does not fit its schemas: an HTTP error 422, for `@ErrorHandler(ValidationError)` and
 * `@ErrorHandler(422)`. Without a handler it is answered as problem details (RFC 9457) that name the problems, a hundred at most.
 */
export class ValidationError extends HttpError {
  static readonly status = 422
  /** All that is wrong, in all locations. */
  declare readonly problems: readonly InputProblem[]

  constructor(problems: readonly InputProblem[]) {
    super(problemText(problems, asText), { problems })
  }
}

const asText = ({ in: location, pointer, detail }: InputProblem) => `${location}${pointer.slice(1)}: ${detail}`
