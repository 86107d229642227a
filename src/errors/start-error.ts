import { toError } from './describe'

/** An `@OnStart` method has failed, so the application does not start. Its `cause` is what the method threw. */
export class StartError extends Error {
  override readonly name = 'StartError'

  /** @param method `Class.method` */
  constructor(
    readonly method: string,
    cause: unknown,
  ) {
    super(`${method}: @OnStart failed, so the application did not start: ${toError(cause).message}`, { cause })
  }
}
