/**
 * An expected failure of a command: `flaskoa` prints the message alone, without a stack, and exits with the code.
 *
 * @example throw new CommandError('There is a user of this name.', 3)
 */
export class CommandError extends Error {
  override readonly name = 'CommandError'

  /** @param exitCode from 1 to 255. Default 1 */
  constructor(
    message: string,
    readonly exitCode = 1,
    options?: ErrorOptions,
  ) {
    super(message, options)
  }
}
