/** How much a request may send, in bytes where nothing else is said. */
export interface Limits {
  /** A body of JSON, of text or of a urlencoded form, decoded. Default 1 MiB. */
  body?: number
  /** A multipart form as a whole, decoded. Default 64 MiB. */
  form?: number
  /** One file of a form. Default 16 MiB. */
  fileSize?: number
  /** One field of a multipart form. Default 64 KiB. */
  fieldSize?: number
  /** The number of files in a form. Default 10. */
  files?: number
  /** The number of fields in a form. Default 1000. */
  fields?: number
  /** Files up to this size stay in memory. Default 0: all files are written to disk. */
  memory?: number
}
