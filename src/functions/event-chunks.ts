import { COMMENT, formatEvent } from './server-event'

type Chunk = IteratorResult<string, undefined>
type Answer = { readonly chunk: Chunk } | { readonly error: unknown }

const END: Answer = { chunk: { done: true, value: undefined } }
const SILENCE: Answer = { chunk: { done: false, value: COMMENT } }

/** The iterator of an application's events. */
export type Source = Pick<AsyncIterator<unknown>, 'next' | 'return'> | Pick<Iterator<unknown>, 'next' | 'return'>

/**
 * The text of an event stream, chunk by chunk: a comment at once, so that the client has the head of the response, then each
 * event of the source, and a comment whenever the source is silent for too long. The source is asked for an event only
 * when the last one was taken.
 *
 * Not an async generator, whose `return` waits for its `await`: this one ends while the source waits.
 */
export class EventChunks implements AsyncIterableIterator<string, undefined> {
  readonly #source: Source
  readonly #end: AbortController
  readonly #heartbeat: number
  #hasBegun = false
  /** Whether the source was asked for an event and has not answered. */
  #isAsked = false
  /** What the source has answered while no caller waited. */
  #answer: Answer | undefined
  /** Settles what `next` has returned. */
  #settle: ((answer: Answer) => void) | undefined

  /**
   * @param end ends the events when it is aborted, and is aborted when they end
   * @param heartbeat how long the source may be silent, in milliseconds; 0: for ever
   */
  constructor(source: Source, end: AbortController, heartbeat: number) {
    this.#source = source
    this.#end = end
    this.#heartbeat = heartbeat
    end.signal.addEventListener('abort', () => this.#settle?.(END))
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async next(): Promise<Chunk> {
    const answer = this.#end.signal.aborted ? END : await this.#next()
    if ('error' in answer) throw answer.error
    return answer.chunk
  }

  #next(): Answer | Promise<Answer> {
    const answer = this.#hasBegun ? this.#answer : SILENCE
    this.#hasBegun = true
    this.#answer = undefined
    return answer ?? this.#wait()
  }

  #wait(): Promise<Answer> {
    return new Promise(resolve => {
      const beat = this.#heartbeat > 0 ? setTimeout(() => this.#settle?.(SILENCE), this.#heartbeat) : undefined
      this.#settle = answer => {
        this.#settle = undefined
        clearTimeout(beat)
        resolve(answer)
      }
      if (!this.#isAsked) void this.#ask()
    })
  }

  async #ask(): Promise<void> {
    this.#isAsked = true
    const answer = await this.#ofSource()
    this.#isAsked = false
    // Meanwhile a comment may have been sent, and the connection may take no more for now.
    if (this.#settle === undefined) this.#answer = answer
    else this.#settle(answer)
  }

  async #ofSource(): Promise<Answer> {
    try {
      const result: IteratorResult<unknown, unknown> = await this.#source.next()
      return result.done === true ? END : { chunk: { done: false, value: formatEvent(result.value) } }
    } catch (error) {
      return { error }
    }
  }

  /** Aborts the signal that the source has, and lets its `finally` run as soon as it no longer waits. */
  async return(): Promise<Chunk> {
    this.#end.abort()
    let failure = await this.#close()
    failure ??= this.#answer
    if (failure !== undefined && 'error' in failure && !this.#isAbort(failure.error)) throw failure.error
    return { done: true, value: undefined }
  }

  async #close(): Promise<Answer | undefined> {
    try {
      await this.#source.return?.()
      return undefined
    } catch (error) {
      return { error }
    }
  }

  /** Whether an error only passes on that the signal was aborted. */
  #isAbort(error: unknown): boolean {
    const { reason } = this.#end.signal as { readonly reason: unknown }
    return error === reason || (Object(error) as Error).cause === reason
  }
}
