import { Readable } from 'node:stream'
import { g, streamWithContext } from 'flaskoa'
import type { Entry } from './entry'
import type { Place } from './plan'
import { act } from './strike'

const CHUNKS = 6
const SIZE = 4000

const chunk = (id: string, index: number): string => `${id}:${index};`.padEnd(SIZE, '.')

/** What a client must get of a stream, whole. */
export const streamed = (id: string): string => Array.from({ length: CHUNKS }, (_, index) => chunk(id, index)).join('')

/** The place that a stream's chunk is: the fault comes before it, or after the last. */
function placeOf(index: number): Place | undefined {
  return index === 0 ? 'first chunk' : index === CHUNKS / 2 ? 'chunk' : index === CHUNKS ? 'last chunk' : undefined
}

/** Runs the fault of a chunk. A source that never continues is logged as stuck, because nothing else would end the wait for it. */
function before(entry: Entry, index: number, pace = entry.plan.pace): unknown {
  const place = placeOf(index)
  const { fault } = entry.plan
  if (place === undefined || fault?.place !== place) return undefined
  if (fault.manner === 'never') {
    entry.nevers-- // no deadline for streams
    setImmediate(() => entry.note('stuck'))
  }
  return act(entry, place, 'fault in the stream', () => undefined, true, pace)
}

/** @param idNow the id as it is seen from inside of the source */
async function* chunks(entry: Entry, idNow: () => string): AsyncGenerator<string> {
  entry.note('stream')
  try {
    for (let index = 0; index <= CHUNKS; index++) {
      await before(entry, index)
      if (index === CHUNKS) return
      if (entry.plan.pace === 'turn') await new Promise(setImmediate)
      yield chunk(idNow(), index)
    }
  } finally {
    entry.note('stream ended')
  }
}

function* syncChunks(entry: Entry): Generator<string> {
  entry.note('stream')
  try {
    for (let index = 0; index <= CHUNKS; index++) {
      before(entry, index, 'sync')
      if (index < CHUNKS) yield chunk(g.name as string, index)
    }
  } finally {
    entry.note('stream ended')
  }
}

export function bodyOf(entry: Entry): Readable | AsyncGenerator<string> {
  const { body } = entry.plan
  const own = () => entry.id
  const fromContext = () => g.name as string
  if (body === 'generator') return streamWithContext(() => chunks(entry, fromContext))
  if (body === 'sync generator') return streamWithContext(() => syncChunks(entry))
  if (body === 'readable') return streamWithContext(Readable.from(chunks(entry, own), { objectMode: false }))
  return chunks(entry, own)
}
