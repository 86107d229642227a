import type { OutgoingHttpHeader, ServerResponse } from 'node:http'
import type { ServerHttp2Stream } from 'node:http2'
import { isLong } from './confirmed-body'
import { removeHttp1Fields } from './foreign-fields'
import { RESPONSE_END, type Follower } from './follow-response'
import { Http2Fields } from './http2-fields'

/** On a response over HTTP/2 whose methods are replaced: what they know of it. */
const STATE = Symbol('flaskoa:http2')

interface Request {
  readonly method?: string | undefined
}

type Method = (...args: unknown[]) => unknown
type Name = 'writeHead' | 'write' | 'end' | 'setTrailer' | 'setHeader' | 'appendHeader' | 'removeHeader'
type Methods = Record<Name, Method>

/** A class: V8 takes 20 µs on Node 20 for an object that is spread from another. */
class State implements Readonly<Methods> {
  readonly req: Request
  readonly fields = new Http2Fields()
  hasTrailers = false
  // As they were before.
  readonly writeHead: Method
  readonly write: Method
  readonly end: Method
  readonly setTrailer: Method
  readonly setHeader: Method
  readonly appendHeader: Method
  readonly removeHeader: Method

  constructor(req: Request, methods: Methods) {
    this.req = req
    this.writeHead = methods.writeHead
    this.write = methods.write
    this.end = methods.end
    this.setTrailer = methods.setTrailer
    this.setHeader = methods.setHeader
    this.appendHeader = methods.appendHeader
    this.removeHeader = methods.removeHeader
  }
}

export interface Http2Response extends ServerResponse {
  readonly stream: ServerHttp2Stream
  [STATE]: State
  [RESPONSE_END]: Follower | null
}

/** The statuses whose responses have no body. */
const EMPTY: readonly number[] = [204, 205, 304]

/** Whether `prepareHttp2Response` has had the response. */
export const isHttp2Response = (res: object): res is Http2Response =>
  (res as Partial<Http2Response>)[STATE] !== undefined

/**
 * Replaces methods of an HTTP/2 response, by functions that are the same for all: closures for each would cost more than what
 * they do, and a class of its own would need another prototype, which costs 5 µs on Node 20.
 */
export function prepareHttp2Response(req: Request, res: ServerResponse): void {
  if (isHttp2Response(res)) return
  const methods = res as unknown as Methods
  const own = res as Http2Response
  own[STATE] = new State(req, methods)
  own[RESPONSE_END] = null
  // One by one: V8 makes these faster than `Object.assign`.
  methods.writeHead = ownWriteHead
  methods.write = ownWrite
  methods.end = ownEnd
  methods.setTrailer = ownSetTrailer
  methods.setHeader = ownSetHeader
  methods.appendHeader = ownAppendHeader
  methods.removeHeader = ownRemoveHeader
}

/** Leaves out the fields of HTTP/1 connections, which Node refuses. */
function ownWriteHead(this: Http2Response, ...args: unknown[]): Http2Response {
  const { writeHead, fields } = this[STATE]
  removeHttp1Fields(this)
  fields.giveUp() // Further fields may be among the arguments.
  writeHead.apply(this, args)
  this[RESPONSE_END]?.headWritten()
  return this
}

/** Called for the chunks of a stream, and by code that writes a response by hand. */
function ownWrite(this: Http2Response, ...args: unknown[]): unknown {
  return this[STATE].write.apply(this, this[RESPONSE_END]?.countingWrite(args) ?? args)
}

/**
 * Writes the head first: when Node refuses the head of a response within its own `end`, that response counts as ended, no
 * other response can be sent instead, and the client waits forever.
 */
function ownEnd(this: Http2Response, ...args: unknown[]): unknown {
  const { end, req } = this[STATE]
  if (this.writableEnded) return end.apply(this, args)
  if (!this.headersSent) this.writeHead(this.statusCode)
  // Koa's error page has a body for HEAD as well, which Node reports as written behind the end.
  const hasBody = req.method !== 'HEAD' && !EMPTY.includes(this.statusCode)
  return end.apply(this, hasBody ? args : args.filter(each => typeof each === 'function'))
}

function ownSetTrailer(this: Http2Response, ...args: unknown[]): unknown {
  this[STATE].hasTrailers = true
  return this[STATE].setTrailer.apply(this, args)
}

function ownSetHeader(this: Http2Response, name: unknown, value: unknown): unknown {
  const { setHeader, fields } = this[STATE]
  const result = setHeader.call(this, name, value)
  fields.noteSet(name as string, value)
  return result
}

function ownAppendHeader(this: Http2Response, ...args: unknown[]): unknown {
  const { appendHeader, fields } = this[STATE]
  fields.giveUp()
  return appendHeader.apply(this, args)
}

function ownRemoveHeader(this: Http2Response, name: unknown): unknown {
  const { removeHeader, fields } = this[STATE]
  const result = removeHeader.call(this, name)
  fields.noteRemoved(name as string)
  return result
}

/** The names and values in turn, if that needs no look at Node's own. Later changes may only add further ones to the list. */
export const http2Snapshot = (res: Http2Response): readonly OutgoingHttpHeader[] | undefined =>
  res[STATE].fields.snapshot()

/**
 * Sends a complete body, if it is short and no code has replaced a method that would see it. Node's `end` asks for trailers,
 * for which it sends another frame, in ticks of its own (15 %).
 *
 * @returns whether the response is on its way. If not, nothing has happened.
 * @throws what Node throws for a head that it refuses
 */
export function sendAtOnce(res: Http2Response, body: string | Buffer): boolean {
  const { stream } = res
  if (body.length === 0 || isLong(body) || !isUntouched(res) || !isOpen(stream)) return false
  const fields = res[STATE].fields.byName() ?? ownFields(res)
  fields[':status'] = res.statusCode
  stream.respond(fields, { sendDate: res.sendDate } as object)
  res[RESPONSE_END]?.headWritten()
  stream.end(body)
  res[STATE].end.call(res) // has only the response know that it has ended
  return true
}

function ownFields(res: Http2Response) {
  removeHttp1Fields(res)
  return res.getHeaders()
}

const isUntouched = (res: Http2Response): boolean =>
  (res.end as Method) === ownEnd &&
  (res.write as Method) === ownWrite &&
  (res.writeHead as Method) === ownWriteHead &&
  !res[STATE].hasTrailers

const isOpen = (stream: ServerHttp2Stream): boolean =>
  !stream.headersSent && !stream.closed && !stream.destroyed && !stream.writableEnded
