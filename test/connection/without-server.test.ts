import { once } from 'node:events'
import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { Readable, Writable } from 'node:stream'
import { AfterResponse, Get, streamWithContext, TeardownRequest, type Context, type Outcome } from 'flaskoa'
import { testClient } from 'flaskoa/testing'
import type Koa from 'koa'
import { settled } from '../support/gate'
import { log, note } from '../support/log'
import { until } from '../support/until'
import { worlds } from '../support/worlds'

// Responses that no server of Node's sends: serverless adapters make them, and the test client.

class App {
  @Get('/text') text() {
    return 'text'
  }
  @Get('/plain') plain() {
    return Readable.from(['te', 'xt'])
  }
  @Get('/held') held() {
    return streamWithContext(['te', 'xt'])
  }
  @Get('/signal') signal(ctx: Context) {
    ctx.signal.addEventListener('abort', () => note('aborted'))
    return 'text'
  }
  @Get('/late') async late({ res }: Context) {
    await once(res, 'finish')
    await settled()
    return ''
  }
  @TeardownRequest() teardown(error?: Error) {
    note(`torn down ${error?.name}`)
  }
  @AfterResponse() record({ aborted, error }: Outcome) {
    note(`aborted: ${aborted} ${error?.name}`)
  }
}

const paths = ['/text', '/plain', '/held', '/signal']
const ends = ['torn down undefined', 'aborted: false undefined']

/** What an adapter hands to the application as its socket. */
const sockets: [string, () => Socket][] = [
  ['no real socket', () => new Writable({ write: (_chunk, _encoding, done) => done() }) as unknown as Socket],
  [
    'a socket without a connection',
    () => {
      const socket = new Socket()
      socket._write = (_chunk, _encoding, done) => done()
      socket._writev = (_chunks, done) => done()
      return socket
    },
  ],
]

/** A request and a response on `socket`; the response emits 'finish', and no 'close'. */
function dispatch(app: Koa, path: string, socket: Socket, differs: object = {}): ServerResponse {
  const req = new IncomingMessage(socket)
  Object.assign(req, { method: 'GET', url: path, httpVersionMajor: 1, httpVersionMinor: 1, headers: { host: 'a' } })
  req.push(null)
  const res = new ServerResponse(req)
  res.assignSocket(socket)
  Object.assign(res, differs)
  void (app.callback() as (req: IncomingMessage, res: ServerResponse) => unknown)(req, res)
  return res
}

describe.each(worlds)('%s, without a server', (_, make) => {
  describe.each(sockets)('on %s', (_, socket) => {
    test.each(paths)('a response that emits no "close" has its @AfterResponse, once: %s', async path => {
      const res = dispatch(make(App, []), path, socket())
      await once(res, 'finish')
      await until('@AfterResponse has run', () => log.length === 2)
      await settled()
      expect(res.closed).toBe(false)
      expect(log).toEqual(ends)
    })

    test('a response that does not know its request has its @AfterResponse, once', async () => {
      const res = dispatch(make(App, []), '/held', socket(), { req: undefined })
      await once(res, 'finish')
      await until('@AfterResponse has run', () => log.length === 2)
      expect(log).toEqual(ends)
    })

    test('a response that has finished before its teardown has its @AfterResponse, once', async () => {
      const res = dispatch(make(App, []), '/late', socket())
      res.end('by hand')
      await until('@AfterResponse has run', () => log.length === 2)
      await settled()
      expect(log).toEqual(ends)
    })
  })

  test.each(paths)('the test client has its @AfterResponse, once: %s', async path => {
    expect((await testClient(make(App, [])).get(path)).text).toBe('text')
    await settled()
    expect(log).toEqual(ends)
  })
})
