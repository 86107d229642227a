import { keysOf, resolveRef } from '../schema/resolve-ref'
import type { Side } from '../schema/json-schema'
import type { JsonSchema } from '../schema/standard-schema'
import { isRecord } from '../util/is-record'
import { Reference, type Definition } from './definition'
import { pascalCase, type Json } from './json'
import { tidy } from './tidy'

/** Keywords of JSON Schema with schemas in them; all others are values, which may look like schemas and are none. */
const ONE = [
  'items',
  'additionalProperties',
  'not',
  'contains',
  'propertyNames',
  'if',
  'then',
  'else',
  'contentSchema',
].concat(['unevaluatedItems', 'unevaluatedProperties'])
const LISTS = ['allOf', 'anyOf', 'oneOf', 'prefixItems']
const MAPS = ['properties', 'patternProperties', 'dependentSchemas']

/** What a JSON Schema is made of. */
export interface SchemaSource {
  readonly vendor: string
  readonly side: Side
  /** A name for what has none. */
  readonly place: string
}

/** Reads the JSON Schema of one schema: its definitions and what it refers to become definitions of the document. */
export class SchemaReader {
  /** The JSON Schema. */
  readonly root: JsonSchema
  readonly #source: SchemaSource
  readonly #add: (definition: Definition) => void
  /** The definitions by their part of the JSON Schema, so that recursion ends. */
  readonly #known = new Map<unknown, Definition>()

  /** @param add is called for each definition */
  constructor(root: JsonSchema, source: SchemaSource, add: (definition: Definition) => void) {
    this.root = root
    this.#source = source
    this.#add = add
  }

  /** The definition of the whole. */
  whole(name: string | undefined): Definition {
    const { $ref, ...siblings } = tidy(this.root, this.#source.side)
    // zod and arktype put a schema with a name or recursion among the definitions of its own JSON Schema.
    if (typeof $ref === 'string' && Object.keys(siblings).length === 0) return this.#referred($ref, name)
    return this.#define(this.root, name)
  }

  /** A part of the JSON Schema as it is in the document. */
  part(schema: unknown): unknown {
    if (!isRecord(schema)) return schema
    if (typeof schema.$ref === 'string') return this.#reference(schema.$ref, schema)
    // What is known was referred to before.
    if (isObject(schema) || this.#known.has(schema)) return new Reference(this.#define(schema))
    return this.#body(schema)
  }

  /** The part behind a `$ref` of this JSON Schema; `undefined` if there is none. */
  behind(ref: string): JsonSchema | undefined {
    if (!ref.startsWith('#')) return undefined
    const found = resolveRef(ref, this.root)
    return isRecord(found) ? found : undefined
  }

  #reference(ref: string, schema: JsonSchema): unknown {
    if (this.behind(ref) === undefined) return unexpressed(`it refers to ${ref}`)
    const { $ref: _, ...siblings } = this.#body(schema)
    return new Reference(this.#referred(ref), siblings)
  }

  #referred(ref: string, given?: string): Definition {
    const found = this.behind(ref)
    if (found === undefined) return this.#define(unexpressed(`it refers to ${ref}`), given)
    return this.#define(found, given ?? nameIn(ref, this.#source.vendor))
  }

  #define(schema: JsonSchema, given?: string): Definition {
    const known = this.#known.get(schema)
    if (known !== undefined) {
      known.name ??= given
      return known
    }
    const definition: Definition = {
      body: {},
      side: this.#source.side,
      name: given ?? nameOf(schema),
      place: this.#source.place,
      uses: 0,
      isObject: isObject(schema),
    }
    this.#known.set(schema, definition)
    this.#add(definition)
    const { $ref } = schema
    definition.body =
      typeof $ref === 'string'
        ? { allOf: [this.#reference($ref, { $ref })], ...this.#body(schema) }
        : this.#body(schema)
    delete definition.body.$ref
    return definition
  }

  #body(schema: JsonSchema): Json {
    const body = tidy(schema, this.#source.side)
    for (const keyword of ONE) if (keyword in body) body[keyword] = this.part(body[keyword])
    for (const keyword of LISTS) {
      const list = body[keyword]
      if (Array.isArray(list)) body[keyword] = list.map(each => this.part(each))
    }
    for (const keyword of MAPS) {
      const map = body[keyword]
      if (isRecord(map))
        body[keyword] = Object.fromEntries(Object.entries(map).map(([name, each]) => [name, this.part(each)]))
    }
    return body
  }
}

/** A schema that the document can't express, with the reason. */
export const unexpressed = (reason: string): Json => ({ description: `JSON Schema can't express it: ${reason}.` })

const isObject = (schema: JsonSchema): boolean =>
  ['properties', 'anyOf', 'oneOf', 'allOf'].some(keyword => keyword in schema)

/** The name that a schema has in itself, for a component: a title of a mere text is a label. */
function nameOf(schema: JsonSchema): string | undefined {
  const { $id, title } = schema
  if (typeof $id === 'string') return asName($id.replace(/^.*[/#](?=.)/, '').replace(/\.json$/, ''))
  return typeof title === 'string' && isObject(schema) ? asName(title) : undefined
}

/** `'#/$defs/User'` → `'User'`; `undefined` for the names that libraries give: `__schema0`, `0`, `intersection230`. */
function nameIn(ref: string, vendor: string): string | undefined {
  const [place, name, ...rest] = keysOf(ref)
  if ((place !== '$defs' && place !== 'definitions') || name === undefined || rest.length > 0) return undefined
  const isMade = vendor === 'arktype' ? /^[A-Za-z]+\d+$/ : /^(?:__schema)?\d+$/
  return isMade.test(name) ? undefined : asName(name)
}

const asName = (text: string): string | undefined =>
  (/^[A-Za-z0-9._-]+$/.test(text) ? text : pascalCase(text)) || undefined
