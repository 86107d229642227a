import { ConnectionError } from './errors'
import type { Outgoing } from './request'
import type { Fetch } from './types'

/** The part of `TestClient` that sends requests. */
export interface InMemoryClient {
  request(method: string, path: string, options: InMemoryOptions): Promise<InMemoryResponse>
}

interface InMemoryOptions {
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | FormData | URLSearchParams
  readonly followRedirects: boolean
}

interface InMemoryResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, number | string | readonly string[] | undefined>>
  readonly body: Uint8Array
}

/** Sends one request. */
export type Transport = (url: string, request: Outgoing) => Promise<Response>

/** @throws ConnectionError when there is no response, or the signal's reason */
export const overFetch =
  (fetch: Fetch): Transport =>
  async (url, request) => {
    checkCookies(request)
    try {
      return await fetch(url, request)
    } catch (cause) {
      request.signal?.throwIfAborted()
      throw new ConnectionError(request.method, url, cause)
    }
  }

/** A browser removes `Cookie` from a request without a word, and sends the cookies that it keeps. */
function checkCookies({ headers }: Outgoing): void {
  if (!headers.has('cookie') || typeof Request === 'undefined') return
  const sent = new Request('http://localhost', { headers: { cookie: 'a=b' } })
  if (!sent.headers.has('cookie')) {
    throw new TypeError('cookies: a browser sends the cookies that it keeps, and no others. Set document.cookie')
  }
}

/** Node's code for a connection that broke. */
const BROKEN = 'ECONNRESET'

/** A test client in the place of `fetch`. Errors of the application reject, as they do for that client. */
export const inMemory =
  (client: InMemoryClient): Transport =>
  async (url, { method, headers, body, signal }) => {
    signal?.throwIfAborted()
    const sent = client.request(method, url, {
      headers: Object.fromEntries(headers),
      ...(body !== undefined && { body: body as string | FormData | URLSearchParams }),
      followRedirects: true,
    })
    try {
      return responseOf(await (signal ? Promise.race([sent, aborted(signal)]) : sent))
    } catch (error) {
      throw (error as { code?: unknown } | undefined)?.code === BROKEN ? new ConnectionError(method, url, error) : error
    }
  }

const aborted = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => {
    signal.addEventListener(
      'abort',
      () => {
        // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- the reason may be any value
        reject(signal.reason)
      },
      { once: true },
    )
  })

function responseOf({ status, headers, body }: InMemoryResponse): Response {
  const fields = Object.entries(headers).flatMap(([name, value]) =>
    [value ?? []].flat().map((each): [string, string] => [name, String(each)]),
  )
  return new Response(body.length > 0 ? body : null, { status, headers: fields })
}
