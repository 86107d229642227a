import { decoded } from '../util/decoded'
import type { Texts } from './texts'

/** The cookies of a request, decoded. Of two with one name the first counts: its path is the longer one (RFC 6265 5.4). */
export function cookiesOf(header: string | undefined): Texts {
  const cookies = Object.create(null) as Texts
  for (const pair of header?.split(';') ?? []) {
    const at = pair.indexOf('=')
    const name = pair.slice(0, Math.max(at, 0)).trim()
    if (name === '' || name === '__proto__' || name in cookies) continue
    // Not every cookie is encoded.
    cookies[name] = decoded(
      pair
        .slice(at + 1)
        .trim()
        .replace(/^"(.*)"$/, '$1'),
    )
  }
  return cookies
}
