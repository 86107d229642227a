import { request, type IncomingHttpHeaders } from 'node:http'
import { buffer } from 'node:stream/consumers'

export interface Answer {
  status: number
  headers: IncomingHttpHeaders
  /** As it was sent: nothing is decompressed. */
  bytes: Buffer
  text: string
}

export interface AskOptions {
  method?: string
  headers?: Readonly<Record<string, string>>
  body?: string
  /** Sent as the request's target instead of the URL's path. */
  target?: string
}

/** Sends one request and takes the answer as it stands, without what `fetch` does of its own accord. */
export function ask(url: string, { method = 'GET', headers = {}, body, target }: AskOptions = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    request(url, { method, headers, agent: false, ...(target && { path: target }) }, response => {
      buffer(response).then(bytes => {
        const { statusCode, headers: received } = response
        resolve({ status: statusCode as number, headers: received, bytes, text: bytes.toString() })
      }, reject)
    })
      .once('error', reject)
      .end(body)
  })
}
