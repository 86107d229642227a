import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { gzipSync } from 'node:zlib'
import type Koa from 'koa'
import proxy from 'koa-better-http-proxy'
import { AfterRequest, AfterResponse, ErrorHandler, Get, type Outcome, type Response } from 'flaskoa'
import { ask, type Answer } from '../support/ask'
import { portOf, serve } from '../support/serve'
import { until } from '../support/until'
import { koaOf, worlds } from '../support/worlds'

const log: unknown[] = []
beforeEach(() => {
  log.length = 0
})

class App {
  @Get('/view') view() {
    return 'view'
  }

  @Get('/fail') fail(): string {
    throw new Error('from the view')
  }

  @ErrorHandler(404) missing() {
    log.push('missing')
    return 'nothing here'
  }

  @AfterRequest after(response: Response) {
    log.push(`after ${response.status}`)
    return response
  }

  @AfterResponse outcome({ status, error }: Outcome) {
    log.push(`sent ${status} ${error?.message}`)
  }
}

const PATHS = ['/html', '/zipped', '/missing', '/failing', '/empty', '/moved', '/old']

function upstream({ url }: IncomingMessage, res: ServerResponse): void {
  if (url === '/html') res.setHeader('Content-Type', 'text/html').end('<p>proxied')
  else if (url === '/zipped') res.writeHead(200, { 'Content-Encoding': 'gzip', ETag: '"1"' }).end(gzipSync('zipped'))
  else if (url === '/missing') res.writeHead(404, { 'X-Upstream': 'yes' }).end('upstream has nothing')
  else if (url === '/failing') res.writeHead(503, { 'Retry-After': '5' }).end()
  else if (url === '/empty') res.writeHead(204).end()
  else if (url === '/moved') res.writeHead(301, { Location: '/html' }).end('moved')
  else if (url === '/old') res.writeHead(304, { ETag: '"1"' }).end()
  else res.writeHead(200, { 'Content-Encoding': 'gzip', 'X-Upstream': 'yes' }).end(gzipSync('proxied'))
}

/** Runs `use` with a middleware that passes each request on to another server, as it is used in front of a new application. */
async function proxying<T>(use: (middleware: Koa.Middleware) => Promise<T>): Promise<T> {
  const server = createServer(upstream).listen(0, '127.0.0.1')
  await once(server, 'listening')
  try {
    return await use(proxy('127.0.0.1', { port: portOf(server) }))
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

/** What was sent, without the dates. */
const own = ({ headers: { date, ...headers }, ...answer }: Answer) => {
  expect(date).toEqual(expect.any(String))
  return { ...answer, headers }
}

describe.each(worlds)('koa-better-http-proxy %s', (_, make) => {
  test.each(PATHS)('%s: a URL without a rule is what the other server answers', async path => {
    await proxying(async middleware => {
      for (const method of ['GET', 'HEAD', 'POST']) {
        const expected = own(await serve(koaOf(middleware), url => ask(url + path, { method })))
        expect(own(await serve(make(App, [middleware]), url => ask(url + path, { method })))).toEqual(expected)
        const { status } = expected
        await until('the outcome is known', () => log.length > 1)
        expect(log.splice(0)).toEqual([`after ${status}`, `sent ${status} undefined`])
      }
    })
  })

  test('a URL with a rule is what its view answers', async () => {
    await proxying(async middleware => {
      await serve(make(App, [middleware]), async url => {
        const { status, headers, text } = await ask(`${url}/view`)
        expect([status, text, headers['content-type'], headers['content-encoding'], headers['x-upstream']]).toEqual([
          ...[200, 'view', 'text/html; charset=utf-8', undefined, 'yes'],
        ])
        const failed = await ask(`${url}/fail`)
        expect([failed.status, failed.headers['content-encoding']]).toEqual([500, undefined])
      })
    })
  })
})
