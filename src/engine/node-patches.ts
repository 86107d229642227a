import { OutgoingMessage, ServerResponse } from 'node:http'

/** The methods that flaskoa's own class of response overrides, and that a response of Node's inherits. */
const INHERITED = [
  'setHeader',
  'getHeader',
  'hasHeader',
  'removeHeader',
  'getHeaderNames',
  'getHeaders',
  'getRawHeaderNames',
  'appendHeader',
]

const methodOf = (prototype: object, name: string): unknown => Reflect.get(prototype, name)

/** As they were when flaskoa was loaded. */
const originals = INHERITED.map(name => methodOf(OutgoingMessage.prototype, name))

/**
 * Whether other code, such as a tool that traces requests, has replaced methods of Node's response. It would not see what
 * flaskoa's own class keeps for itself. Asked once for each server, because each request would pay for it.
 */
export function isNodeResponsePatched(): boolean {
  const { prototype } = ServerResponse
  const own = INHERITED.some(name => Object.hasOwn(prototype, name))
  const inherited = INHERITED.some((name, index) => methodOf(OutgoingMessage.prototype, name) !== originals[index])
  // Node has the same function under an older name as well, which a tool leaves as it is.
  const alias = methodOf(prototype, 'writeHeader')
  return own || inherited || (alias !== undefined && alias !== prototype.writeHead)
}
