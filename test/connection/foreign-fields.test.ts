import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import http from 'node:http'
import { gzipSync } from 'node:zlib'
import { Get, Post, abort, makeResponse, type Context } from 'flaskoa'
import { ask } from '../support/ask'
import { portOf, serve, serveHttp2 } from '../support/serve'
import { worlds } from '../support/worlds'

const FIELDS = {
  Connection: 'close, X-Named',
  'Keep-Alive': 'timeout=9',
  'Proxy-Connection': 'keep-alive',
  'Transfer-Encoding': 'chunked',
  TE: 'trailers',
  Trailer: 'X-Sum',
  Upgrade: 'h2c',
  'HTTP2-Settings': 'AAMAAABk',
  'Content-Length': '999',
  'Content-Encoding': 'gzip',
  'X-Named': 'by Connection',
  'X-Kept': 'yes',
}
const names = Object.keys(FIELDS).map(name => name.toLowerCase())

/** The fields of a response that are in the list above. */
const received = (headers: object) =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => names.includes(name)))

const upstream = createServer((_, res) => {
  res.writeHead(200, { 'Content-Encoding': 'gzip', 'Content-Type': 'text/plain', 'X-Kept': 'yes', Connection: 'close' })
  res.end(gzipSync('from upstream'))
})
let url: string
beforeAll(async () => {
  await once(upstream.listen(0, '127.0.0.1'), 'listening')
  url = `http://127.0.0.1:${portOf(upstream)}`
})
afterAll(() => upstream.close())

class App {
  @Get('/own') own() {
    const { Connection: _, 'Content-Length': __, ...fields } = FIELDS
    return new Response(gzipSync('hello'), { headers: fields })
  }
  @Get('/named') named() {
    return new Response('hello', { headers: { Connection: 'close, X-Named', 'X-Named': 'x', 'X-Kept': 'yes' } })
  }
  @Get('/fetched') fetched() {
    return fetch(url)
  }
  @Get('/copied') async copied() {
    const from = await fetch(url)
    return new Response(from.body, from)
  }
  @Get('/http-error') httpError() {
    return abort(400, 'refused', { headers: FIELDS })
  }
  @Get('/set') set(ctx: Context) {
    const { 'Content-Length': _, 'Content-Encoding': __, ...fields } = FIELDS
    return makeResponse('hello', 200, ctx.req.httpVersionMajor === 2 ? fields : {})
  }
  @Get('/none') none() {
    return makeResponse('', 204, { 'Keep-Alive': 'timeout=9', 'X-Kept': 'yes' })
  }
  @Get('/handed-on') handedOn(ctx: Context) {
    return new Promise<IncomingMessage>((resolve, reject) => {
      const request = http.get(url, { agent: false }, answer => {
        ctx.set(answer.headers as Record<string, string>)
        resolve(answer)
      })
      request.on('error', reject)
    })
  }
}

const outside = async (ctx: Context, next: () => Promise<unknown>) => {
  await next()
  if (ctx.path === '/outside') throw Object.assign(new Error('of a client'), { status: 409, headers: FIELDS })
}

async function askHttp2(app: ReturnType<(typeof worlds)[number][1]>, path: string) {
  return serveHttp2(app, async session => {
    const stream = session.request({ ':path': path })
    const [headers] = (await once(stream, 'response')) as [Record<string, unknown>]
    let text = ''
    stream.on('data', chunk => (text += String(chunk)))
    await once(stream, 'close')
    return { headers, status: headers[':status'], text }
  })
}

describe.each(worlds)('fields of another connection, %s', (_, make) => {
  const app = () => make(App, [outside as never]).on('error', () => undefined)
  // No connection is named: the body is as the view has encoded it.
  const OWN = { 'content-encoding': 'gzip', 'x-named': 'by Connection' }
  const KEPT = { connection: 'close', 'x-kept': 'yes' }

  test.each([
    ["a WHATWG Response's", '/own', { ...KEPT, ...OWN, 'transfer-encoding': 'chunked' }, /./],
    ['a field that Connection names', '/named', { ...KEPT, 'transfer-encoding': 'chunked' }, 'hello'],
    ["those of fetch()'s response", '/fetched', { ...KEPT, 'transfer-encoding': 'chunked' }, 'from upstream'],
    ["a copy's of fetch()'s response", '/copied', { ...KEPT, 'transfer-encoding': 'chunked' }, 'from upstream'],
    ["an HTTP error's", '/http-error', { ...KEPT, 'content-length': expect.any(String) as string }, /refused/],
    ['an error of outer middleware', '/outside', { ...KEPT, 'content-length': '8' }, 'Conflict'],
  ])('%s are not sent over HTTP/1', async (_, path, fields, text) => {
    await serve(app(), async base => {
      const answer = await ask(base + path)
      expect(received(answer.headers)).toEqual(fields)
      expect(answer.text).toEqual(typeof text === 'string' ? text : expect.stringMatching(text))
    })
  })

  test.each([
    ["a WHATWG Response's", '/own', 200, { ...OWN, 'x-kept': 'yes' }, /./],
    [
      "an HTTP error's",
      '/http-error',
      400,
      { 'content-length': expect.any(String) as string, 'x-kept': 'yes' },
      /refused/,
    ],
    ['an error of outer middleware', '/outside', 409, { 'content-length': '8', 'x-kept': 'yes' }, 'Conflict'],
    [
      'fields that a method has set',
      '/set',
      200,
      { 'content-length': '5', trailer: 'X-Sum', 'x-kept': 'yes', 'x-named': 'by Connection' },
      'hello',
    ],
    ['those of a response without a body', '/none', 204, { 'x-kept': 'yes' }, ''],
    ["an upstream's", '/handed-on', 200, { 'content-encoding': 'gzip', 'x-kept': 'yes' }, /./],
  ])('%s are not sent over HTTP/2', async (_, path, status, fields, text) => {
    const answer = await askHttp2(app(), path)
    expect([answer.status, received(answer.headers)]).toEqual([status, fields])
    expect(answer.text).toEqual(typeof text === 'string' ? text : expect.stringMatching(text))
  })

  test('a request that is sent back is not an upstream: what the view sets stays', async () => {
    class Echo {
      @Post('/') echo(ctx: Context) {
        ctx.set('Connection', 'close')
        return ctx.req
      }
    }
    await serve(make(Echo, []), async base => {
      const { headers, text } = await ask(base, { method: 'POST', body: 'echo', headers: { Connection: 'close' } })
      expect([headers.connection, text]).toEqual(['close', 'echo'])
    })
  })

  test.each(['/copied', '/handed-on'])('%s: a connection stays open when that of the upstream ends', async path => {
    await serve(app(), async base => {
      const agent = new http.Agent({ keepAlive: true })
      const request = http.get(base + path, { agent })
      const [response] = (await once(request, 'response')) as [IncomingMessage]
      response.resume()
      await once(response, 'end')
      agent.destroy()
      expect(response.headers.connection).not.toBe('close')
      expect(response.headers).toMatchObject({ 'transfer-encoding': 'chunked', 'x-kept': 'yes' })
    })
  })
})
