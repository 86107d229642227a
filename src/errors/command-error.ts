import { describe } from './describe'

/**
 * An expected failure of a command: `flaskoa` prints the message alone, without a stack, and exits with the code.
 *
 * @example throw new CommandError('There is a user of this name.', 3)
 */
export class CommandError extends Error {
  override readonly name = 'CommandError'

  /**
   * @param exitCode from 1 to 255. Default 1
   * @throws TypeError for another exit code: a system keeps its last eight bits, so that a failure could be a success
   */
  constructor(
    message: string,
    readonly exitCode = 1,
    options?: ErrorOptions,
  ) {
    super(message, options)
    if (Number.isInteger(exitCode) && exitCode >= 1 && exitCode <= 255) return
    throw new TypeError(`CommandError: the exit code must be a whole number from 1 to 255, not ${describe(exitCode)}`, {
      cause: this,
    })
  }
}
