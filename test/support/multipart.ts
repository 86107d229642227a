/** A part of a multipart body: its header fields, and its content. */
export type RawPart = readonly [fields: string, content: string | Buffer]

export const BOUNDARY = 'x-boundary'
export const MULTIPART = `multipart/form-data; boundary=${BOUNDARY}`

/** The `Content-Disposition` of a field, or of a file if it has a name. */
export const disposition = (name: string, filename?: string): string =>
  `Content-Disposition: form-data; name="${name}"` + (filename === undefined ? '' : `; filename="${filename}"`)

/** A part of a form: a field, or a file if it has a name. */
export const part = (name: string, content: string | Buffer, filename?: string, type?: string): RawPart => [
  disposition(name, filename) + (type === undefined ? '' : `\r\nContent-Type: ${type}`),
  content,
]

/** A multipart body as bytes. Text is Latin-1, so that any byte can be written. */
export function multipart(parts: readonly RawPart[], end = `--${BOUNDARY}--\r\n`): Buffer {
  const bytes = parts.flatMap(([fields, content]) => [
    Buffer.from(`--${BOUNDARY}\r\n${fields}\r\n\r\n`, 'latin1'),
    typeof content === 'string' ? Buffer.from(content, 'latin1') : content,
    Buffer.from('\r\n'),
  ])
  return Buffer.concat([...bytes, Buffer.from(end)])
}
