import { describe } from '../errors/describe'
import { didYouMean } from '../errors/did-you-mean'
import { SetupError } from '../errors/setup-error'
import { assertNoCoercion } from '../input/assert-no-coercion'
import { Kinds } from '../input/kinds'
import { coerce, withLists, type Texts } from '../input/texts'
import { JsonSchemas } from '../schema/json-schema'
import { isSchema, type Schema, type SchemaResult } from '../schema/standard-schema'
import { validateNow } from '../schema/validate-now'
import { isRecord } from '../util/is-record'
import type { ConfigOptions } from './options'
import { configError, ownCodeError, type Given } from './problems'
import { readSources, type Source } from './sources'

/** The values of a configuration, checked. @throws SetupError as `config` does */
export function readValues(schema: unknown, options: ConfigOptions): object {
  const checked = assertSchema(schema)
  const json = new JsonSchemas(options.toJsonSchema).of(checked, 'input')
  if (json === undefined) assertNoCoercion(checked, 'config: the schema', 'config')
  const kinds = new Kinds(json ?? {})
  const { list, files } = readSources(options)
  const secrets = options.secrets ?? []
  if (json !== undefined) {
    assertKnown(options.override ?? {}, 'override', kinds)
    assertKnown(Object.fromEntries(secrets.map(name => [name, ''])), 'secrets', kinds)
  }
  const { texts, origins } = collect(list, json === undefined ? undefined : kinds)
  const values = coerce(withLists(texts, kinds), kinds)
  const given: Given = { texts, values, origins, files, prefix: options.prefix ?? '', secrets, json: json ?? {} }
  const result = validated(checked, values)
  if (result.issues !== undefined) throw configError(result.issues, given)
  if (isRecord(result.value)) return result.value
  throw new SetupError('BAD_CONFIG', 'config: the schema must make an object, with a value for each name.')
}

function assertSchema(schema: unknown): Schema {
  if (isSchema(schema)) return schema
  throw new SetupError(
    'BAD_OPTION',
    `config: the first argument must be a schema of a library of Standard Schema, for instance z.object({ PORT: z.number() }), ` +
      `not ${describe(schema)}.`,
  )
}

/** A name of an option that the schema does not have would have no effect. */
function assertKnown(given: object, option: string, kinds: Kinds): void {
  const known = [...kinds.namesIn(given as Texts)]
  const unknown = Object.keys(given).find(name => !known.includes(name))
  if (unknown === undefined) return
  const hint = known.length === 0 ? '' : didYouMean(unknown, known)
  throw new SetupError('BAD_OPTION', `config: ${option} has ${unknown}, which the schema does not have.${hint}`)
}

/** The first value of each name, and where it is from. @param kinds says which names the schema has; without it, all are read */
function collect(sources: readonly Source[], kinds: Kinds | undefined): Pick<Given, 'texts' | 'origins'> {
  const texts = Object.create(null) as Texts
  const origins = new Map<string, string>()
  for (const { origin, prefix, values } of sources) {
    const all = Object.keys(values).flatMap(name => (name.startsWith(prefix) ? [name.slice(prefix.length)] : []))
    const wanted = new Set(kinds?.namesIn(Object.fromEntries(all.map(name => [name, '']))) ?? all)
    for (const name of all.filter(each => wanted.has(each) && !origins.has(each))) {
      if (values[prefix + name] === undefined) continue
      texts[name] = values[prefix + name]
      origins.set(name, origin)
    }
  }
  return { texts, origins }
}

/** @throws SetupError for a schema that is asynchronous, or whose own code fails */
function validated(schema: Schema, values: Texts): SchemaResult<unknown> {
  let result: SchemaResult<unknown> | undefined
  try {
    result = validateNow(schema, values)
  } catch (error) {
    throw ownCodeError(error)
  }
  if (result !== undefined) return result
  throw new SetupError(
    'BAD_CONFIG',
    'config: the schema is asynchronous, but the values are needed at once. Leave out its asynchronous check, and do it in an ' +
      '@OnStart method.',
  )
}
