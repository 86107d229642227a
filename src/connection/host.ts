import type { IncomingMessage } from 'node:http'

/** A name or an address with an optional port. May be empty: a client without a name for the server sends an empty field. */
const VALID_HOST = /^(?:\[[\da-f:.]+\]|[^\s/?#@\\:"<>[\]^`{|}]*)(?::\d*)?$/i

/** The last valid host, to skip the regular expression: each request is checked, and most servers have one name. */
let lastValidHost = ''

/** Whether there is at most one `Host`, and a valid one (RFC 9112, 3.2). A proxy may have used the other of two. */
export function isHostAcceptable({ rawHeaders }: IncomingMessage): boolean {
  let host: string | undefined
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] as string
    // The length first: comparing numbers costs less than comparing strings.
    if (name.length !== 4 || (name !== 'Host' && name.toLowerCase() !== 'host')) continue
    if (host !== undefined) return false
    host = rawHeaders[index + 1]
  }
  if (host === undefined || host === lastValidHost) return true
  if (!VALID_HOST.test(host)) return false
  lastValidHost = host
  return true
}
