import { connect } from 'node:net'

/** What a server answers to these bytes (text is Latin-1, so that any byte can be written), until it closes. */
export function raw(url: string, bytes: string | Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url)
    let received = ''
    const socket = connect(Number(port), hostname, () => socket.write(bytes, 'latin1'))
    socket.setEncoding('latin1').on('data', (text: string) => (received += text))
    socket.once('close', () => resolve(received))
    // A server that refuses a request resets what is still sent: what it said before counts.
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (!['ECONNRESET', 'EPIPE'].includes(error.code ?? '')) reject(error)
    })
  })
}

/** A request as it is written, which asks the server to close. */
export const written = (line: string, headers: readonly string[] = [], body = ''): string =>
  [`${line} HTTP/1.1`, 'Host: localhost', 'Connection: close', ...headers, '', body].join('\r\n')

/** The statuses of the responses in what was received. */
export const statuses = (received: string): number[] =>
  [...received.matchAll(/^HTTP\/1\.1 (\d{3}) /gm)].map(([, status]) => Number(status))

/** The header fields of the first response, with their names in lower case. */
export const fields = (received: string): string[] =>
  (received.split('\r\n\r\n', 1)[0] as string)
    .split('\r\n')
    .slice(1)
    .map(field => field.replace(/^[^:]*/, name => name.toLowerCase()))
