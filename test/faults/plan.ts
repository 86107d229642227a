import fc from 'fast-check'

/** Where a request can fail, in the order in which it gets there. */
export const PLACES = [
  ...['store get', 'converter', 'preprocessor', 'before', 'blueprint before', 'view', 'error handler', '500 handler'],
  ...['value', 'this request', 'after', 'blueprint after', 'store set', 'first chunk', 'chunk', 'last chunk'],
  ...['teardown', 'last teardown', 'app context', 'after response', 'blueprint after response'],
] as const
export type Place = (typeof PLACES)[number]

/** How a method fails, or what it does instead of what it should. */
const MANNERS = [
  ...['throw', 'throw no error', 'throw undefined', 'reject', 'reject late', 'http error', 'abort(response)'],
  ...['never', 'nothing', 'cut', 'answer', 'redirect'],
] as const
type Manner = (typeof MANNERS)[number]

/** Values that JSON can't express; `manner` of the place `value`. */
const VALUES = ['circular', 'bigint', 'toJSON', 'a date'] as const

export interface Fault {
  readonly place: Place
  readonly manner: Manner | (typeof VALUES)[number]
}

/** How a method takes its time: none, a microtask, a turn of the event loop. */
export type Pace = 'sync' | 'promise' | 'turn'

/**
 * What the view returns, or reads: an upload, a JSON document, a form with files. The last four are streams; all but the first
 * of those keep the request.
 */
const BODIES = [
  'json',
  'text',
  'made',
  'upload',
  'document',
  'form',
  'plain',
  'generator',
  'readable',
  'sync generator',
] as const
export type Body = (typeof BODIES)[number]

/** One request, and all that is to happen to it. It travels in a header, so that the server may be another process. */
export interface Plan {
  readonly scope: 'app' | 'outer' | 'inner' | 'nowhere' | 'wrong method'
  readonly method: 'GET' | 'HEAD' | 'POST'
  readonly body: Body
  readonly pace: Pace
  /** Whether the client brings a session that a store keeps. The view changes it. */
  readonly hasSession: boolean
  /** The fault that decides the response. */
  readonly fault?: Fault | undefined
  /** Another one, at a time when the response is decided. */
  readonly late?: Fault | undefined
}

/** When a client goes away, in the life of its request. `bytes` counts from the beginning of the response. */
type Moment = 'half sent' | 'sent' | 'view' | 'settled' | 'teardown' | 'bytes'

export interface Cut {
  /** Which of the requests it hits. */
  readonly at: number
  readonly when: Moment
  readonly bytes: number
  /** With a goodbye, without one, or only the client's half of the connection. */
  readonly how: 'end' | 'reset' | 'half'
}

/** What goes over one connection. */
export interface Conversation {
  readonly plans: readonly Plan[]
  /** Whether all requests are sent at once, without waiting for responses. */
  readonly pipelined: boolean
  readonly cut: Cut | undefined
  /** For a conversation over HTTP/2. */
  readonly http2?: Http2Conversation | undefined
}

export interface Http2Conversation {
  /** How many bytes of a response's body the server may send before the client has read some. */
  readonly window: number
  /** How the client goes away: from one stream, or from all by a GOAWAY, by closing its session or its socket. */
  readonly departure: 'stream' | 'goaway' | 'session' | 'socket'
  /** The error code of a RST_STREAM or GOAWAY: NO_ERROR is 0, HTTP_1_1_REQUIRED is 13. */
  readonly code: number
  /** Whether the client stops reading before it goes away, so that the response waits for flow control. */
  readonly stopsReading: boolean
}

export const isStream = (body: Body): boolean => BODIES.indexOf(body) >= BODIES.indexOf('plain')
export const isHeld = (body: Body): boolean => BODIES.indexOf(body) > BODIES.indexOf('plain')

const weighted = <T>(...choices: [weight: number, value: T][]): fc.Arbitrary<T> =>
  fc.oneof(...choices.map(([weight, value]) => ({ weight, arbitrary: fc.constant(value) })))

const EARLY: readonly Place[] = PLACES.slice(0, PLACES.indexOf('first chunk'))
const LATE: readonly Place[] = PLACES.slice(PLACES.indexOf('teardown'))
const STREAM: readonly Place[] = ['first chunk', 'chunk', 'last chunk']

/** To wait for a deadline takes long, so it is rare. */
const manner = weighted<Manner>(...MANNERS.map(each => [each === 'never' ? 1 : 20, each] as [number, Manner]))
const valueFault = fc.record({ place: fc.constant<Place>('value'), manner: fc.constantFrom(...VALUES) })
const faultAt = (places: readonly Place[]): fc.Arbitrary<Fault> => {
  const methods = places.filter(place => place !== 'value')
  const fault = fc.record({ place: fc.constantFrom(...methods), manner })
  return methods.length === places.length ? fault : fc.oneof({ weight: 15, arbitrary: fault }, valueFault)
}
const early = faultAt(EARLY)
const inStream = faultAt([...EARLY, ...STREAM, ...STREAM, ...STREAM, ...STREAM, ...STREAM])
const late = fc.option(faultAt(LATE), { nil: undefined, freq: 2 })

const faultless = fc.record({
  scope: weighted<Plan['scope']>([4, 'app'], [4, 'outer'], [4, 'inner'], [1, 'nowhere'], [1, 'wrong method']),
  method: weighted<Plan['method']>([6, 'GET'], [1, 'HEAD'], [2, 'POST']),
  body: weighted<Body>(...BODIES.map(body => [body === 'json' ? 4 : 1, body] as [number, Body])),
  pace: fc.constantFrom<Pace>('sync', 'promise', 'turn'),
  hasSession: fc.boolean(),
})

const plan: fc.Arbitrary<Plan> = faultless.chain(({ ...request }) => {
  const fault = fc.option(isStream(request.body) ? inStream : early, { nil: undefined, freq: 3 })
  return fc.record({ fault, late }).map(faults => possible({ ...request, ...faults }))
})

const THROWN: readonly string[] = ['throw', 'throw no error', 'throw undefined', 'http error']

/** Without a fault that its place can't have: a converter, for instance, returns no promise. */
function possible(request: Plan): Plan {
  const { fault, body } = request
  if (fault === undefined) return request
  const { place, manner: how } = fault
  const isOfStream = STREAM.includes(place)
  const isOfStore = place === 'store get' || place === 'store set'
  // A write that never ends holds its session's lock for ever, as it must: the store may still write it.
  if (place === 'store set' && how === 'never') return { ...request, fault: undefined }
  const fits =
    place === 'converter' || (isOfStream && body === 'sync generator')
      ? THROWN.includes(how)
      : !(isOfStream || isOfStore) || !['abort(response)', 'nothing', 'answer', 'redirect'].includes(how)
  return { ...request, hasSession: request.hasSession || isOfStore, fault: fits ? fault : undefined }
}

const cut = (requests: number): fc.Arbitrary<Cut> =>
  fc.record({
    at: fc.nat(requests - 1),
    when: fc.constantFrom<Moment>('half sent', 'sent', 'view', 'settled', 'teardown', 'bytes'),
    bytes: fc.oneof(fc.integer({ min: 1, max: 400 }), fc.integer({ min: 400, max: 40_000 })),
    how: fc.constantFrom('end', 'reset', 'half'),
  })

/** @param requests how many at most */
export const http2Conversations = (requests = 8): fc.Arbitrary<Conversation> =>
  fc
    .record({
      conversation: conversations(requests),
      http2: fc.record({
        window: fc.constantFrom(100, 1000, 10_000, 65_535),
        departure: weighted<Http2Conversation['departure']>(
          [6, 'stream'],
          [1, 'goaway'],
          [1, 'session'],
          [1, 'socket'],
        ),
        code: fc.integer({ min: 0, max: 13 }),
        stopsReading: fc.boolean(),
      }),
    })
    .map(({ conversation, http2 }) => ({ ...conversation, http2 }))

/** @param requests how many at most */
export const conversations = (requests = 8): fc.Arbitrary<Conversation> =>
  fc.array(plan, { minLength: 1, maxLength: requests, size: 'max' }).chain(plans =>
    fc.record({
      plans: fc.constant(plans),
      pipelined: fc.boolean(),
      cut: fc.option(cut(plans.length), { nil: undefined, freq: 2 }),
    }),
  )
