import type { InputLocation } from '../errors/validation-error'
import { isSchema } from '../schema/standard-schema'
import type { Components } from './components'
import { fieldsOf, type Field } from './fields'
import { defined, type Json } from './json'
import type { DocumentedRoute } from './route'
import type { SchemaReader } from './schema-reader'

/** Where OpenAPI has what a route declares. */
const PLACES = { query: 'query', headers: 'header', cookies: 'cookie' } as const satisfies Partial<
  Record<InputLocation, string>
>

/** The parameters of an operation: the variables of the rule, then query, header fields and cookies. */
export function parametersOf(route: DocumentedRoute, components: Components): Json[] {
  return [
    ...route.variables.map(({ name, converter }) => {
      const { description, ...schema } = converter.schema
      return defined({ name, in: 'path', required: true, description, schema })
    }),
    ...(Object.keys(PLACES) as (keyof typeof PLACES)[]).flatMap(location => declaredIn(location, route, components)),
  ]
}

function declaredIn(location: keyof typeof PLACES, route: DocumentedRoute, components: Components): Json[] {
  const schema = route.declared[location]
  if (!isSchema(schema)) return []
  const reader = components.reader(schema, 'input', route.schemas, route.placeOf(location))
  const fields = [...fieldsOf(reader.root, ref => reader.behind(ref))]
  if (fields.length === 0 && location === 'query') return [anyQuery(reader)]
  return fields.map(([name, field]) => parameter(name, PLACES[location], field, reader))
}

function parameter(name: string, place: string, { schema, required }: Field, reader: SchemaReader): Json {
  const { description, deprecated, ...rest } = schema
  return defined({
    name,
    in: place,
    required: required || undefined,
    description,
    deprecated: deprecated === true || undefined,
    // As HTML forms send it: `tag=a&tag=b`.
    ...(place === 'query' && isList(rest) && { style: 'form', explode: true }),
    schema: reader.part(description === undefined && deprecated === undefined ? schema : rest),
  })
}

const isList = ({ type, anyOf = [] }: Json): boolean =>
  type === 'array' || (anyOf as Json[]).some(each => each.type === 'array')

/** A query whose names the schema does not say. */
const anyQuery = (reader: SchemaReader): Json => ({
  name: 'query',
  in: 'query',
  style: 'form',
  explode: true,
  schema: { type: 'object', additionalProperties: true, ...(reader.part(reader.root) as Json) },
})
