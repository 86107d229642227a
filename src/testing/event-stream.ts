import type { IncomingMessage } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { EventParser, type TestEvent } from './event-parser'
import { ConnectionRefused } from './refused'
import { TestResponse } from './response'
import type { BegunResponse } from './send-request'

/** A stream of events that is open, as long as the test reads it. `for await` reads it, and closes it at its end. */
export interface TestEventStream extends AsyncIterable<TestEvent> {
  /** The head of the response. */
  readonly response: TestResponse
  /** What the server has asked for so far, in milliseconds. */
  readonly retry: number | undefined
  /** The next event; `undefined` at the end of the stream. */
  next(): Promise<TestEvent | undefined>
  /** Disconnects, as a browser does, and waits for the teardown of the request. */
  close(): Promise<void>
}

/**
 * Reads a response as events.
 *
 * @param ended waits for the end of the request
 * @throws ConnectionRefused if it is none
 */
export async function readEvents(
  what: string,
  { message, closed }: BegunResponse,
  ended: () => Promise<void>,
): Promise<TestEventStream> {
  const { statusCode, headers } = message as IncomingMessage & { statusCode: number }
  const isStream = statusCode === 200 && /^text\/event-stream\b/.test(headers['content-type'] ?? '')
  if (isStream) return new EventStream(message, new TestResponse(statusCode, headers, Buffer.alloc(0), []), ended)
  const body = await buffer(message)
  await closed
  await ended()
  throw new ConnectionRefused(what, new TestResponse(statusCode, headers, body, []))
}

class EventStream implements TestEventStream {
  readonly response: TestResponse
  readonly #message: IncomingMessage
  readonly #ended: () => Promise<void>
  readonly #parser = new EventParser()
  readonly #events: AsyncGenerator<TestEvent, undefined>
  #isClosed = false

  constructor(message: IncomingMessage, response: TestResponse, ended: () => Promise<void>) {
    this.response = response
    this.#message = message
    this.#ended = ended
    this.#events = this.#read()
  }

  get retry(): number | undefined {
    return this.#parser.retry
  }

  async next(): Promise<TestEvent | undefined> {
    return (await this.#events.next()).value
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#message.destroy()
    await this.#ended()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<TestEvent, void> {
    try {
      for (let event = await this.next(); event !== undefined; event = await this.next()) yield event
    } finally {
      await this.close()
    }
  }

  async *#read(): AsyncGenerator<TestEvent, undefined> {
    try {
      for await (const chunk of this.#message.setEncoding('utf8')) yield* this.#parser.read(chunk as string)
    } catch (error) {
      if (!this.#isClosed) throw error
    }
    return undefined
  }
}
