import { patternOf } from '../schema/pattern'
import { resolveRef } from '../schema/resolve-ref'
import type { JsonSchema } from '../schema/standard-schema'
import { isRecord } from '../util/is-record'
import { jsonTypesOf, toJsonValue } from './json-value'

type Bounds = Readonly<Record<string, (value: never, bound: never) => boolean>>

const NUMBER_BOUNDS: Bounds = {
  minimum: (value: number, bound: number) => value >= bound,
  maximum: (value: number, bound: number) => value <= bound,
  exclusiveMinimum: (value: number, bound: number) => value > bound,
  exclusiveMaximum: (value: number, bound: number) => value < bound,
}
const TEXT_BOUNDS: Bounds = {
  minLength: ({ length }: string, bound: number) => length >= bound,
  maxLength: ({ length }: string, bound: number) => length <= bound,
  pattern: (value: string, bound: string) => patternOf(bound).test(value),
}
const LIST_BOUNDS: Bounds = {
  minItems: ({ length }: readonly unknown[], bound: number) => length >= bound,
  maxItems: ({ length }: readonly unknown[], bound: number) => length <= bound,
}

/** Whether a value fits a JSON Schema, as far as that tells which part of a union it is. */
export function fits(given: unknown, schema: unknown, root: JsonSchema): boolean {
  if (!isRecord(schema)) return schema !== false
  const value = toJsonValue(given)
  const fitsPart = (part: unknown) => fits(value, part, root)
  const { $ref, allOf = [], anyOf = [true], oneOf = [true] } = schema as Record<string, readonly unknown[] | undefined>
  return (
    isOfType(value, schema) &&
    hasConstant(value, schema) &&
    isWithin(value, schema) &&
    (typeof $ref !== 'string' || fitsPart(resolveRef($ref, root))) &&
    allOf.every(fitsPart) &&
    anyOf.some(fitsPart) &&
    oneOf.some(fitsPart) &&
    membersFit(value, schema, root)
  )
}

/** Whether an object could be meant by a schema, although it does not fit: it is an object there, and says so by its constants. */
export function resembles(given: unknown, schema: unknown, root: JsonSchema): boolean {
  const value = toJsonValue(given)
  if (!isRecord(schema)) return schema !== false
  if (typeof schema.$ref === 'string') return resembles(value, resolveRef(schema.$ref, root), root)
  const properties = Object.entries((schema.properties ?? {}) as Record<string, JsonSchema>)
  return (
    isOfType(value, schema) &&
    (!isRecord(value) || properties.every(([name, each]) => !(name in value) || hasConstant(value[name], each)))
  )
}

export const isOfType = (value: unknown, { type }: JsonSchema): boolean =>
  type === undefined || jsonTypesOf(value).some(each => [type].flat().includes(each))

function hasConstant(value: unknown, schema: JsonSchema): boolean {
  if ('const' in schema) return schema.const === value
  return !Array.isArray(schema.enum) || schema.enum.includes(value)
}

function isWithin(value: unknown, schema: JsonSchema): boolean {
  const bounds =
    typeof value === 'number'
      ? NUMBER_BOUNDS
      : typeof value === 'string'
        ? TEXT_BOUNDS
        : Array.isArray(value)
          ? LIST_BOUNDS
          : {}
  return Object.entries(bounds).every(
    ([name, holds]) => schema[name] === undefined || holds(value as never, schema[name] as never),
  )
}

function membersFit(value: unknown, schema: JsonSchema, root: JsonSchema): boolean {
  if (Array.isArray(value)) {
    const { prefixItems = [], items } = schema as { prefixItems?: readonly unknown[]; items?: unknown }
    return value.every((each, index) => fits(each, prefixItems[index] ?? items, root))
  }
  if (!isRecord(value)) return true
  const { properties = {}, required = [], additionalProperties } = schema as Record<string, Record<string, unknown>>
  return (
    (required as unknown as readonly string[]).every(name => value[name] !== undefined) &&
    Object.entries(value).every(([name, each]) =>
      Object.hasOwn(properties, name)
        ? each === undefined || fits(each, properties[name], root)
        : (additionalProperties as unknown) !== false || isPattern(name, schema),
    )
  )
}

const isPattern = (name: string, { patternProperties = {} }: JsonSchema): boolean =>
  Object.keys(patternProperties as object).some(pattern => patternOf(pattern).test(name))
