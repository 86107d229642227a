import { isSchema, type Schema } from './standard-schema'

/** What a route declares for each status: a schema, a text that describes, or `null` for no body. */
type Responses = Readonly<Record<number, Schema | string | null>>

/** The option `response` by status: one schema is for 200. */
export const responsesByStatus = (response: Schema | Responses | undefined): Responses =>
  isSchema(response) ? { 200: response } : (response ?? {})
