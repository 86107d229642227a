import type { InMemoryClient } from './transport'
import { shown } from './texts'

/**
 * What a client sends its requests to: a URL or a path without its last slash, or a test client.
 *
 * @throws TypeError for anything else: each call would fail as if the server could not be reached
 */
export function checkedBase(base: unknown): string | InMemoryClient {
  if (isInMemoryClient(base)) return base
  if (typeof base !== 'string' && !(base instanceof URL)) {
    throw new TypeError(`client: the base must be a URL, such as '${EXAMPLE}', or testClient(app), not ${shown(base)}`)
  }
  const text = String(base)
  if (/[?#]/.test(text)) throw new TypeError(`client: the base '${text}' must be a URL without '?' and '#'`)
  const isPath = text === '' || text.startsWith('/')
  if (!isPath) checkUrl(text)
  return text.replace(/\/+$/, '')
}

const EXAMPLE = 'http://localhost:5000'

const isInMemoryClient = (base: unknown): base is InMemoryClient =>
  typeof (base as Partial<InMemoryClient> | null | undefined)?.request === 'function'

function checkUrl(text: string): void {
  const url = /^https?:\/\/\S+$/i.test(text) && urlOf(text)
  if (!url) {
    // `localhost:5000`, which `URL` reads as a URL of the scheme `localhost:`
    const fix = /^[\w.-]+(?::\d+)?(?:\/.*)?$/.test(text) ? `http://${text}` : EXAMPLE
    throw new TypeError(
      `client: the base '${text}' must begin with http:// or https://, such as '${fix}', or in a page be a path, such as '/api'`,
    )
  }
  if (url.username === '' && url.password === '') return
  // Without the base: a password must not end up in a log.
  throw new TypeError(
    'client: the base must have no user and no password, which fetch refuses. Send them by the option headers, ' +
      "{ Authorization: 'Basic …' }",
  )
}

function urlOf(text: string): URL | undefined {
  try {
    return new URL(text)
  } catch {
    return undefined
  }
}
