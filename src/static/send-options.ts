import { TRUE_OR_FALSE, checkOptions, type OptionKind } from '../errors/check-options'
import { describe } from '../errors/describe'

/** The options of `sendFile` and `sendFromDirectory`. */
export interface SendFileOptions {
  /** Whether the browser saves the file instead of showing it; a text is the name that it gets. Default false. */
  download?: boolean | string | undefined
  /** The media type, for instance `text/csv`. Default: by the ending of the name under which the file is saved. */
  mimetype?: string | undefined
  /**
   * How long caches may use the file without asking, in milliseconds. Default: the `Cache-Control` that was set before, or else
   * `no-cache`: they ask each time, which a 304 answers.
   */
  maxAge?: number | undefined
  /** Whether there is an `ETag`, made of the file's size and time. A text is an `ETag` of your own, without quotes. Default true. */
  etag?: boolean | string | undefined
  /** Whether `If-None-Match`, `Range` and the like are answered by a 304, a 206, a 412 or a 416. Default true. */
  conditional?: boolean | undefined
}

const OPTIONS: Readonly<Record<keyof SendFileOptions, OptionKind>> = {
  download: {
    expected: 'true, false or the name of a file',
    fits: value => typeof value === 'boolean' || (typeof value === 'string' && value !== ''),
  },
  mimetype: {
    expected: 'a media type, for instance text/csv',
    fits: value => typeof value === 'string' && /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+(?:\s*;[ -~]*)?$/.test(value),
  },
  maxAge: {
    expected: 'a number of milliseconds from 0 up',
    fits: value => Number.isFinite(value) && Number(value) >= 0,
  },
  etag: {
    expected: 'true, false, or a text without quotes and spaces',
    fits: value => typeof value === 'boolean' || (typeof value === 'string' && /^[\x21\x23-\x7e]+$/.test(value)),
  },
  conditional: TRUE_OR_FALSE,
}

/** @throws TypeError for an option that does not exist or has a wrong value */
export function checkSendOptions(options: SendFileOptions, where: string): void {
  checkOptions(options, OPTIONS, where)
}

/** @throws TypeError for a path that is no text */
export function checkPath(path: unknown, where: string): void {
  if (typeof path !== 'string') throw new TypeError(`${where} needs the path of a file, a text, not ${describe(path)}`)
}
