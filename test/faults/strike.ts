import { setImmediate as turn } from 'node:timers/promises'
import { abort, makeResponse, redirect } from 'flaskoa'
import type { Entry } from './entry'
import type { Fault, Pace, Place } from './plan'

/** An error that an error handler answers. */
export class Handled extends Error {}

/** What the application answers when a fault gives an answer. */
export const ANSWER = 'a fault gave this answer'

/** The fault of the plan for this place, if there is one. */
function faultAt({ plan: { fault, late } }: Entry, place: Place): Fault | undefined {
  return fault?.place === place ? fault : late?.place === place ? late : undefined
}

const PROMISING: readonly unknown[] = ['reject', 'reject late', 'never']

/**
 * Runs one method of the application, at the plan's pace: what it does by itself, or what the plan has for this place.
 *
 * @param name is noted, and with ` ended` behind it when the method has ended, or nobody waits for it any more
 */
export function act(
  entry: Entry,
  place: Place,
  name: string,
  does: () => unknown,
  hasFault = true,
  pace = entry.plan.pace,
): unknown {
  entry.note(name)
  entry.running++
  const end = () => {
    entry.running--
    entry.note(`${name} ended`)
  }
  const fault = hasFault ? faultAt(entry, place) : undefined
  const perform = () => (fault === undefined ? does() : strike(entry, place, fault, does))
  if (fault?.manner === 'never') {
    entry.running--
    entry.noteNever()
  }
  if (pace !== 'sync' || PROMISING.includes(fault?.manner)) return paced(pace, perform, end)
  try {
    return perform()
  } finally {
    end()
  }
}

async function paced(pace: Pace, perform: () => unknown, end: () => void): Promise<unknown> {
  try {
    if (pace === 'turn') await turn()
    return await perform()
  } finally {
    end()
  }
}

function strike(entry: Entry, place: Place, { manner }: Fault, does: () => unknown): unknown {
  const failure = (error: unknown) => entry.threw(place, error)
  switch (manner) {
    case 'throw':
      throw failure(new Error(`${place} ${entry.id}`))
    case 'throw no error':
      throw failure(`no error: ${place} ${entry.id}`)
    case 'reject':
      return Promise.reject(failure(new TypeError(`${place} ${entry.id}`)))
    case 'reject late':
      return turn().then(() => Promise.reject(failure(new RangeError(`${place} ${entry.id}`)) as Error))
    case 'never':
      return new Promise(() => undefined)
    case 'throw undefined':
      throw failure(undefined)
    case 'cut':
      entry.note('cut')
      entry.cut?.()
      return does()
    default:
      return answer(manner, failure)
  }
}

function answer(manner: Fault['manner'], failure: (error: unknown) => unknown): unknown {
  try {
    if (manner === 'http error') abort(418)
    if (manner === 'abort(response)') abort(makeResponse(ANSWER))
  } catch (error) {
    throw failure(error)
  }
  if (manner === 'answer') return ANSWER
  return manner === 'redirect' ? redirect('/elsewhere') : undefined
}
