import { request } from 'node:http'
import type Koa from 'koa'
import { serve } from './serve'

/**
 * What a server answers to `GET /path` and the like, sent as it stands (`fetch` would tidy the path). Each answer is one
 * line: the status, the headers Location and Allow where there are any, and the body of a success.
 */
export const answers = (app: Koa, ...requests: string[]): Promise<string[]> =>
  serve(app, async url => {
    const lines: string[] = []
    for (const each of requests) lines.push(await answer(url, each))
    return lines
  })

function answer(url: string, sent: string): Promise<string> {
  const space = sent.indexOf(' ')
  return new Promise((resolve, reject) => {
    request(url, { method: sent.slice(0, space), path: sent.slice(space + 1), agent: false }, response => {
      let body = ''
      response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk))
      response.once('end', () => {
        const { location, allow } = response.headers
        const status = response.statusCode as number
        const parts = [status, location, allow && `[${allow}]`, status < 300 && body]
        resolve(parts.filter(Boolean).join(' '))
      })
    })
      .once('error', reject)
      .end()
  })
}
