import { SetupError } from '../errors/setup-error'

/** The error for a decorator that was called with the wrong arguments. */
export function badCall(decorator: string, expected: string, example: string): SetupError {
  return new SetupError('BAD_DECORATOR_CALL', `${decorator} needs ${expected}: write ${example}`)
}
