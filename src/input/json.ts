import { isUtf8 } from 'node:buffer'
import type * as SecureJsonParse from 'secure-json-parse'
import type { Context } from '../types'
import { mediaTypeOf } from './media-type'
import { refuse } from './refuse'

/** Stands for what is not UTF-8, and may be in the text itself. */
const REPLACEMENT = '\uFFFD'
const BYTE_ORDER_MARK = 0xfeff

/**
 * Bytes as text. A byte order mark is left out. (A TextDecoder that throws costs four times as much.)
 *
 * @throws HttpError 400 if the bytes are not UTF-8
 */
export function decodeText(bytes: Buffer): string {
  const text = bytes.toString()
  if (text.includes(REPLACEMENT) && !isUtf8(bytes)) refuse(400, 'the body is not UTF-8')
  return text.charCodeAt(0) === BYTE_ORDER_MARK ? text.slice(1) : text
}

/** @throws HttpError 415 for a body whose `Content-Type` names another charset than UTF-8 */
export function checkCharset({ req }: Context): void {
  const type = req.headers['content-type'] ?? ''
  const charset = type.includes(';') ? /;\s*charset\s*=\s*"?([^";\s]+)/i.exec(type)?.[1] : undefined
  if (charset === undefined || /^(?:utf-?8|us-ascii)$/i.test(charset)) return
  refuse(415, `the charset ${JSON.stringify(charset)} of the body is not supported: send UTF-8`)
}

/** @throws HttpError 415 for a body that says to be something else than JSON */
export function checkJsonType(ctx: Context): void {
  const type = mediaTypeOf(ctx)
  if (type !== 'application/json' && !type.endsWith('+json')) {
    refuse(415, 'the body is not JSON: send it as application/json', { Accept: 'application/json' })
  }
  checkCharset(ctx)
}

let loaded: typeof SecureJsonParse | undefined

/** Loaded with the first text that needs it: most applications never do. */
// eslint-disable-next-line @typescript-eslint/no-require-imports -- import() would make the parsing asynchronous
const parser = () => (loaded ??= require('secure-json-parse') as typeof SecureJsonParse)

/** @throws HttpError 400 for what is not JSON, and for names that would change the prototype of an object */
export function parseJson(text: string): unknown {
  try {
    return isHarmless(text)
      ? JSON.parse(text)
      : parser().parse(text, { protoAction: 'error', constructorAction: 'error' })
  } catch (error) {
    // The whole message: those of JSON.parse quote the text.
    const isPoisoned = error instanceof Error && error.message === 'Object contains forbidden prototype property'
    return refuse(
      400,
      isPoisoned ? 'the body has a name that is not allowed: __proto__ or constructor' : 'the body is not JSON',
    )
  }
}

/** Whether a text can't have one of those names: they are not in it, and no escape writes their letters. */
const isHarmless = (text: string): boolean =>
  !text.includes('__proto__') && !text.includes('constructor') && !text.includes('\\u')
