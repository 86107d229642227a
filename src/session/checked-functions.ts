import { describe } from '../errors/describe'
import { sync } from '../util/thenable'
import type { SessionSettings } from './options'

type AnyFunction = (...given: unknown[]) => unknown

const NOT_AWAITED = 'koa-session does not wait for it. Load what it needs in a before method.'

/**
 * The functions among koa-session's options, checked at each call. koa-session waits for none of them and takes each result
 * as it is: `valid` would accept every session if it is async, and `genid` would give all clients one key.
 */
export function checkedFunctions({ genid, valid, beforeSave, externalKey }: SessionSettings): object {
  const checked = {
    genid: genid && checkedBy(genid, 'genid', assertText),
    valid: valid && checkedBy(valid, 'valid'),
    beforeSave: beforeSave && checkedBy(beforeSave, 'beforeSave'),
    externalKey: externalKey && {
      get: checkedBy(externalKey.get.bind(externalKey), 'externalKey.get', assertTextOrNone),
      set: checkedBy(externalKey.set.bind(externalKey), 'externalKey.set'),
    },
  }
  return Object.fromEntries(Object.entries(checked).filter(([, fn]) => fn !== undefined))
}

/** The text that `encode` makes of a session. */
export function encoded(result: unknown): string {
  assertText(sync(result, nameOf('encode'), NOT_AWAITED), nameOf('encode'))
  return result as string
}

/** What `decode` has made of a text. */
export const decoded = (result: unknown): unknown => sync(result, nameOf('decode'), NOT_AWAITED)

const nameOf = (option: string) => `session: ${option}`

function checkedBy(fn: unknown, option: string, assert?: (result: unknown, name: string) => void): AnyFunction {
  return (...given) => {
    const result = sync((fn as AnyFunction)(...given), nameOf(option), NOT_AWAITED)
    assert?.(result, nameOf(option))
    return result
  }
}

function assertText(result: unknown, name: string): void {
  if (typeof result === 'string' && result !== '') return
  throw new TypeError(`${name} returned ${describe(result)}: expected a text that is not empty`)
}

function assertTextOrNone(result: unknown, name: string): void {
  if (result === undefined || result === null || typeof result === 'string') return
  throw new TypeError(`${name} returned ${describe(result)}: expected a text, or undefined`)
}
