import { Readable } from 'node:stream'
import { Get, Post, streamWithContext, type ResponseValue } from 'flaskoa'
import { testClient } from 'flaskoa/testing'
import { protocols } from '../support/send'
import { worlds } from '../support/worlds'

const MOST = 2000
/** More of them than streams keep. */
const CHUNK = 'x'.repeat(200)
const encoder = new TextEncoder()

/** Chunks without an end, until the process has done something else. Ends nevertheless, so that a test can fail. */
function* chunks() {
  let haveOthersRun = false
  setImmediate(() => (haveOthersRun = true))
  for (let count = 0; count < MOST && !haveOthersRun; count++) yield CHUNK
}

async function* asyncChunks() {
  yield* chunks()
}

function webStream() {
  const iterator = chunks()
  return new ReadableStream({
    pull(controller) {
      const { done, value } = iterator.next()
      if (done === true) controller.close()
      else controller.enqueue(encoder.encode(value))
    },
  })
}

function nodeStream() {
  const iterator = chunks()
  return new Readable({
    read() {
      this.push(iterator.next().value ?? null)
    },
  })
}

const sources: [string, () => ResponseValue][] = [
  ['a generator', chunks],
  ['an asynchronous generator', asyncChunks],
  ['a generator with its context', () => streamWithContext(chunks)],
  ['a web stream', webStream],
  ['a WHATWG Response', () => new Response(webStream())],
  ['a stream of Node', nodeStream],
]

describe.each(worlds)('a body whose chunks are all at hand lets the process do other things, %s', (_, make) => {
  const appOf = (source: () => ResponseValue) => {
    class App {
      @Get('/') @Post('/') body() {
        return source()
      }
    }
    return make(App, [])
  }

  test.each(sources)('%s, to a client that reads at once', async (_, source) => {
    const { text } = await testClient(appOf(source)).get('/')
    expect(text).toMatch(/^x+$/)
    expect(text.length).toBeLessThan(MOST * CHUNK.length)
  })

  describe.each(protocols)('over %s', (_, within) => {
    test.each(sources)('%s', async (_, source) => {
      await within(appOf(source), async send => {
        const [status, body] = await send({ path: '/' })
        expect(status).toBe(200)
        expect(body).toMatch(/^x+$/)
        expect(body.length).toBeLessThan(MOST * CHUNK.length)
      })
    })
  })
})
