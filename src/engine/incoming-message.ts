import { IncomingMessage as NodeMessage } from 'node:http'

/**
 * How far the body of a request has got. `unread`: nobody has looked and none has come. `ended`: and that is all there is.
 * `dropped`: Node has then thrown it away. `live`: somebody has looked, or there is a body, and all goes as in Node.
 */
type Body = 'unread' | 'ended' | 'dropped' | 'live'

const BODY = Symbol('flaskoa:body')

/** What the properties of a request say once its body is dropped. Not `closed`: Node's `finished` then expects more. */
const DROPPED = { readable: false, readableEnded: true, destroyed: true }

/**
 * Node's request. Behind each response Node plays out the end of its request, also when that has no body and nobody looks: a
 * stream is resumed, read, ended, destroyed and closed, in six ticks. Here that happens when somebody looks (11 %, and
 * another 7 % once an AsyncLocalStorage follows each tick).
 */
export class IncomingMessage extends NodeMessage {
  /** In an object, which those who inherit from a request share with it. */
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

  /** Node's parser calls it, with `null` when all of the request has come. */
  override push(...chunk: Parameters<NodeMessage['push']>): boolean {
    const body = this[BODY]
    if (chunk[0] === null && body.state === 'unread') {
      body.state = 'ended'
      return false
    }
    this.look()
    return super.push(...chunk)
  }

  /** Node calls it when the response is out, to throw away what nobody has read. */
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

  // `once`, `pipe` and iterators come here, too.
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

  /** From now on the body is Node's. What was left out until now comes in its turn. */
  look(): void {
    const body = this[BODY]
    const { state } = body
    if (state === 'live') return
    body.state = 'live'
    if (state !== 'unread') super.push(null)
    if (state === 'dropped') super.resume()
  }
}
