import { once } from 'node:events'
import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** The arguments of a handler, the same for each framework. */
interface Given {
  readonly socket: Socket
  /** The handler calls it when the handler, or its stream, has ended. */
  readonly ended: () => void
}

export interface Fault {
  readonly name: string
  /** The handler. Each framework registers it as a route. */
  handle(given: Given): unknown
  readonly method?: 'HEAD'
  /** When the client disconnects: after the first byte, or when the handler has begun. */
  readonly leaves?: 'first byte' | 'handler'
  /** Whether another request precedes it on the connection, which that request then breaks. */
  readonly isBehind?: boolean
  /** Whether the end hook throws. */
  readonly endThrows?: boolean
  /** Whether the response hook throws. */
  readonly afterThrows?: boolean
}

const CHUNK = 'x'.repeat(10_000)

/** Ten chunks, or an error instead of one of them. */
async function* chunks({ ended }: Given, failing = Infinity, count = 10): AsyncGenerator<string> {
  try {
    for (let index = 0; index < count; index++) {
      await sleep(1)
      if (index === failing) throw new Error('broken')
      yield CHUNK
    }
  } finally {
    ended()
  }
}

/** Ends after `milliseconds`, as a query does. */
async function slowly({ ended }: Given, milliseconds: number): Promise<string> {
  await sleep(milliseconds)
  ended()
  return 'slow'
}

function fails(given: Given, error: unknown): never {
  given.ended()
  throw error
}

const answers = (given: Given): string => {
  given.ended()
  return 'fine'
}

export const FAULTS: readonly Fault[] = [
  { name: 'none', handle: answers },
  { name: 'the handler throws', handle: given => fails(given, new Error('broken')) },
  { name: 'the handler rejects later', handle: given => sleep(5).then(() => fails(given, new Error('broken'))) },
  { name: 'the handler throws a string', handle: given => fails(given, 'broken') },
  { name: 'the handler throws undefined', handle: given => fails(given, undefined) },
  {
    name: 'the value is circular',
    handle: given => {
      const value: { self?: unknown } = {}
      given.ended()
      return (value.self = value)
    },
  },
  { name: 'the hook on the response throws', handle: answers, afterThrows: true },
  { name: 'the hook at the end throws', handle: answers, endThrows: true },
  { name: 'the handler never ends', handle: () => new Promise(() => undefined) },
  { name: 'the client leaves, the handler goes on', handle: given => slowly(given, 50), leaves: 'handler' },
  {
    name: 'the connection is destroyed by the handler',
    handle: given => {
      given.socket.destroy()
      return answers(given)
    },
  },
  { name: 'a stream, whole', handle: given => chunks(given) },
  { name: 'a stream fails before its first chunk', handle: given => chunks(given, 0) },
  { name: 'a stream fails in its middle', handle: given => chunks(given, 5) },
  { name: 'the client leaves in a stream', handle: given => chunks(given, Infinity, 500), leaves: 'first byte' },
  { name: 'HEAD for a stream', handle: given => chunks(given), method: 'HEAD' },
  { name: 'pipelined behind a connection that breaks', handle: answers, isBehind: true },
  { name: 'a stream, pipelined behind the same', handle: given => chunks(given, Infinity, 500), isBehind: true },
]

/** The request before a pipelined one: it never answers, and breaks its connection. */
export async function breakConnection(socket: Socket): Promise<string> {
  await sleep(30)
  const closed = once(socket, 'close')
  socket.destroy()
  await closed
  return 'too late'
}

/** After this time a request counts as hung. */
export const PATIENCE = 1500
/** The deadline, for frameworks that have one. */
export const DEADLINE = 300
