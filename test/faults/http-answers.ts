/** The statuses of all responses in what was received. Throws when something there is no HTTP/1.1 response. */
export function statusesOf(received: string): number[] {
  const found: number[] = []
  for (let rest = received; rest !== '';) {
    const end = rest.indexOf('\r\n\r\n')
    const [line, ...fields] = rest.slice(0, Math.max(end, 0)).split('\r\n')
    const status = Number(/^HTTP\/1\.1 (\d{3}) [\x20-\x7e]*$/.exec(line ?? '')?.[1])
    if (Number.isNaN(status)) throw new Error(`no status line: ${JSON.stringify(rest.slice(0, 200))}`)
    const odd = fields.find(field => !/^[A-Za-z-]+: [\x20-\x7e]*$/.test(field))
    if (odd !== undefined) throw new Error(`no header field: ${JSON.stringify(odd)}`)
    found.push(status)
    rest = withoutBody(rest.slice(end + 4), fields)
  }
  return found
}

/** A response to HEAD has a length and no body. */
function withoutBody(rest: string, fields: readonly string[]): string {
  if (rest === '' || rest.startsWith('HTTP/1.1 ')) return rest
  if (fields.some(field => /^transfer-encoding: chunked$/i.test(field))) return withoutChunks(rest)
  const length = fields.map(field => /^content-length: (\d+)$/i.exec(field)?.[1]).find(found => found !== undefined)
  if (length === undefined) throw new Error(`a body without a length: ${JSON.stringify(rest.slice(0, 200))}`)
  if (rest.length < Number(length)) throw new Error(`a body that breaks off: ${JSON.stringify(rest)}`)
  return rest.slice(Number(length))
}

function withoutChunks(rest: string): string {
  const line = /^([\da-f]+)\r\n/i.exec(rest)
  const size = parseInt(line?.[1] ?? '', 16)
  const end = (line?.[0].length ?? NaN) + size
  if (rest.slice(end, end + 2) !== '\r\n') throw new Error(`no chunk: ${JSON.stringify(rest.slice(0, 200))}`)
  return size === 0 ? rest.slice(end + 2) : withoutChunks(rest.slice(end + 2))
}
