import { describe } from '../errors/describe'
import { isRecord } from '../util/is-record'

/** One event of `eventStream`. A browser's EventSource gets only events that have `data`. */
export interface ServerEvent {
  /** A text, which may have several lines, or any other value, which is sent as JSON. */
  data?: unknown
  /** The name of the event, for `addEventListener`. Default: EventSource calls it `message`. */
  event?: string
  /** Sent back by the client as `Last-Event-ID` when it connects again. An empty text clears it. */
  id?: string | number
  /** How long the client waits before it connects again, in milliseconds. */
  retry?: number
}

/** How a stream of events writes a comment, which clients ignore. It is sent so that the connection does not look idle. */
export const COMMENT = ':\n\n'

const NAMES: readonly string[] = ['event', 'id', 'retry', 'data'] satisfies (keyof ServerEvent)[]

/** The lines of one event. @throws TypeError for what is no event */
export function formatEvent(given: unknown): string {
  if (typeof given === 'string') return `${linesOf(given)}\n`
  if (!isRecord(given)) throw new TypeError(`eventStream: yield a text or ${EXAMPLE}, not ${describe(given)}`)
  checkNames(given)
  const { event, id, retry, data } = given as ServerEvent
  const fields = [
    event === undefined ? '' : `event: ${checkedText('event', event, /[\r\n]/, 'without line breaks')}\n`,
    id === undefined ? '' : `id: ${checkedText('id', idOf(id), /[\r\n\0]/, 'without line breaks and NUL')}\n`,
    retry === undefined ? '' : `retry: ${checkedDelay(retry)}\n`,
    data === undefined ? '' : linesOf(typeof data === 'string' ? data : jsonOf(data)),
  ]
  return `${fields.join('')}\n`
}

const EXAMPLE = "{ event: 'tick', data: 'text', id: 5 }"

/** A client reads each of these as the end of a line. */
const linesOf = (data: string): string =>
  data
    .split(/\r\n|\r|\n/)
    .map(line => `data: ${line}\n`)
    .join('')

function checkNames(given: Record<string, unknown>): void {
  const unknown = Object.keys(given).find(name => !NAMES.includes(name))
  if (unknown !== undefined)
    throw new TypeError(`eventStream: an event has no '${unknown}': it may have ${NAMES.join(', ')}`)
  if (NAMES.every(name => given[name] === undefined))
    throw new TypeError(`eventStream: an event needs one of ${NAMES.join(', ')}: yield ${EXAMPLE}`)
}

const idOf = (id: unknown): unknown => (Number.isFinite(id) ? String(id) : id)

function checkedText(name: string, value: unknown, refused: RegExp, how: string): string {
  if (typeof value === 'string' && !refused.test(value)) return value
  throw new TypeError(`eventStream: the ${name} of an event must be a text ${how}, not ${describe(value)}`)
}

function checkedDelay(retry: unknown): number {
  if (Number.isSafeInteger(retry) && (retry as number) >= 0) return retry as number
  throw new TypeError(`eventStream: retry must be a whole number of milliseconds from 0 up, not ${describe(retry)}`)
}

function jsonOf(data: unknown): string {
  const text = JSON.stringify(data) as string | undefined
  if (text !== undefined) return text
  throw new TypeError(`eventStream: the data of an event must be a text or a JSON value, not ${describe(data)}`)
}
