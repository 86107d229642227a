import type { Context } from '../types'
import { OpenFile } from './open-file'

/** A file, and the coding of its bytes. */
export interface EncodedFile {
  readonly file: OpenFile | undefined
  readonly encoding?: string | undefined
}

/** The codings, best first, with the endings of their files. */
const CODINGS = [
  ['br', '.br'],
  ['gzip', '.gz'],
] as const

/** The compressed file beside a file, if the client decodes it. */
export async function openEncoded(folder: string, filename: string, ctx: Context): Promise<EncodedFile | undefined> {
  for (const [encoding, ending] of CODINGS) {
    if (ctx.acceptsEncodings(encoding) !== encoding) continue
    const file = await OpenFile.openWithin(folder, filename + ending)
    if (file !== undefined) return { file, encoding }
  }
  return undefined
}
