import type { IncomingHttpHeaders } from 'node:http'
import { httpDate } from './http-date'

/** What a client can ask a file for, to know whether its copy is the same (RFC 9110, 8.8). */
export interface Validators {
  readonly etag: string | undefined
  /** Milliseconds, without parts of a second. */
  readonly lastModified: number
  /** Whether the file has been as it is for so long that no second change can have the same time. */
  readonly isSettled: boolean
}

/** What the conditions of a request mean for its response. */
export type Verdict = 'send' | 'notModified' | 'failed'

/** Judges the conditions of a GET or HEAD request in the order of RFC 9110, 13.2.2. */
export function judge(headers: IncomingHttpHeaders, validators: Validators): Verdict {
  if (hasFailed(headers, validators)) return 'failed'
  return isNotModified(headers, validators) ? 'notModified' : 'send'
}

/** A condition for those who hold a part of a file already. */
function hasFailed(headers: IncomingHttpHeaders, { etag, lastModified }: Validators): boolean {
  const match = headers['if-match']
  if (match !== undefined) return match.trim() !== '*' && !tagsOf(match).some(tag => isSameStrongly(tag, etag))
  return lastModified > (httpDate(headers['if-unmodified-since']) ?? Infinity)
}

/** A condition for those who hold the file. The dates count only where no tags are sent. */
function isNotModified(headers: IncomingHttpHeaders, { etag, lastModified }: Validators): boolean {
  const noneMatch = headers['if-none-match']
  if (noneMatch === undefined) return lastModified <= (httpDate(headers['if-modified-since']) ?? -Infinity)
  return noneMatch.trim() === '*' || tagsOf(noneMatch).some(tag => isSameWeakly(tag, etag))
}

/** Whether a part of the file completes what the client holds. A weak tag does not say that each byte is the same. */
export function allowsRange(ifRange: string | undefined, { etag, lastModified, isSettled }: Validators): boolean {
  if (ifRange === undefined) return true
  if (/^\s*(?:W\/)?"/.test(ifRange)) return isSameStrongly(ifRange.trim(), etag)
  return isSettled && httpDate(ifRange) === lastModified
}

/** The entity tags of a list, each with its quotes. */
const tagsOf = (list: string): readonly string[] => list.match(/(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"/g) ?? []

const isSameStrongly = (tag: string, etag: string | undefined): boolean => tag === etag && !tag.startsWith('W/')

const isSameWeakly = (tag: string, etag: string | undefined): boolean => withoutWeak(tag) === withoutWeak(etag ?? '')

const withoutWeak = (tag: string): string => tag.replace(/^W\//, '')
