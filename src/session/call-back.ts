import { toError } from '../errors/describe'
import type { SessionCallback } from '../types'

const ignore = () => undefined

/** Reports what a callback has thrown: it belongs to no method that the lifecycle waits for. */
export type Report = (error: Error) => void

/**
 * Does `work` and reports its end to `callback`, as koa-session's methods do; without a callback returns a promise. That
 * promise may be ignored: what could not be saved is saved again at the end of the request, or fails there.
 *
 * @param report gets the error of a callback that throws: as an unhandled rejection it would end the process
 * @throws what `work` throws before it waits, if there is no callback
 */
export function callBack(
  callback: SessionCallback | undefined,
  work: () => Promise<void> | void,
  report: Report,
): Promise<void> | undefined {
  if (typeof callback !== 'function') {
    const running = Promise.resolve(work())
    running.catch(ignore)
    return running
  }
  const running = new Promise<void>(resolve => {
    resolve(work())
  })
  const guarded = guardCallback(callback as AnyCallback, report)
  running.then(
    () => guarded(),
    (error: unknown) => guarded(toError(error)),
  )
  return undefined
}

type AnyCallback = (...given: unknown[]) => unknown

/** A callback whose error is reported, also that of an async callback. */
export function guardCallback(callback: AnyCallback, report: Report): AnyCallback {
  return async (...given) => {
    try {
      await callback(...given)
    } catch (thrown) {
      report(toError(thrown))
    }
  }
}
