import { ask } from '../schema/ask'
import { resolveRef } from '../schema/resolve-ref'
import { pointerOf, type JsonSchema, type Schema } from '../schema/standard-schema'
import { isRecord } from '../util/is-record'

const FILE: JsonSchema = { type: 'string', format: 'binary' }

/**
 * The JSON Schema of a form with its files, which valibot and arktype leave open: JSON has no files. The schema itself is
 * asked about each property that its JSON Schema says nothing of.
 */
export function withFiles(json: JsonSchema, schema: Schema): JsonSchema {
  const copy = structuredClone(json)
  const root = (typeof copy.$ref === 'string' ? resolveRef(copy.$ref, copy) : copy) as JsonSchema | undefined
  const properties = root?.properties
  if (!isRecord(properties)) return json
  for (const [name, each] of Object.entries(properties)) properties[name] = fileOf(name, each, schema)
  return copy
}

function fileOf(name: string, property: unknown, schema: Schema): unknown {
  if (!isRecord(property)) return property
  if (isOpen(property) && isFile(name, schema, file => file)) return { ...FILE, ...property }
  const { type, items } = property as JsonSchema
  const isOpenList = type === 'array' && (items === undefined || isOpen(items))
  return isOpenList && isFile(name, schema, file => [file]) ? { ...property, items: FILE } : property
}

/** Whether a JSON Schema says nothing of the value. */
const isOpen = (schema: unknown): boolean =>
  isRecord(schema) && Object.keys(schema).every(keyword => ['title', 'description', 'default'].includes(keyword))

/** Whether the schema refuses a text and takes a file, or names one: a file may have to be of a certain type. */
function isFile(name: string, schema: Schema, wrap: (value: unknown) => unknown): boolean {
  const issueWith = (value: unknown) =>
    ask(schema, { [name]: wrap(value) })?.issues?.find(issue =>
      pointerOf(issue).startsWith(`#/${encodeURIComponent(name)}`),
    )
  const refused = issueWith('text')
  if (refused === undefined) return false
  return issueWith(new File([], 'file')) === undefined || /(?:File|Blob)\b/.test(refused.message)
}
