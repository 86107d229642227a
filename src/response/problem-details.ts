import statuses from 'statuses'
import { ValidationError, type InputProblem } from '../errors/validation-error'

/** The part of an HTTP error that its default answer has. */
export interface PublicError {
  readonly status: number
  readonly expose?: boolean
  readonly message: string
}

/** An HTTP error as RFC 9457 has it. Without `type`, which then means `about:blank`: the title is that of the status. */
export interface ProblemDetails {
  readonly title: string
  readonly status: number
  /** The message of the error, if the client may read it. */
  readonly detail?: string
  /** What is wrong with the input of a route that declares it. */
  readonly errors?: readonly InputProblem[]
}

/** A small body may have a great many: an answer with all of them could be a hundred times its request. */
const MOST_ERRORS = 100

export function problemDetails(error: PublicError): ProblemDetails {
  const { status, expose, message } = error
  const title = statuses.message[status] ?? 'Error'
  if (error instanceof ValidationError)
    return { title, status, detail: countOf(error.problems), errors: error.problems.slice(0, MOST_ERRORS) }
  const isExplained = expose === true && message !== '' && message !== title
  return { title, status, ...(isExplained && { detail: message }) }
}

function countOf({ length }: readonly InputProblem[]): string {
  if (length === 1) return 'The request has a problem.'
  return `The request has ${length} problems${length > MOST_ERRORS ? `. The first ${MOST_ERRORS} are listed` : ''}.`
}
