import type { Readable } from 'node:stream'

/** A field of a multipart form. */
export interface FieldPart {
  readonly name: string
  readonly value: string
  readonly stream?: undefined
}

/** A file of a multipart form, as it arrives. */
export interface FilePart {
  readonly name: string
  /** The name that the client gives the file, without directories. It may be anything, also empty. */
  readonly filename: string
  /** Its media type, as the client says. */
  readonly type: string
  /** The file's bytes. What is left of them is skipped when the next part is asked for. */
  readonly stream: Readable
  readonly value?: undefined
}

/** One part of a multipart form: a file has a `stream`, a field has a `value`. */
export type Part = FieldPart | FilePart
