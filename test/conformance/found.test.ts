import { Readable } from 'node:stream'
import {
  AfterRequest,
  bootstrap,
  ErrorHandler,
  Get,
  makeResponse,
  session,
  streamWithContext,
  TeardownRequest,
  type Response,
  type ResponseValue,
} from 'flaskoa'
import { testClient } from 'flaskoa/testing'

// What the comparison with Flask found, each as small as it can be.

const writable = () => session as unknown as Record<string, unknown>

test('[13.8] a value that JSON would drop fails when the session is saved, also when it was simply set', async () => {
  const log: unknown[] = []
  class App {
    @Get('/') index() {
      writable().callback = () => 1
      return 'saved'
    }
    @ErrorHandler(500) failed(error: Error) {
      log.push((error.cause as Error).name)
      return makeResponse('failed', 500)
    }
  }
  const response = await testClient(bootstrap(App, { secretKey: 'x', logger: false })).get('/')
  expect([response.text, response.header('set-cookie'), log]).toEqual(['failed', undefined, ['TypeError']])
})

test('[8.6] makeResponse(undefined) is a TypeError, not an empty answer', async () => {
  class App {
    @Get('/') index() {
      return makeResponse(undefined as unknown as ResponseValue)
    }
    @ErrorHandler(TypeError) refused(error: TypeError) {
      return error.message.split(':', 1).join()
    }
  }
  const response = await testClient(bootstrap(App, { logger: false })).get('/')
  expect(response.text).toBe('makeResponse returned undefined')
})

/** An application whose after method replaces the 500 handler's stream in the second pass, and then another one fails. */
function replacing(answer: () => ResponseValue, replacement: () => ResponseValue) {
  const log: string[] = []
  class App {
    @ErrorHandler(500) failed() {
      return answer()
    }
    @TeardownRequest() close(error?: Error) {
      log.push(`teardown ${String(error?.message)}`)
    }
    @AfterRequest() fail(): Response {
      throw new Error('after')
    }
    @AfterRequest() replace() {
      return makeResponse(replacement())
    }
  }
  return { log, client: testClient(bootstrap(App, { logger: false })) }
}

test('[6.6] a stream that an after method replaced is sent after all when the second pass fails', async () => {
  const { client } = replacing(
    () => Readable.from(['first']),
    () => 'second',
  )
  expect((await client.get('/')).text).toBe('first')
})

test('[6.6] such a stream may keep the context, and teardown waits for its end', async () => {
  const chunks: string[] = []
  const stream = (text: string) =>
    streamWithContext(function* () {
      yield text
      chunks.push(`${text} ends after ${String(log.length)} teardowns`)
    })
  const { client, log } = replacing(
    () => stream('first'),
    () => stream('second'),
  )
  expect((await client.get('/')).text).toBe('first')
  await new Promise(resolve => setImmediate(resolve))
  expect([chunks, log]).toEqual([['first ends after 0 teardowns'], ['teardown after']])
})

test('[10.1] when an error leaves, a stream in the lost response does not hold back teardown', async () => {
  const log: string[] = []
  class App {
    @Get('/') index() {
      return streamWithContext(['lost'])
    }
    @AfterRequest() fail(): Response {
      throw new Error('after')
    }
    @TeardownRequest() close(error?: Error) {
      log.push(`teardown ${String(error?.message)}`)
    }
  }
  const client = testClient(bootstrap(App, { propagateExceptions: true, logger: false }))
  await expect(client.get('/')).rejects.toThrow('after')
  expect(log).toEqual(['teardown after'])
})

test('[7.4] a response that a teardown method makes leaves the stream that is sent open', async () => {
  class App {
    @Get('/') index() {
      return Readable.from(['sent'])
    }
    @TeardownRequest() close() {
      makeResponse('too late')
    }
  }
  expect((await testClient(bootstrap(App, { logger: false })).get('/')).text).toBe('sent')
})
