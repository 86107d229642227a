import type { JsonSchema } from '../schema/standard-schema'
import { isRecord } from '../util/is-record'

/** A property of an object, as a parameter has it. */
export interface Field {
  readonly schema: JsonSchema
  readonly required: boolean
}

type Fields = ReadonlyMap<string, Field>

/**
 * The properties of a JSON Schema of an object by name: its own, those of what it refers to and consists of, and those of
 * each schema of a union.
 *
 * @param behind finds the schema of a `$ref`
 */
export function fieldsOf(
  schema: JsonSchema,
  behind: (ref: string) => JsonSchema | undefined,
  path: readonly unknown[] = [],
): Fields {
  if (path.includes(schema)) return new Map()
  const inner = (part: unknown): Fields =>
    isRecord(part) ? fieldsOf(part, behind, [...path, schema]) : new Map<string, Field>()
  const { $ref, allOf = [], anyOf = [], oneOf = [] } = schema as Partial<Record<string, readonly unknown[]>>
  const parts = [own(schema), ...(typeof $ref === 'string' ? [inner(behind($ref))] : []), ...allOf.map(inner)]
  return merged([...parts, union(anyOf.map(inner)), union(oneOf.map(inner))])
}

function own({ properties, required = [] }: JsonSchema): Fields {
  const entries = Object.entries((properties ?? {}) as Record<string, unknown>)
  return new Map(
    entries.map(([name, schema]) => [
      name,
      { schema: isRecord(schema) ? (schema as JsonSchema) : {}, required: (required as string[]).includes(name) },
    ]),
  )
}

/** Required is what any of the parts requires. */
const merged = (parts: readonly Fields[]): Fields => join(parts, (a, b) => a || b)

/** Required is what each of the schemas requires. */
function union(schemas: readonly Fields[]): Fields {
  const all = join(schemas, (a, b) => a && b)
  const isInEach = (name: string) => schemas.every(each => each.has(name))
  return new Map([...all].map(([name, field]) => [name, isInEach(name) ? field : { ...field, required: false }]))
}

function join(parts: readonly Fields[], isRequired: (a: boolean, b: boolean) => boolean): Fields {
  const all = new Map<string, Field>()
  for (const [name, field] of parts.flatMap(part => [...part])) {
    const known = all.get(name)
    all.set(name, known === undefined ? field : either(known, field, isRequired(known.required, field.required)))
  }
  return all
}

function either(a: Field, b: Field, required: boolean): Field {
  const schemas = [a, b].flatMap(({ schema }) => (isUnion(schema) ? (schema.anyOf as JsonSchema[]) : [schema]))
  const texts = schemas.map(each => JSON.stringify(each))
  const different = schemas.filter((_, index) => texts.indexOf(texts[index] as string) === index)
  return { required, schema: different.length === 1 ? (different[0] as JsonSchema) : { anyOf: different } }
}

const isUnion = (schema: JsonSchema): boolean => Object.keys(schema).join() === 'anyOf'
