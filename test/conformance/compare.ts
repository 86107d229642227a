import { isDeepStrictEqual } from 'node:util'
import type { Json, Observation, Run } from './program'

/** What differs between Flask and flaskoa, as lines; none when nothing does. */
export function differences(flask: Run, flaskoa: Run): string[] {
  const found = flask.requests.flatMap((expected, index) => {
    const actual = flaskoa.requests[index] as Observation
    return compare(`request ${index + 1}`, comparable(expected), comparable(actual))
  })
  return [...found, ...compare('closing', { trace: flask.closing }, { trace: flaskoa.closing })]
}

function compare(where: string, expected: object, actual: object): string[] {
  const facts = actual as Record<string, unknown>
  return Object.entries(expected)
    .filter(([fact, value]) => !isDeepStrictEqual(value, facts[fact]))
    .map(
      ([fact, value]) =>
        `${where} ${fact}\n  flask:   ${JSON.stringify(value)}\n  flaskoa: ${JSON.stringify(facts[fact])}`,
    )
}

/** The part of an observation that must be equal, in a form that is. */
function comparable({ headers, body, cookie, ...rest }: Observation): Record<string, unknown> {
  if (rest.outcome === 'left') return { ...rest }
  const read = (name: string) => (typeof headers[name] === 'string' ? headers[name] : undefined)
  const content = bodyOf(body)
  return {
    ...rest,
    type: typeOf(read('content-type')),
    body: content,
    cookie,
    location: locationOf(read('location')),
    allow:
      read('allow')
        ?.split(/\s*,\s*/)
        .filter(Boolean)
        .sort() ?? null,
    varies: /\bcookie\b/i.test(read('vary') ?? ''),
    own: Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith('x-'))),
  }
}

/** Koa names the charset of JSON, which is always UTF-8. */
const typeOf = (type: string | undefined): string | null => type?.replace(/^(application\/json);.*/, '$1') ?? null

const locationOf = (location: string | undefined): string | null =>
  location === undefined ? null : new URL(location, 'http://localhost').href

/** Pages that the frameworks write themselves are compared by their title, JSON by its value. */
function bodyOf(body: Json): Json {
  const text = Buffer.from(String(body), 'base64').toString()
  const title = /^<!doctype html>\s*<html lang="?en"?>[^]*?<title>(.*?)<\/title>/i.exec(text)?.[1]
  if (title === 'Redirecting...' || text.startsWith('Redirecting to ')) return { page: 'redirect' }
  if (title !== undefined) return { page: title.replaceAll('&#39;', "'").toLowerCase() }
  if (/^[[{]/.test(text)) return { json: parse(text) }
  return { text }
}

function parse(text: string): Json {
  try {
    return JSON.parse(text) as Json
  } catch {
    return text
  }
}
