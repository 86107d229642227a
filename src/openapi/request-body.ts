import { ask } from '../schema/ask'
import { isSchema, type Schema } from '../schema/standard-schema'
import { isRecord } from '../util/is-record'
import type { Components } from './components'
import { docOf } from './doc'
import { fieldsOf } from './fields'
import { withFiles } from './files'
import { defined, type Json } from './json'
import type { DocumentedRoute } from './route'

const MULTIPART = 'multipart/form-data'
const URLENCODED = 'application/x-www-form-urlencoded'

/** The body that an operation takes: JSON, a form in each type that can send it, or what `doc` says; `undefined` for none. */
export function requestBodyOf(route: DocumentedRoute, components: Components): Json | undefined {
  const { body, form } = route.declared
  if (isSchema(body)) {
    const schema = components.use(body, 'input', route.schemas, route.placeOf('body'))
    const content = defined({ schema, examples: examplesOf(route) })
    return { required: !accepts(body, undefined), content: { 'application/json': content } }
  }
  return isSchema(form) ? formBody(form, route, components) : (docOf(route).requestBody as Json | undefined)
}

function formBody(form: Schema, route: DocumentedRoute, components: Components): Json {
  const reader = components.reader(form, 'input', route.schemas, route.placeOf('form'), json => withFiles(json, form))
  const fields = fieldsOf(reader.root, ref => reader.behind(ref))
  const schema = components.use(form, 'input', route.schemas, route.placeOf('form'))
  const files = [...fields].flatMap(([name, field]) => fileTypesOf(field.schema).map(type => [name, type] as const))
  const encoded = files.filter(([, type]) => type !== '')
  const encoding = Object.fromEntries(encoded.map(([name, type]) => [name, { contentType: type }]))
  const content = defined({ schema, examples: examplesOf(route) })
  return {
    required: !accepts(form, {}),
    content: {
      [MULTIPART]: { ...content, ...(encoded.length > 0 && { encoding }) },
      ...(files.length === 0 && { [URLENCODED]: content }),
    },
  }
}

/** The media types of a file or a list of files, `''` for any; empty for what is no file. */
function fileTypesOf({ format, contentMediaType, items }: Json): string[] {
  if (format === 'binary') return [typeof contentMediaType === 'string' ? contentMediaType : '']
  return isRecord(items) ? fileTypesOf(items) : []
}

/** Whether a request without a body fits the schema. */
function accepts(schema: Schema, nothing: unknown): boolean {
  const result = ask(schema, nothing)
  return result !== undefined && result.issues === undefined
}

function examplesOf({ declared: { doc } }: DocumentedRoute): Json | undefined {
  if (!isRecord(doc) || !isRecord(doc.examples)) return undefined
  return Object.fromEntries(Object.entries(doc.examples).map(([name, value]) => [name, { value }]))
}
