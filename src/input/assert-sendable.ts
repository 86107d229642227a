import { SetupError } from '../errors/setup-error'
import type { InputLocation } from '../errors/validation-error'
import type { JsonSchemas } from '../schema/json-schema'
import { resolveRef } from '../schema/resolve-ref'
import type { JsonSchema, Schema } from '../schema/standard-schema'
import { isRecord } from '../util/is-record'
import { typesOf } from './kinds'

type TextLocation = Exclude<InputLocation, 'body'>

const TEXTS = ['string', 'number', 'integer', 'boolean']

/**
 * Refuses a schema that wants what no client can send there, as far as its JSON Schema says so.
 *
 * @param where the option, for the error
 */
export function assertSendable(schema: Schema, schemas: JsonSchemas, location: TextLocation, where: string): void {
  const problemOf = (json: JsonSchema | undefined) => json && problemIn(json, { root: json, location })
  if (problemOf(schemas.of(schema, 'input')) === undefined) return
  const problem = problemOf(schemas.openInput(schema))
  if (problem !== undefined) throw new SetupError('BAD_OPTION', `${where}: ${problem}`)
}

/** What is asked about. */
interface Question {
  readonly root: JsonSchema
  readonly location: TextLocation
}

/** Of a union, each schema must have a problem. */
function problemIn(schema: unknown, question: Question, path: readonly unknown[] = []): string | undefined {
  // A default is what the view gets, and a fallback as well, which takes any value.
  if (!isRecord(schema) || 'default' in schema || path.includes(schema)) return undefined
  const { all, unions } = partsOf(schema, question.root)
  const problemsIn = (parts: readonly unknown[]) => parts.map(part => problemIn(part, question, [...path, schema]))
  const ofUnions = unions.map(problemsIn).filter(problems => problems.every(problem => problem !== undefined))
  return [ownProblem(schema, question), ...problemsIn(all), ...ofUnions.flat()].find(problem => problem !== undefined)
}

function ownProblem(schema: JsonSchema, { root, location }: Question): string | undefined {
  if (!isOneOf(['object'], typesOf(schema))) {
    return 'the values arrive as an object by their names, which the schema does not take. Declare an object.'
  }
  const { properties = {}, required = [] } = schema as {
    properties?: Readonly<Record<string, unknown>>
    required?: readonly string[]
  }
  const names = location === 'headers' ? [...Object.keys(properties), ...required] : []
  const capital = names.find(name => name !== name.toLowerCase())
  if (capital !== undefined) {
    return `'${capital}' never arrives: Node gives the names of header fields in lower case. Write '${capital.toLowerCase()}'.`
  }
  // A file of a form is an object.
  const entries = location === 'form' ? [] : Object.entries(properties)
  const [object] = entries.find(([name, property]) => isObject(property, root, required.includes(name))) ?? []
  if (object === undefined) return undefined
  return (
    `'${object}' is an object or a list of objects, but arrives as a text. Declare a text, a number, a boolean or a list ` +
    'of these, or let the schema make an object of a text, in zod with z.preprocess.'
  )
}

/** Whether a schema takes objects, but no text and no list. A list of objects may be left out if it is not required. */
function isObject(schema: unknown, root: JsonSchema, isRequired: boolean): boolean {
  const takes = { types: [...TEXTS, 'array'], items: isRequired ? TEXTS : [] }
  return mayBe({ types: ['object', 'array'], items: [] }, schema, root) && !mayBe(takes, schema, root)
}

/** Values of some types, and of lists with items of some types, or of any type if `items` is empty. */
interface Values {
  readonly types: readonly string[]
  readonly items: readonly string[]
}

/** Whether one of these values may fit. */
function mayBe(values: Values, schema: unknown, root: JsonSchema, path: readonly unknown[] = []): boolean {
  if (!isRecord(schema) || 'default' in schema || path.includes(schema)) return true
  const own = typesOf(schema)
  if (!isOneOf(values.types, own)) return false
  const fits = (part: unknown) => mayBe(values, part, root, [...path, schema])
  const isList = values.items.length > 0 && !isOneOf(values.items, own)
  if (isList && !mayBe({ types: values.items, items: [] }, schema.items, root)) return false
  const { all, unions } = partsOf(schema, root)
  return all.every(fits) && unions.every(union => union.some(fits))
}

/** A schema that says no types takes all of them. */
const isOneOf = (types: readonly string[], own: ReadonlySet<string>): boolean =>
  own.size === 0 || types.some(type => own.has(type))

/** What a schema consists of: schemas that hold together, and unions. */
function partsOf(schema: JsonSchema, root: JsonSchema): { all: unknown[]; unions: (readonly unknown[])[] } {
  const { $ref, allOf = [], anyOf, oneOf } = schema as Record<string, readonly unknown[] | undefined>
  return {
    all: [...allOf, ...(typeof $ref === 'string' ? [resolveRef($ref, root)] : [])],
    unions: [anyOf, oneOf].filter(union => union !== undefined),
  }
}
