import { Readable } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import { trace } from '@opentelemetry/api'
import type Koa from 'koa'
import { Get, streamWithContext } from 'flaskoa'
import { telemetry } from 'flaskoa/telemetry'
import { serve, serveHttp2 } from '../support/serve'
import { endedSpans, registerTracing, unregister } from '../support/telemetry'
import { until } from '../support/until'
import { worlds } from '../support/worlds'

beforeEach(registerTracing)
afterEach(unregister)

/** More than sockets take at once: the rest is read when one of them has room again. */
const CHUNK = Buffer.alloc(256 * 1024)
const CHUNKS = 20

async function* chunks() {
  for (let index = 0; index < CHUNKS; index++) {
    await turn()
    trace.getTracer('app').startSpan('chunk').end()
    yield CHUNK
  }
}

class App {
  @Get('/generator') generator() {
    return chunks()
  }
  @Get('/readable') readable() {
    return Readable.from(chunks())
  }
  @Get('/web') web() {
    const iterator = chunks()
    return new ReadableStream<Uint8Array>({
      async pull(controller) {
        const { value, done = false } = await iterator.next()
        if (done) controller.close()
        else controller.enqueue(value as Buffer)
      },
    })
  }
  @Get('/kept') kept() {
    return streamWithContext(chunks)
  }
}

async function overHttp1(app: Koa, path: string): Promise<number> {
  return serve(app, async url => (await (await fetch(url + path)).arrayBuffer()).byteLength)
}

async function overHttp2(app: Koa, path: string): Promise<number> {
  return serveHttp2(app, async session => {
    let received = 0
    for await (const chunk of session.request({ ':path': path })) received += (chunk as Buffer).length
    return received
  })
}

describe.each(worlds)('a span that a stream makes %s', (_, make) => {
  test.each(
    ['/generator', '/readable', '/web', '/kept'].flatMap(path => [
      [path, 'HTTP/1', overHttp1] as const,
      [path, 'HTTP/2', overHttp2] as const,
    ]),
  )('is in the trace of its request: %s over %s', async (path, __, send) => {
    expect(await send(make(App, [telemetry()]), path)).toBe(CHUNK.length * CHUNKS)
    await until('the server span has ended', () => endedSpans().length > CHUNKS)
    const server = endedSpans().find(({ name }) => name === `GET ${path}`)
    const parents = endedSpans()
      .filter(({ name }) => name === 'chunk')
      .map(span => span.parentSpanContext?.spanId)
    expect(new Set(parents)).toEqual(new Set([server?.spanContext().spanId]))
  })
})
