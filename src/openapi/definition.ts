import type { Side } from '../schema/json-schema'
import type { Json } from './json'

/** A JSON Schema of which references to others are made, so that it may become a component of the document. */
export interface Definition {
  /** Its keywords; nested schemas that may become components themselves are references. */
  body: Json
  readonly side: Side
  /** The name that the user gave it. */
  name: string | undefined
  /** A name made of the place where it was first used. */
  readonly place: string
  /** How often an operation uses it as a whole. */
  uses: number
  /** Whether it has properties or is a union, and not only a list or a text. */
  readonly isObject: boolean
}

/** A schema that may be a component: all definitions of one structure, with one name. */
export interface Component {
  readonly definition: Definition
  readonly sides: Set<Side>
  uses: number
  isWhole: boolean
  isOwn: boolean
}

/** A place where a definition is used, with the keywords that it has besides: a description, a default. */
export class Reference {
  constructor(
    readonly definition: Definition,
    readonly siblings: Json = {},
  ) {}
}

/** All references in a part of the document. */
export function referencesIn(value: unknown): Reference[] {
  if (value instanceof Reference) return [value]
  if (typeof value !== 'object' || value === null) return []
  return Object.values(value).flatMap(referencesIn)
}

/** A copy of a part of the document, with something else in the place of each reference. */
export function replaceReferences(value: unknown, replace: (reference: Reference) => unknown): unknown {
  if (value instanceof Reference) return replace(value)
  if (Array.isArray(value)) return value.map(each => replaceReferences(each, replace))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, replaceReferences(each, replace)]))
}
