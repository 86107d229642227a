import type { ByteRange } from './file-stream'

/**
 * The part of a file that a `Range` asks for (RFC 9110, 14.1.2).
 *
 * @param size of the file, in bytes
 * @returns `undefined` for another unit, a malformed range and several ranges: the whole file is a right answer to each of them
 */
export function rangeOf(field: string | undefined, size: number): ByteRange | 'unsatisfiable' | undefined {
  const [, first, last] = /^\s*bytes=\s*(\d*)-(\d*)\s*$/i.exec(field ?? '') ?? []
  if (first === undefined || last === undefined || (first === '' && last === '')) return undefined
  // The last bytes: `-500`.
  if (first === '') return within(Math.max(0, size - Number(last)), size, size)
  if (last === '') return within(Number(first), size, size)
  return Number(last) < Number(first) ? undefined : within(Number(first), Number(last) + 1, size)
}

const within = (start: number, end: number, size: number): ByteRange | 'unsatisfiable' =>
  start < size ? { start, end: Math.min(end, size) } : 'unsatisfiable'
