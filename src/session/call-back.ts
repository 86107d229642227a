import { toError } from '../errors/describe'
import type { SessionCallback } from '../types'

const ignore = () => undefined

/**
 * Does `work` and reports its end to `callback`, as koa-session's methods do; without a callback returns a promise. That
 * promise may be ignored: what could not be saved is saved again at the end of the request, or fails there.
 *
 * @throws what `work` throws before it waits, if there is no callback
 */
export function callBack(
  callback: SessionCallback | undefined,
  work: () => Promise<void> | void,
): Promise<void> | undefined {
  if (typeof callback !== 'function') {
    const running = Promise.resolve(work())
    running.catch(ignore)
    return running
  }
  const running = new Promise<void>(resolve => {
    resolve(work())
  })
  running.then(
    () => {
      callback()
    },
    (error: unknown) => {
      callback(toError(error))
    },
  )
  return undefined
}
