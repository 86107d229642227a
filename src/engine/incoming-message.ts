import { IncomingMessage as NodeMessage } from 'node:http'
import { followBody, TAKE_BODY, type BodyTaker } from '../connection/take-body'
import { enumerateLikeParent } from './like-parent'

/**
 * The state of a request's body. `unread`: no code has used it and no bytes have come. `ended`: the request has ended
 * without a body. `dropped`: Node has discarded the empty body behind the response. `taken`: its bytes go to a taker. `read`:
 * the taker has had all of them. `live`: code has used the body, or there are bytes, and the request works as Node's own.
 */
type BodyState = 'unread' | 'ended' | 'dropped' | 'taken' | 'read' | 'live'

class Body {
  state: BodyState = 'unread'
  taker: BodyTaker | undefined = undefined
  /** Whether the taker has had bytes. */
  wasRead = false

  /** Whether the stream is over for those that have not seen its end. */
  get isOver(): boolean {
    return this.state === 'dropped' || this.state === 'read'
  }
}

/** A symbol, not #private: an object that inherits from a request has it as well. */
const BODY = Symbol('flaskoa:body')

/** The values of a request's properties once its body is over. Without `closed`: Node's `finished` would expect more. */
const OVER = { readable: false, readableEnded: true, destroyed: true }

/**
 * Node's request. Behind each response Node resumes, reads, ends, destroys and closes the request's stream, in six ticks,
 * even if it has no body and no code uses it. Here that happens only when code uses the stream (11 %, and another 7 % once
 * an AsyncLocalStorage follows each tick).
 */
export class IncomingMessage extends NodeMessage {
  /** The state is in an object, which an object that inherits from the request shares with it. */
  declare readonly [BODY]: Body

  static {
    // As accessors, which the types of a request don't foresee.
    for (const [name, over] of Object.entries(OVER)) {
      Object.defineProperty(this.prototype, name, {
        get(this: Partial<IncomingMessage>): unknown {
          return this[BODY]?.isOver === true ? over : Reflect.get(NodeMessage.prototype, name, this)
        },
        set(this: IncomingMessage, value) {
          Reflect.set(NodeMessage.prototype, name, value, this)
        },
        configurable: true,
      })
    }
    Object.defineProperty(this.prototype, 'readableDidRead', {
      get(this: Partial<IncomingMessage>): unknown {
        return this[BODY]?.wasRead === true || Reflect.get(NodeMessage.prototype, 'readableDidRead', this)
      },
      configurable: true,
    })
  }

  constructor(...args: ConstructorParameters<typeof NodeMessage>) {
    super(...args)
    this[BODY] = new Body()
  }

  /** Called by Node's parser, with `null` at the end of the request. */
  override push(...chunk: Parameters<NodeMessage['push']>): boolean {
    const body = this[BODY]
    if (body.state === 'taken') return give(body, chunk[0] as Buffer | null)
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
    if (body.isOver) return this
    this.look()
    return super.resume()
  }

  /** Gives the body to `taker` as it comes, unless other code has used the request or replaced a method of it. */
  [TAKE_BODY](taker: BodyTaker): boolean {
    const body = this[BODY]
    if (body.state !== 'unread' || READING.some(name => Object.hasOwn(this, name))) return false
    body.state = 'taken'
    body.taker = taker
    // As the stream does when it is first read: the connection goes on, and Node does not discard the rest.
    this._read(0)
    return true
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
    const body = this[BODY]
    if (body.isOver) return this
    if (body.state === 'taken') this.look()
    return super.destroy(error)
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
    if (state === 'taken') followBody(this, body.taker as BodyTaker)
    else if (state !== 'unread') super.push(null)
    if (state === 'dropped' || state === 'read') super.resume()
  }
}

/** The methods that code replaces on a request to see its body. */
const READING = ['on', 'addListener', 'read', 'push', 'emit'] as const

function give(body: Body, chunk: Buffer | null): boolean {
  const taker = body.taker as BodyTaker
  if (chunk !== null) {
    body.wasRead = true
    taker.data(chunk)
    return true
  }
  body.state = 'read'
  body.taker = undefined
  taker.end()
  return false
}

enumerateLikeParent(IncomingMessage)
