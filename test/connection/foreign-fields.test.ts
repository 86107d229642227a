import { once } from 'node:events'
import http, { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { connect } from 'node:net'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { gzipSync } from 'node:zlib'
import {
  ErrorHandler,
  Get,
  Post,
  abort,
  makeResponse,
  streamWithContext,
  type Context,
  type HttpError,
  type ResponseValue,
} from 'flaskoa'
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

const OF_UPSTREAM = { 'Content-Type': 'text/plain', 'X-Kept': 'yes', Connection: 'close' }
const inGzip = (res: ServerResponse) => {
  res.writeHead(200, 'Fetched', { 'Content-Encoding': 'gzip', ...OF_UPSTREAM })
  res.end(gzipSync('from upstream'))
}
let answer = inGzip
afterEach(() => (answer = inGzip))

/** Has the upstream send its text as it is, with an encoding that it only names. */
const sendAs = (encoding: string) => {
  answer = res => {
    const described = encoding === 'identity' ? {} : { 'Content-Encoding': encoding }
    res.writeHead(200, { ...described, ...OF_UPSTREAM, 'Content-Length': 13 }).end('from upstream')
  }
}
const upstream = createServer((_, res) => answer(res))
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
  @Get('/asked') asked() {
    return fetch(url, { method: 'HEAD' })
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
  @Get('/handed-on') async handedOn(ctx: Context) {
    const answer = await fromUpstream()
    ctx.set(answer.headers as Record<string, string>)
    return answer
  }
  @Get('/kept') async kept(ctx: Context) {
    const answer = await fromUpstream()
    ctx.set(answer.headers as Record<string, string>)
    return streamWithContext(answer)
  }
  @Get('/made') async made() {
    const answer = await fromUpstream()
    return makeResponse(streamWithContext(answer), 200, answer.headers)
  }
  @Get('/given/<body>') given({ body }: { body: string }) {
    const bodies: Record<string, ResponseValue> = { text: 'hello', json: { a: 1 }, bytes: Buffer.from('hello') }
    return makeResponse(bodies[body] ?? Readable.from(['hello']), 200, {
      ...FIELDS,
      'Content-Length': '999',
    })
  }
  @Get('/close') close() {
    return makeResponse('hello', 200, { Connection: 'Close' })
  }
  @Get('/described') described() {
    return makeResponse('', 200, { 'Content-Length': '999', 'Content-Encoding': 'gzip' })
  }
  @Get('/upgrade/<by>') upgrade({ by }: { by: string }) {
    const headers = { Upgrade: 'h2c', Connection: 'Upgrade', 'Keep-Alive': 'timeout=9' }
    if (by === 'abort') abort(426, 'h2c', { headers })
    return makeResponse('h2c', 426, headers)
  }
  @Get('/handled') handled() {
    return abort(410, 'gone', { headers: FIELDS })
  }
  @ErrorHandler(410) gone(error: HttpError) {
    return makeResponse('gone', 410, error.headers)
  }
}

const fromUpstream = () =>
  new Promise<IncomingMessage>((resolve, reject) => {
    http.get(url, { agent: false }, resolve).on('error', reject)
  })

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
  const PASSED = { ...KEPT, 'content-encoding': 'gzip', 'transfer-encoding': 'chunked' }

  test.each([
    ["a WHATWG Response's", '/own', { ...KEPT, ...OWN, 'transfer-encoding': 'chunked' }, /./],
    ['a field that Connection names', '/named', { ...KEPT, 'transfer-encoding': 'chunked' }, 'hello'],
    ["those of fetch()'s response", '/fetched', { ...KEPT, 'transfer-encoding': 'chunked' }, 'from upstream'],
    ["a copy's of fetch()'s response", '/copied', { ...KEPT, 'transfer-encoding': 'chunked' }, 'from upstream'],
    ["an HTTP error's", '/http-error', { ...KEPT, 'content-length': expect.any(String) as string }, /refused/],
    ['an error of outer middleware', '/outside', { ...KEPT, 'content-length': '8' }, 'Conflict'],
    ["an upstream's, through streamWithContext", '/kept', PASSED, /./],
    ["an upstream's, through makeResponse", '/made', PASSED, /./],
    [
      "those that makeResponse is given, also another's length, with a text",
      '/given/text',
      { ...KEPT, 'content-length': '5' },
      'hello',
    ],
    ['with JSON', '/given/json', { ...KEPT, 'content-length': '7' }, '{"a":1}'],
    ['with bytes', '/given/bytes', { ...KEPT, 'content-length': '5', 'content-encoding': 'gzip' }, 'hello'],
    ["an error's, by its handler", '/handled', { ...KEPT, 'content-length': '4' }, 'gone'],
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
    ['fields that a method has set', '/set', 200, { 'content-length': '5', 'x-kept': 'yes' }, 'hello'],
    ['those of a response without a body', '/none', 204, { 'x-kept': 'yes' }, ''],
    ["those of fetch()'s response", '/fetched', 200, { 'x-kept': 'yes' }, 'from upstream'],
    ["an upstream's", '/handed-on', 200, { 'content-encoding': 'gzip', 'x-kept': 'yes' }, /./],
  ])('%s are not sent over HTTP/2', async (_, path, status, fields, text) => {
    const answer = await askHttp2(app(), path)
    expect([answer.status, received(answer.headers)]).toEqual([status, fields])
    expect(answer.text).toEqual(typeof text === 'string' ? text : expect.stringMatching(text))
  })

  test('a stream has what describes its encoding, its length and its trailers', async () => {
    class App {
      @Get('/') stream() {
        return makeResponse(Readable.from(['hello']), 200, {
          'Content-Encoding': 'x',
          Trailer: 'X-Sum',
          TE: 'trailers',
        })
      }
      @Get('/length') length() {
        return makeResponse(Readable.from(['hello']), 200, { 'Content-Length': '5', 'Keep-Alive': 'timeout=9' })
      }
    }
    await serve(make(App, []), async base => {
      const [stream, length] = [await ask(base), await ask(`${base}/length`)]
      expect(received(stream.headers)).toEqual({
        connection: 'close',
        'content-encoding': 'x',
        trailer: 'X-Sum',
        'transfer-encoding': 'chunked',
      })
      expect(received(length.headers)).toEqual({ connection: 'close', 'content-length': '5' })
    })
  })

  test.each([
    ['without an encoding', 'identity', '/fetched', { 'content-length': '13' }],
    [
      'with an encoding that fetch() does not know',
      'x-own',
      '/fetched',
      { 'content-encoding': 'x-own', 'content-length': '13' },
    ],
    ['of a copy', 'identity', '/copied', { 'transfer-encoding': 'chunked' }],
    [
      'of a copy with an encoding that fetch() does not know',
      'x-own',
      '/copied',
      { 'content-encoding': 'x-own', 'transfer-encoding': 'chunked' },
    ],
  ])('what fetch() has not decoded keeps what describes it: %s', async (_, encoding, path, fields) => {
    sendAs(encoding)
    await serve(app(), async base => {
      const answer = await ask(base + path)
      expect(received(answer.headers)).toEqual({ ...KEPT, ...fields })
      expect(answer.text).toBe('from upstream')
    })
  })

  test.each([
    ['HEAD', '13'],
    ['GET', undefined],
  ])('the length that fetch() learns from HEAD is that of a response to HEAD only: %s', async (method, length) => {
    sendAs('identity')
    await serve(app(), async base => {
      expect((await ask(`${base}/asked`, { method })).headers['content-length']).toBe(length)
    })
  })

  test('makeResponse may close the connection', async () => {
    await serve(app(), async base => {
      const agent = new http.Agent({ keepAlive: true })
      const [response] = (await once(http.get(`${base}/close`, { agent }), 'response')) as [IncomingMessage]
      response.resume()
      await once(response, 'end')
      agent.destroy()
      expect(response.headers.connection).toMatch(/^close$/i)
    })
  })

  test('a response without a body may describe that of another', async () => {
    await serve(app(), async base => {
      const { headers } = await ask(`${base}/described`, { method: 'HEAD' })
      expect(headers).toMatchObject({ 'content-length': '999', 'content-encoding': 'gzip' })
    })
  })

  test.each(['abort', 'makeResponse'])('a 426 says what it requires: %s', async by => {
    await serve(app(), async base => {
      const { status, headers } = await ask(`${base}/upgrade/${by}`)
      expect([status, headers.upgrade, headers.connection, headers['keep-alive']]).toEqual([
        426,
        'h2c',
        'Upgrade',
        undefined,
      ])
    })
  })

  test("a client of HTTP/1.0 gets an upstream's body without chunks", async () => {
    await serve(app(), async base => {
      const socket = connect(Number(new URL(base).port), '127.0.0.1')
      socket.write('GET /handed-on HTTP/1.0\r\n\r\n')
      const answer = await text(socket)
      expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
      expect(answer).not.toMatch(/transfer-encoding/i)
      expect(answer.slice(answer.indexOf('\r\n\r\n') + 4)).toBe(gzipSync('from upstream').toString())
    })
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
