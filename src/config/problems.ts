import { isError } from '../errors/describe'
import { SetupError } from '../errors/setup-error'
import type { Texts } from '../input/texts'
import type { JsonSchema, SchemaIssue } from '../schema/standard-schema'
import { withoutValues } from './without-values'

/** What was found for a configuration. */
export interface Given {
  /** As they were found. */
  readonly texts: Readonly<Texts>
  /** As the schema got them. */
  readonly values: Readonly<Texts>
  /** Where each name was found. */
  readonly origins: ReadonlyMap<string, string>
  /** Says which files were read. */
  readonly files: string
  readonly prefix: string
  /** The names whose messages are left out. */
  readonly secrets: readonly string[]
  /** What the schema takes; empty if its library can't say. */
  readonly json: JsonSchema
}

/** Names all that is missing or wrong, without any value. */
export function configError(issues: readonly SchemaIssue[], given: Given): SetupError {
  const lines = [...new Set(issues.map(issue => `  ${line(issue, given)}`))]
  const count = lines.length === 1 ? 'a problem' : `${lines.length} problems`
  return new SetupError('BAD_CONFIG', [`The configuration has ${count}:`, ...lines, given.files].join('\n'))
}

function line({ message, path = [] }: SchemaIssue, given: Given): string {
  // Not `path.map`: arktype's path is a list of a class of its own.
  const [name, ...inside] = Array.from(path, part => String(typeof part === 'object' ? part.key : part))
  const hasSecrets = given.secrets.length > 0
  if (name === undefined) return hasSecrets ? `a value is wrong. ${LEFT_OUT}` : hidden(message, undefined, given)
  const shown = [given.prefix + name, ...inside].join('.')
  const origin = given.origins.get(name)
  if (!(name in given.values) && requiredBy(given).includes(name))
    return (
      (origin === undefined ? `${shown} is not set` : `${shown}, from ${origin}, is empty`) + described(name, given)
    )
  const said = given.secrets.includes(name) ? `it is wrong. ${LEFT_OUT}` : hidden(message, name, given)
  return `${shown}${origin === undefined ? '' : `, from ${origin}`}: ${said}`
}

const LEFT_OUT = 'The message is left out, because of the option secrets.'

const requiredBy = ({ json: { required = [] } }: Given) => required as readonly string[]

/** What the schema's author says of a variable. */
function described(name: string, { json }: Given): string {
  // A schema that requires a name has it.
  const { description } = (json.properties as Record<string, JsonSchema>)[name] as JsonSchema
  return typeof description === 'string' ? ` (${description})` : ''
}

/** The message of a library may have the value, and one of the schema's author may have another one. */
function hidden(message: string, name: string | undefined, { texts, values }: Given): string {
  const own = name === undefined ? [...Object.values(texts), ...Object.values(values)] : [texts[name], values[name]]
  return withoutValues(message, own, Object.values(texts))
}

/** What the schema's own code threw, without its message and its properties, which may have a value. */
export function ownCodeError(thrown: unknown): SetupError {
  const what = isError(thrown) ? thrown.name : `a ${typeof thrown} that it threw`
  const error = new SetupError(
    'BAD_CONFIG',
    `config: the schema's own code failed: ${what}. Its message is left out, since it may have a value: have the schema ` +
      'report a problem instead.',
  )
  const frames = isError(thrown) ? (String(thrown.stack).match(/^\s+at .*$/gm) ?? []) : []
  if (frames.length > 0) error.stack = [`${error.name}: ${error.message}`, ...frames].join('\n')
  return error
}
