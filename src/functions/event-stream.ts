import type { Readable } from 'node:stream'
import { signalOf } from '../connection/abort-signal'
import { checkFunction, checkOptions, type OptionKind } from '../errors/check-options'
import { describe } from '../errors/describe'
import type { Application } from '../events'
import { currentToAnswer } from '../request/current'
import type { RequestContext } from '../request/request-context'
import { isDelay, LONGEST_DELAY_MS } from '../util/longest-delay'
import { EventChunks, type Source } from './event-chunks'
import type { ServerEvent } from './server-event'
import { streamWithContext } from './stream-with-context'

/** The options of `eventStream`. */
export interface EventStreamOptions {
  /**
   * After how many milliseconds of silence a comment is sent, so that no proxy takes the connection for dead, and the server
   * sees that a client has gone. 0: never. Default 15,000.
   */
  heartbeat?: number
}

type Events = AsyncIterable<string | ServerEvent> | Iterable<string | ServerEvent>

const DEFAULT_HEARTBEAT_MS = 15_000

const OPTIONS: Readonly<Record<keyof EventStreamOptions, OptionKind>> = {
  heartbeat: {
    expected: `a whole number of milliseconds from 0 to ${LONGEST_DELAY_MS}`,
    fits: value => isDelay(value, 0),
  },
}

/**
 * Makes a response of server-sent events, which browsers read with `EventSource`. `g`, `session` and `request` work while it
 * runs, and teardown runs once, at its end. It ends when the events end, when the client disconnects, and when a shutdown
 * begins; `signal` is aborted then. Sets `Content-Type`, `Cache-Control: no-cache, no-transform` and `X-Accel-Buffering: no`.
 *
 * @example return eventStream(async function* (lastEventId, signal) {
 *   for await (const post of posts.since(lastEventId, { signal })) yield { event: 'post', data: post, id: post.id }
 * })
 * @param source returns the events, as an async generator does. A text is an event with that text as `data`. It gets the id
 *   of the last event that the client has received, if it connects again, and a signal: pass that on to whatever it waits for,
 *   because JavaScript can't end a generator while it waits
 * @returns a stream for the view to return
 * @throws TypeError for a source that is not a function or returns no iterable, and for unknown options; an Error outside of a
 *   request. What is no event ends the stream with a TypeError
 */
export function eventStream(
  source: (lastEventId: string | undefined, signal: AbortSignal) => Events,
  options: EventStreamOptions = {},
): Readable {
  checkFunction(source, 'eventStream(async function* () { … })')
  const { heartbeat = DEFAULT_HEARTBEAT_MS } = checkOptions(options, OPTIONS, 'eventStream(source, options)')
  const request = currentToAnswer('eventStream()')
  const { ctx } = request
  const end = endOf(request)
  const events = eventsOf(source, lastEventIdOf(ctx.get('Last-Event-ID')), end)
  ctx.type = 'text/event-stream'
  // A compressing middleware or proxy would hold events back until it has enough of them.
  ctx.set('Cache-Control', 'no-cache, no-transform')
  ctx.set('X-Accel-Buffering', 'no')
  return streamWithContext(new EventChunks(events, end, heartbeat))
}

/**
 * Aborted when the client disconnects or a shutdown begins. Not by AbortSignal.any, of which Node keeps a reference for each
 * request in the signal of the shutdown.
 */
function endOf({ app, ctx }: RequestContext): AbortController {
  const end = new AbortController()
  const signals = [signalOf(ctx), (app as Application).shutdownSignal as AbortSignal]
  for (const signal of signals) {
    const abort = () => {
      end.abort(signal.reason)
    }
    if (signal.aborted) abort()
    else signal.addEventListener('abort', abort, { once: true, signal: end.signal })
  }
  return end
}

/** Browsers send an id in UTF-8, and Node reads header fields as Latin-1. */
const lastEventIdOf = (field: string): string | undefined =>
  field === '' ? undefined : Buffer.from(field, 'latin1').toString()

function eventsOf(
  source: (lastEventId: string | undefined, signal: AbortSignal) => unknown,
  lastEventId: string | undefined,
  end: AbortController,
): Source {
  try {
    return iteratorOf(source(lastEventId, end.signal))
  } catch (error) {
    end.abort() // the signal of the shutdown would keep the request
    throw error
  }
}

function iteratorOf(events: unknown): Source {
  const iterable = Object(events) as Partial<AsyncIterable<unknown> & Iterable<unknown>>
  const isText = typeof events === 'string'
  const iterator = isText ? undefined : (iterable[Symbol.asyncIterator]?.() ?? iterable[Symbol.iterator]?.())
  if (iterator !== undefined) return iterator
  throw new TypeError(
    'eventStream(source): the source must return an iterable of events, as an async generator function does ' +
      `(async function*), not ${describe(events)}`,
  )
}
