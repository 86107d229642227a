import { Stream } from 'node:stream'

type Readable = Stream.Readable

/** Whether Koa treats a value as a stream: one of Node's, or an object with a stream's methods and flags. */
export function isStream(value: object): value is Readable {
  if (value instanceof Stream) return true
  const { readable, pipe, read, readableObjectMode, destroy, destroyed } = value as Partial<Readable>
  return (
    readable === true &&
    [pipe, read, destroy].every(method => typeof method === 'function') &&
    [readableObjectMode, destroyed].every(flag => typeof flag === 'boolean')
  )
}
