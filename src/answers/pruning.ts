import { patternOf } from '../schema/pattern'
import { resolveRef } from '../schema/resolve-ref'
import type { JsonSchema } from '../schema/standard-schema'
import { isRecord } from '../util/is-record'
import { fits, isOfType, resembles } from './fits'
import { toJsonValue } from './json-value'

/** The keywords by which a schema says what is in an object or a list, besides those that combine schemas. */
const CLOSING = [
  ...['type', 'const', 'enum', 'not', 'if', '$dynamicRef', 'properties', 'patternProperties', 'additionalProperties'],
  ...['unevaluatedProperties', 'items', 'prefixItems', 'unevaluatedItems', 'contains'],
]

/** Leaves out of a value what its JSON Schema does not declare, for libraries that keep it. */
export class Pruning {
  readonly #root: JsonSchema
  readonly #isOpenKept: boolean

  /** @param isOpenKept whether parts of which the schema says nothing stay, because they may be anything */
  constructor(root: JsonSchema, isOpenKept = true) {
    this.#root = root
    this.#isOpenKept = isOpenKept
  }

  /** Whether the schema says nothing of what it gives. */
  get isOpen(): boolean {
    return this.#partsFor(undefined, this.#root).length === 0
  }

  /** Whether a value is of a type that the schema has. */
  admits(given: unknown): boolean {
    const value = toJsonValue(given)
    return this.#partsFor(value, this.#root).some(part => isOfType(value, part))
  }

  prune(given: unknown, schema: unknown = this.#root): unknown {
    const isObject = typeof given === 'object' && given !== null
    if (!isObject && this.#isOpenKept) return given
    const parts = this.#partsFor(given, schema)
    if (parts.length === 0) return this.#isOpenKept ? given : undefined
    const value = isObject ? toJsonValue(given) : given
    if (Array.isArray(value)) return this.#list(value, parts)
    return isRecord(value) ? this.#object(value, parts) : value
  }

  #list(list: readonly unknown[], parts: readonly JsonSchema[]): unknown[] {
    return list.flatMap((value, index) => {
      const element = together(parts.map(part => elementOf(part, index)))
      return element === undefined ? [] : [this.prune(value, element)]
    })
  }

  #object(object: Record<string, unknown>, parts: readonly JsonSchema[]): Record<string, unknown> {
    return Object.fromEntries(
      Object.entries(object).flatMap(([name, value]) => {
        const property = together(parts.map(part => propertyOf(part, name)))
        return property === undefined ? [] : [[name, this.prune(value, property)] as const]
      }),
    )
  }

  /**
   * The schemas that say what is in a value: the schema itself, those that it refers to or consists of, and the parts of a
   * union that the value fits. None for a schema that allows anything.
   */
  #partsFor(value: unknown, schema: unknown): readonly JsonSchema[] {
    if (!isRecord(schema)) return []
    const { $ref, allOf = [] } = schema as { $ref?: unknown; allOf?: readonly unknown[] }
    return [
      ...(CLOSING.some(name => name in schema) ? [schema] : []),
      ...(typeof $ref === 'string' ? this.#partsFor(value, resolveRef($ref, this.#root)) : []),
      ...allOf.flatMap(part => this.#partsFor(value, part)),
      ...[schema.anyOf, schema.oneOf].flatMap(union => this.#partsOfUnion(value, union)),
    ]
  }

  #partsOfUnion(value: unknown, union: unknown): readonly JsonSchema[] {
    if (!Array.isArray(union)) return []
    const fitting = union.filter(part => fits(value, part, this.#root)).map(part => this.#partsFor(value, part))
    if (fitting.length > 0) return fitting.some(parts => parts.length === 0) ? [] : fitting.flat()
    const similar = union.filter(part => resembles(value, part, this.#root)).map(part => this.#partsFor(value, part))
    return similar.length === 1 ? similar.flat() : [common(similar)]
  }
}

/** What several parts of a union have in common: it is not known which of them a value is meant to be. */
function common(unions: readonly (readonly JsonSchema[])[]): JsonSchema {
  const all = unions.map(parts => Object.assign({}, ...parts.map(part => part.properties)) as JsonSchema)
  const names = Object.keys(all[0] ?? {}).filter(name => all.every(properties => Object.hasOwn(properties, name)))
  return {
    type: 'object',
    properties: Object.fromEntries(names.map(name => [name, { anyOf: all.map(properties => properties[name]) }])),
  }
}

/** One schema for what several declare; `undefined` if none does. */
function together(schemas: readonly unknown[]): unknown {
  const declared = schemas.filter(schema => schema !== undefined && schema !== false)
  return declared.length > 1 ? { anyOf: declared } : declared[0]
}

function elementOf(part: JsonSchema, index: number): unknown {
  const { prefixItems, items } = part as { prefixItems?: readonly unknown[]; items?: unknown }
  if (!isOfType([], part)) return undefined
  return prefixItems?.[index] ?? items ?? (prefixItems === undefined ? true : undefined)
}

function propertyOf(part: JsonSchema, name: string): unknown {
  const { properties = {}, patternProperties = {}, additionalProperties } = part as Record<string, JsonSchema>
  if (Object.hasOwn(properties, name)) return properties[name]
  const patterns = Object.entries(patternProperties).filter(([pattern]) => patternOf(pattern).test(name))
  return patterns.length > 0 ? together(patterns.map(([, schema]) => schema)) : additionalProperties
}
