import type { JsonSchemas, Side } from '../schema/json-schema'
import type { JsonSchema, Schema } from '../schema/standard-schema'
import { assignNames } from './component-names'
import { Reference, referencesIn, replaceReferences, type Component, type Definition } from './definition'
import type { Json } from './json'
import { SchemaReader, unexpressed } from './schema-reader'
import { structuresOf } from './structure'

const PREFIX = '#/components/schemas/'

/**
 * The schemas of a document. While operations are added, schemas are references; `finish` decides which of them are
 * components: those with a name, those that several operations use, and those that contain themselves.
 */
export class Components {
  readonly #definitions: Definition[] = []
  readonly #readers = { input: new Map<Schema, SchemaReader>(), output: new Map<Schema, SchemaReader>() }
  readonly #names: ReadonlyMap<unknown, string>
  #own: Definition | undefined

  /** @param names of schemas that have no name of their own */
  constructor(names: Readonly<Record<string, unknown>>) {
    this.#names = new Map(Object.entries(names).map(([name, schema]) => [schema, name]))
  }

  /** A schema that an operation uses as a whole. */
  use(schema: Schema, side: Side, schemas: JsonSchemas, place: string): Reference {
    const definition = this.reader(schema, side, schemas, place).whole(this.#names.get(schema))
    definition.uses++
    return new Reference(definition)
  }

  /**
   * Reads a schema of which an operation uses the parts.
   *
   * @param place a name for what has none
   * @param complete adds to the JSON Schema what JSON does not have
   */
  reader(
    schema: Schema,
    side: Side,
    schemas: JsonSchemas,
    place: string,
    complete = (json: JsonSchema): JsonSchema => json,
  ): SchemaReader {
    const known = this.#readers[side].get(schema)
    if (known !== undefined) return known
    const { vendor } = schema['~standard']
    const json = schemas.of(schema, side) ?? unexpressed(`the schema of ${vendor} has no JSON Schema`)
    const reader = new SchemaReader(complete(json), { vendor, side, place }, each => this.#definitions.push(each))
    this.#readers[side].set(schema, reader)
    return reader
  }

  /** A component of flaskoa's own. */
  own(name: string, body: Json): Reference {
    if (this.#own === undefined) {
      this.#own = { body, side: 'output', name, place: name, uses: 0, isObject: true }
      this.#definitions.push(this.#own)
    }
    return new Reference(this.#own)
  }

  /** Puts schemas or `$ref`s in the places of the references, and gives the components that these need. */
  finish<Part>(part: Part): { part: Part; schemas: Json } {
    const found = this.#components()
    const names = assignNames(new Set(found.values()), hoisted(this.#definitions, found))
    const render = (reference: Reference): unknown => {
      const { definition, siblings } = reference
      const inner = replaceReferences(siblings, render) as Json
      const component = found.get(definition) as Component
      const name = names.get(component)
      if (name !== undefined) return { $ref: PREFIX + name, ...inner }
      const body = replaceReferences(component.definition.body, render) as Json
      const isPlain = Object.keys(inner).every(keyword => !(keyword in body))
      return isPlain ? { ...body, ...inner } : { allOf: [body], ...inner }
    }
    const all = [...names].map(([component, name]) => [name, replaceReferences(component.definition.body, render)])
    const rendered = replaceReferences(part, render) as Part
    return {
      part: rendered,
      schemas: Object.fromEntries(all.sort(([a], [b]) => (String(a) < String(b) ? -1 : 1))) as Json,
    }
  }

  /** Definitions of one structure are one component, unless the user gave them several names. */
  #components(): Map<Definition, Component> {
    const structures = structuresOf(this.#definitions)
    const firstNames = new Map<number, string>()
    for (const each of this.#definitions) {
      const structure = structures.get(each) as number
      if (each.name !== undefined && !firstNames.has(structure)) firstNames.set(structure, each.name)
    }
    const byKey = new Map<string, Component>()
    const found = new Map<Definition, Component>()
    for (const each of this.#definitions) {
      const structure = structures.get(each) as number
      each.name ??= firstNames.get(structure)
      const key = `${structure} ${each.name ?? ''}`
      const component = byKey.get(key) ?? { definition: each, sides: new Set(), uses: 0, isWhole: false, isOwn: false }
      byKey.set(key, component)
      found.set(each, component)
      component.sides.add(each.side)
      component.uses += each.uses
      component.isWhole ||= each.uses > 0
      component.isOwn ||= each === this.#own
    }
    for (const { definition } of this.#definitions.flatMap(each => referencesIn(each.body))) {
      ;(found.get(definition) as Component).uses++
    }
    return found
  }
}

/** Which components are written as such: all others are written where they are used. */
function hoisted(definitions: readonly Definition[], found: ReadonlyMap<Definition, Component>): Set<Component> {
  const chosen = new Set<Component>()
  for (const component of found.values()) {
    const { definition, uses, isWhole } = component
    if (definition.name !== undefined || (isWhole && uses > 1 && definition.isObject)) chosen.add(component)
  }
  const done = new Set<Component>()
  /** Whatever contains itself, and has no `$ref` on the way, needs one. */
  const visit = (component: Component, path: ReadonlySet<Component>): void => {
    if (path.has(component)) return void chosen.add(component)
    if (done.has(component)) return
    const isChosen = chosen.has(component)
    if (isChosen) done.add(component)
    const inner = isChosen ? new Set<Component>() : new Set([...path, component])
    for (const { definition } of referencesIn(component.definition.body)) {
      visit(found.get(definition) as Component, inner)
    }
    done.add(component)
  }
  for (const each of definitions) visit(found.get(each) as Component, new Set())
  return chosen
}
