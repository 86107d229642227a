import { basename, extname } from 'node:path'
import { contentType } from 'mime-types'
import { attachment } from './content-disposition'
import type { OpenFile } from './open-file'
import type { SendFileOptions } from './send-options'
import type { Validators } from './validators'

/** What the options of `sendFile` do not say, because `staticFiles` decides it. */
export interface FileSettings extends SendFileOptions {
  /** The name that decides the media type, if the file itself has another. */
  readonly name?: string | undefined
  /** The coding of a compressed file. */
  readonly encoding?: string | undefined
  /** What is the same for all files with this content; it stands in the entity tag instead of their size and time. */
  readonly version?: string | undefined
  /** `Cache-Control`, instead of `maxAge`. */
  readonly cacheControl?: string | undefined
  readonly vary?: string | undefined
}

/** Caches ask each time. */
export const NO_CACHE = 'no-cache'

/** As long as a file system needs to give two changes different times: FAT counts in steps of two seconds. */
const SETTLED_AFTER_MS = 3000

/** The entity tag is weak as long as another change could have the same time and size (RFC 9110, 8.8.1). */
export function validatorsOf(file: OpenFile, { etag = true, version, encoding }: FileSettings): Validators {
  const isSettled = Date.now() - file.mtimeMs > SETTLED_AFTER_MS
  const ending = encoding === undefined ? '' : `-${encoding}`
  const content = version ?? `${file.size.toString(16)}-${file.mtimeNs.toString(16)}`
  const own = `${isSettled ? '' : 'W/'}"${content}${ending}"`
  return {
    etag: etag === true ? own : etag === false ? undefined : `"${etag}"`,
    lastModified: Math.floor(file.mtimeMs / 1000) * 1000,
    isSettled,
  }
}

/** The fields that a 304 has as well. */
export function fieldsOfAny({ etag, lastModified }: Validators, { maxAge, cacheControl, vary }: FileSettings) {
  return {
    ETag: etag,
    'Last-Modified': new Date(lastModified).toUTCString(),
    'Cache-Control': cacheControl ?? (maxAge === undefined ? undefined : cacheFor(maxAge)),
    Vary: vary,
  }
}

/** The fields that describe the content. Browsers must not guess another type: users may have written the file. */
export function fieldsOfContent({ path }: OpenFile, settings: FileSettings) {
  const { download = false, encoding, name = basename(path), conditional = true } = settings
  const filename = typeof download === 'string' ? download : name
  const { mimetype = extname(filename) } = settings
  return {
    'Content-Type': contentType(mimetype) || 'application/octet-stream',
    'Content-Encoding': encoding,
    'Content-Disposition': download === false ? undefined : attachment(filename),
    'Accept-Ranges': conditional ? 'bytes' : undefined,
    'X-Content-Type-Options': 'nosniff',
  }
}

const cacheFor = (maxAge: number): string => (maxAge < 1000 ? NO_CACHE : `max-age=${Math.floor(maxAge / 1000)}`)
