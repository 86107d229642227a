import { request } from 'node:http'
import type { ClientHttp2Session } from 'node:http2'
import { text } from 'node:stream/consumers'
import type Koa from 'koa'
import { serve, serveHttp2 } from './serve'

export interface Sent {
  readonly path?: string
  readonly type?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Buffer
}

/** Sends a POST to the application of a test, and returns the status and the body of the answer. */
export type Send = (sent: Sent) => Promise<[status: number, body: string]>

const headersOf = ({ type, headers, body }: Sent): Record<string, string> => ({
  ...(type === undefined ? {} : { 'content-type': type }),
  ...(body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }),
  ...headers,
})

/** Over HTTP/1.1 and HTTP/2: serves an application while `use` runs. */
export const protocols: [string, (app: Koa, use: (send: Send) => Promise<unknown>) => Promise<unknown>][] = [
  ['HTTP/1.1', (app, use) => serve(app, url => use(sent => sendHttp1(url, sent)))],
  ['HTTP/2', (app, use) => serveHttp2(app, session => use(sent => sendHttp2(session, sent)))],
]

export function sendHttp1(url: string, sent: Sent): ReturnType<Send> {
  return new Promise((resolve, reject) => {
    request(url + (sent.path ?? ''), { method: 'POST', headers: headersOf(sent), agent: false }, response => {
      text(response).then(body => resolve([response.statusCode as number, body]), reject)
    })
      .once('error', reject)
      .end(sent.body)
  })
}

async function sendHttp2(session: ClientHttp2Session, sent: Sent): ReturnType<Send> {
  const fields = { ':method': 'POST', ':path': sent.path ?? '/', ...headersOf(sent) }
  const stream = session.request(fields, { endStream: sent.body === undefined })
  let status = 0
  stream.once('response', headers => (status = headers[':status'] as number))
  // A server may end the stream before it has the whole body.
  stream.on('error', () => undefined).end(sent.body)
  const body = await text(stream)
  return [status, body]
}
