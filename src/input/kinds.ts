import { patternOf } from '../schema/pattern'
import { resolveRef } from '../schema/resolve-ref'
import type { JsonSchema } from '../schema/standard-schema'

type Types = ReadonlySet<string>

/** What a text becomes before the schema gets it; the first that fits. */
export interface TextKind {
  readonly number: boolean
  readonly boolean: boolean
  /** Whether the schema takes a text as well. */
  readonly text: boolean
}

/** What the texts of a name become. */
export interface Kind extends TextKind {
  readonly isList: boolean
  /** Of a list whose values differ by their places: the first ones. */
  readonly places: readonly TextKind[]
}

/** What the texts of a query, a form, headers or cookies become, by the JSON Schema of the whole. */
export class Kinds {
  readonly #named = new Map<string, Kind | undefined>()
  /** Of names that are not declared one by one, as in a record: by a pattern, and those of any other name last. */
  readonly #others: readonly (readonly [RegExp, Kind])[]
  /** Whether all texts stay as they are. */
  readonly areTexts: boolean

  constructor(schema: JsonSchema) {
    const objects = branches(schema, schema)
    const rest = objects.map(each => each.additionalProperties)
    for (const [name, schemas] of schemasByName(objects, 'properties')) this.#named.set(name, kindOf(schemas, schema))
    const others = [...schemasByName(objects, 'patternProperties'), ['', rest] as const]
    this.#others = others.flatMap(([pattern, schemas]) => {
      const kind = kindOf(schemas, schema)
      return kind === undefined ? [] : [[patternOf(pattern), kind] as const]
    })
    this.areTexts = [...this.#named, ...this.#others].every(([, kind]) => kind === undefined)
  }

  /** The names of some texts of which it may know a kind. */
  namesIn(texts: Readonly<Record<string, unknown>>): Iterable<string> {
    return this.#others.length === 0 ? this.#named.keys() : Object.keys(texts)
  }

  /** `undefined` for a plain text. */
  of(name: string): Kind | undefined {
    if (this.#named.has(name)) return this.#named.get(name)
    return this.#others.find(([pattern]) => pattern.test(name))?.[1]
  }
}

/** What several objects say of each name. */
function schemasByName(objects: readonly JsonSchema[], keyword: string): ReadonlyMap<string, readonly unknown[]> {
  const schemas = new Map<string, unknown[]>()
  for (const each of objects) {
    for (const [name, schema] of Object.entries((each[keyword] ?? {}) as Record<string, unknown>)) {
      schemas.set(name, [...(schemas.get(name) ?? []), schema])
    }
  }
  return schemas
}

function kindOf(parts: readonly unknown[], root: JsonSchema): Kind | undefined {
  const branchesOf = (schemas: readonly unknown[]) => schemas.flatMap(schema => branches(schema, root))
  const schemas = branchesOf(parts)
  const lists = schemas.filter(each => typesOf(each).has('array'))
  if (lists.length === 0) {
    const kind = textKind(schemas)
    return kind.number || kind.boolean ? { ...kind, isList: false, places: [] } : undefined
  }
  const [{ prefixItems = [] }] = lists as [{ prefixItems?: readonly unknown[] }]
  const places = lists.length === 1 ? prefixItems.map(item => textKind(branchesOf([item]))) : []
  const items = lists.flatMap(each => [
    each.items,
    ...(places.length > 0 ? [] : ((each.prefixItems ?? []) as unknown[])),
  ])
  return { ...textKind(branchesOf(items)), isList: true, places }
}

function textKind(schemas: readonly JsonSchema[]): TextKind {
  const types: Types = new Set(schemas.flatMap(each => [...typesOf(each)]))
  const number = types.has('number') || types.has('integer')
  const boolean = types.has('boolean')
  // What a schema does not say may be anything: a text stays as it is.
  return { number, boolean, text: types.has('string') || (!number && !boolean) }
}

/** What a schema says itself, without what it consists of. */
export function typesOf({ type, const: constant, enum: values }: JsonSchema): Types {
  if (type !== undefined) return new Set([type].flat() as string[])
  const all = constant === undefined ? ((values ?? []) as unknown[]) : [constant]
  return new Set(all.map(value => (value === null ? 'null' : typeof value)))
}

/** A schema and what it refers to, is a union of, or consists of, each once. */
function branches(schema: unknown, root: JsonSchema, seen = new Set<unknown>()): JsonSchema[] {
  if (typeof schema !== 'object' || schema === null || seen.has(schema)) return []
  seen.add(schema)
  const { $ref, anyOf = [], oneOf = [], allOf = [] } = schema as Record<string, readonly unknown[] | undefined>
  const parts = [...anyOf, ...oneOf, ...allOf, ...(typeof $ref === 'string' ? [resolveRef($ref, root)] : [])]
  return [schema as JsonSchema, ...parts.flatMap(part => branches(part, root, seen))]
}
