import { resolveRef } from '../schema/resolve-ref'
import type { JsonSchema } from '../schema/standard-schema'

/** What the text of a name becomes before the schema gets it; the first that fits. */
export interface Kind {
  readonly isList: boolean
  readonly number: boolean
  readonly boolean: boolean
  /** Whether the schema takes a text as well. */
  readonly text: boolean
}

type Types = ReadonlySet<string>

/** The names of a query, a form, headers or cookies that are not plain texts, by the JSON Schema of the whole. */
export function kindsOf(schema: JsonSchema): ReadonlyMap<string, Kind> {
  const kinds = new Map<string, Kind>()
  const schemas = new Map<string, JsonSchema[]>()
  for (const each of branches(schema, schema)) {
    for (const [name, property] of Object.entries((each.properties ?? {}) as Record<string, JsonSchema>)) {
      schemas.set(name, [...(schemas.get(name) ?? []), property])
    }
  }
  for (const [name, properties] of schemas) {
    const kind = kindOf(
      properties.flatMap(property => branches(property, schema)),
      schema,
    )
    if (kind !== undefined) kinds.set(name, kind)
  }
  return kinds
}

function kindOf(schemas: readonly JsonSchema[], root: JsonSchema): Kind | undefined {
  const lists = schemas.filter(each => typesOf(each).has('array'))
  const items = lists.flatMap(each => [each.items, ...((each.prefixItems ?? []) as unknown[])])
  const types = lists.length > 0 ? typesOfAll(items.flatMap(item => branches(item, root))) : typesOfAll(schemas)
  const number = types.has('number') || types.has('integer')
  const boolean = types.has('boolean')
  // What a schema does not say may be anything: a text stays as it is.
  const isText = types.has('string') || (!number && !boolean)
  return lists.length === 0 && !number && !boolean
    ? undefined
    : { isList: lists.length > 0, number, boolean, text: isText }
}

const typesOfAll = (schemas: readonly JsonSchema[]): Types => new Set(schemas.flatMap(each => [...typesOf(each)]))

function typesOf({ type, const: constant, enum: values }: JsonSchema): Types {
  if (type !== undefined) return new Set([type].flat() as string[])
  const all = constant === undefined ? ((values ?? []) as unknown[]) : [constant]
  return new Set(all.map(value => typeof value))
}

/** A schema and what it refers to, is a union of, or consists of, each once. */
function branches(schema: unknown, root: JsonSchema, seen = new Set<unknown>()): JsonSchema[] {
  if (typeof schema !== 'object' || schema === null || seen.has(schema)) return []
  seen.add(schema)
  const { $ref, anyOf = [], oneOf = [], allOf = [] } = schema as Record<string, readonly unknown[] | undefined>
  const parts = [...anyOf, ...oneOf, ...allOf, ...(typeof $ref === 'string' ? [resolveRef($ref, root)] : [])]
  return [schema as JsonSchema, ...parts.flatMap(part => branches(part, root, seen))]
}
