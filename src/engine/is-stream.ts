import Stream from 'node:stream'

type Readable = Stream.Readable

/** What Koa takes for a stream: Node's, and what looks like one in all that matters. */
export function isStream(value: object): value is Readable {
  if (value instanceof Stream) return true
  const { readable, pipe, read, readableObjectMode, destroy, destroyed } = value as Partial<Readable>
  return (
    readable === true &&
    [pipe, read, destroy].every(method => typeof method === 'function') &&
    [readableObjectMode, destroyed].every(flag => typeof flag === 'boolean')
  )
}
