import { IncomingMessage as NodeMessage } from 'node:http'
import { enumerateLikeParent } from './like-parent'

/**
 * The state of a request's body. `unread`: no code has used it and no bytes have come. `ended`: the request has ended
 * without a body. `dropped`: Node has discarded the empty body behind the response. `live`: code has used the body, or there
 * are bytes, and the request works as Node's own.
 */
type Body = 'unread' | 'ended' | 'dropped' | 'live'

/** A symbol, not #private: an object that inherits from a request has it as well. */
const BODY = Symbol('flaskoa:body')

/** The values of a request's properties once its body is dropped. Without `closed`: Node's `finished` would expect more. */
const DROPPED = { readable: false, readableEnded: true, destroyed: true }

/**
 * Node's request. Behind each response Node resumes, reads, ends, destroys and closes the request's stream, in six ticks,
 * even if it has no body and no code uses it. Here that happens only when code uses the stream (11 %, and another 7 % once
 * an AsyncLocalStorage follows each tick).
 */
export class IncomingMessage extends NodeMessage {
  /** The state is in an object, which an object that inherits from the request shares with it. */
  declare readonly [BODY]: { state: Body }

  static {
    // As accessors, which the types of a request don't foresee.
    for (const [name, dropped] of Object.entries(DROPPED)) {
      Object.defineProperty(this.prototype, name, {
        get(this: Partial<IncomingMessage>): unknown {
          return this[BODY]?.state === 'dropped' ? dropped : Reflect.get(NodeMessage.prototype, name, this)
        },
        set(this: IncomingMessage, value) {
          Reflect.set(NodeMessage.prototype, name, value, this)
        },
        configurable: true,
      })
    }
  }

  constructor(...args: ConstructorParameters<typeof NodeMessage>) {
    super(...args)
    this[BODY] = { state: 'unread' }
  }

  /** Called by Node's parser, with `null` at the end of the request. */
  override push(...chunk: Parameters<NodeMessage['push']>): boolean {
    const body = this[BODY]
    if (chunk[0] === null && body.state === 'unread') {
      body.state = 'ended'
      return false
    }
    this.look()
    return super.push(...chunk)
  }

  /** Called by Node when the response is out, to discard the rest of the body. */
  override resume(): this {
    const body = this[BODY]
    if (body.state === 'ended') body.state = 'dropped'
    if (body.state === 'dropped') return this
    this.look()
    return super.resume()
  }

  override pause(): this {
    this.look()
    return super.pause()
  }

  override read(size?: number): unknown {
    this.look()
    return super.read(size)
  }

  override unshift(...chunk: Parameters<NodeMessage['unshift']>): void {
    this.look()
    super.unshift(...chunk)
  }

  override destroy(error?: Error): this {
    return this[BODY].state === 'dropped' ? this : super.destroy(error)
  }

  // `once`, `pipe` and iterators call this one, too.
  override on(...listener: Parameters<NodeMessage['on']>): this {
    this.look()
    return super.on(...listener)
  }

  override addListener(...listener: Parameters<NodeMessage['on']>): this {
    return this.on(...listener)
  }

  override prependListener(...listener: Parameters<NodeMessage['on']>): this {
    this.look()
    return super.prependListener(...listener)
  }

  /** Gives the body to Node, and makes up for the steps that were left out so far. */
  look(): void {
    const body = this[BODY]
    const { state } = body
    if (state === 'live') return
    body.state = 'live'
    if (state !== 'unread') super.push(null)
    if (state === 'dropped') super.resume()
  }
}

enumerateLikeParent(IncomingMessage)
