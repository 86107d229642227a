import type { IncomingMessage } from 'node:http'

/** A name or an address, and a port; nothing, when the client has no name for the server. */
const HOST = /^(?:\[[\da-f:.]+\]|[^\s/?#@\\:"<>[\]^`{|}]*)(?::\d*)?$/i

/** The last one that was valid: it is asked of each request, and most servers have one name. */
let knownHost = ''

/** Whether there is one valid `Host` at most (RFC 9112, 3.2): of two, whoever stands before this server may have read the other. */
export function isHostAcceptable({ rawHeaders }: IncomingMessage): boolean {
  let host: string | undefined
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] as string
    // By its length first, which costs less than to compare texts.
    if (name.length !== 4 || (name !== 'Host' && name.toLowerCase() !== 'host')) continue
    if (host !== undefined) return false
    host = rawHeaders[index + 1]
  }
  if (host === undefined || host === knownHost) return true
  if (!HOST.test(host)) return false
  knownHost = host
  return true
}
