import { once } from 'node:events'
import type { ClientHttp2Session } from 'node:http2'
import { Readable } from 'node:stream'
import { AfterResponse, Get, streamWithContext, type Context, type Outcome } from 'flaskoa'
import { serveHttp2 } from '../support/serve'
import { worlds } from '../support/worlds'

const outcomes: Outcome[] = []
beforeEach(() => (outcomes.length = 0))

class App {
  @Get('/text') text() {
    return 'é'.repeat(50)
  }
  @Get('/plain') plain() {
    return Readable.from(['one', Buffer.from('two'), 'é'])
  }
  @Get('/held') held() {
    return streamWithContext(['one', 'two', 'three'])
  }
  @Get('/written') written(ctx: Context) {
    ctx.respond = false
    ctx.res.write('c3a9', 'hex')
    ctx.res.write(new Uint8Array(3), () => undefined)
    ctx.res.end('é', 'latin1')
    return ctx.response
  }
  @AfterResponse() record(outcome: Outcome) {
    outcomes.push(outcome)
  }
}

/** The bytes of the body that a client receives. */
async function received(session: ClientHttp2Session, path: string, method: string): Promise<number> {
  let bytes = 0
  const stream = session.request({ ':path': path, ':method': method })
  stream.on('data', (chunk: Buffer) => (bytes += chunk.length)).end()
  await once(stream, 'close')
  return bytes
}

describe.each(worlds)('HTTP/2 %s', (_, make) => {
  test.each([
    ['/text', 100],
    ['/plain', 8],
    ['/held', 11],
    ['/written', 6],
  ])('bytesSent of %s is what the client has received of its body: %i', async (path, bytes) => {
    await serveHttp2(make(App, []), async session => {
      expect(await received(session, path, 'GET')).toBe(bytes)
      expect(await received(session, path, 'HEAD')).toBe(0)
    })
    expect(outcomes.map(({ bytesSent }) => bytesSent)).toEqual([bytes, 0])
  })
})
