import type { PageFacts } from './facts'
import type { ShownValue } from './values'

/** The page as JSON. */
export function jsonPage({ status, error, nearest, lifecycle, request, session, g }: PageFacts): string {
  const { name, message, ...rest } = error
  const about = { ...request, fields: byKey(request.fields) }
  const values = { session: session && byKey(session), g: g && byKey(g) }
  return JSON.stringify({ status, name, message, nearest, ...rest, lifecycle, request: about, ...values })
}

/** `{ user: 'User' }`: the value where it is shown, else what kind of value it is. */
const byKey = (values: readonly ShownValue[]) =>
  Object.fromEntries(values.map(({ key, kind, value = kind }) => [key, value]))
