import { SetupError } from '../errors/setup-error'
import { describe } from '../errors/describe'
import { Kinds, type Kind } from '../input/kinds'
import type { JsonSchemas } from '../schema/json-schema'
import { isSchema, type JsonSchema, type Schema } from '../schema/standard-schema'
import { isRecord } from '../util/is-record'
import { checkKinds, type OptionKinds } from './option-kinds'
import type { CommandOptions } from '../decorators/command-options'

/** One value that a command takes from the command line. */
export interface CommandParameter {
  /** As the method gets it: `firstName`. */
  readonly name: string
  /** As it is typed: `first-name`. */
  readonly option: string
  /** Whether it is an argument without a name. */
  readonly isPositional: boolean
  /** Whether it is an option without a value: `--admin`, `--no-admin`. */
  readonly isFlag: boolean
  readonly isList: boolean
  readonly isRequired: boolean
  /** What the JSON Schema says of it, for the help. */
  readonly schema: JsonSchema
}

/** What a command takes from the command line, the arguments without a name in their order. */
export interface CommandInput {
  readonly parameters: readonly CommandParameter[]
  readonly kinds: Kinds
  /** Checks the values; `undefined` if all are texts. */
  readonly schema: Schema | undefined
}

const OPTIONS: OptionKinds<CommandOptions> = {
  description: 'text',
  args: 'anything',
  positionals: 'texts',
  start: 'boolean',
}

const TEXTS = new Kinds({})

/**
 * Reads the options of a command.
 *
 * @param where the method and its decorator, for errors
 * @throws SetupError for options that can't work
 */
export function commandInput(options: CommandOptions, schemas: JsonSchemas, where: string): CommandInput {
  checkKinds(options, OPTIONS, where)
  const { args = [], positionals } = options
  const input = isSchema(args)
    ? schemaInput(args, positionals ?? [], schemas, where)
    : namedInput(args, positionals, where)
  checkNames(input.parameters, where)
  return input
}

function namedInput(names: unknown, positionals: unknown, where: string): CommandInput {
  if (!Array.isArray(names) || !names.every(name => typeof name === 'string' && /^[\p{L}_][\p{L}\d_-]*$/u.test(name)))
    throw mistake(where, `args must be a schema of an object, or a list of names, not ${describe(names)}.`)
  if (positionals !== undefined)
    throw mistake(where, 'positionals is for args with a schema: names alone are in order already.')
  const parameters = names.map((name: string) => parameter(name, undefined, true, true, {}))
  return { parameters, kinds: TEXTS, schema: undefined }
}

function schemaInput(
  schema: Schema,
  positionals: readonly string[],
  schemas: JsonSchemas,
  where: string,
): CommandInput {
  const json = schemas.of(schema, 'input')
  if (!isRecord(json?.properties))
    throw mistake(where, `args must be the schema of an object that has a JSON Schema. ${hint(json)}`)
  const { properties, required = [] } = json as { properties: Record<string, JsonSchema>; required?: readonly string[] }
  const unknown = positionals.find(name => !Object.hasOwn(properties, name))
  if (unknown !== undefined) throw mistake(where, `positionals has ${unknown}, which the schema of args does not have.`)
  const kinds = new Kinds(json)
  const others = Object.keys(properties).filter(name => !positionals.includes(name))
  const parameters = [...positionals, ...others].map(name =>
    parameter(
      name,
      kinds.of(name),
      positionals.includes(name),
      required.includes(name),
      properties[name] as JsonSchema,
    ),
  )
  const first = parameters.findIndex(({ isPositional, isList }) => isPositional && isList)
  if (first !== -1 && first < positionals.length - 1)
    throw mistake(
      where,
      `${parameters[first]?.name} is a list, and takes all arguments from there on: put it last in positionals.`,
    )
  return { parameters, kinds, schema }
}

const hint = (json: JsonSchema | undefined) =>
  json === undefined ? 'Pass a function that makes one to bootstrap: { toJsonSchema }.' : 'It has no properties.'

function parameter(
  name: string,
  kind: Kind | undefined,
  isPositional: boolean,
  isRequired: boolean,
  schema: JsonSchema,
): CommandParameter {
  const { boolean = false, number = false, text = true, isList = false } = kind ?? {}
  const isFlag = boolean && !number && !text && !isList && !isPositional
  return { name, option: optionOf(name), isPositional, isFlag, isList, isRequired, schema }
}

/** `firstName`, `first_name` → `first-name` */
const optionOf = (name: string): string =>
  name
    .replace(/([\p{Ll}\d])(\p{Lu})/gu, '$1-$2')
    .replaceAll('_', '-')
    .toLowerCase()

/** Options of every command. */
const RESERVED = ['app', 'help']

function checkNames(parameters: readonly CommandParameter[], where: string): void {
  const taken = new Map<string, string>(RESERVED.map(option => [option, 'flaskoa itself']))
  for (const { name, option, isFlag } of parameters) {
    for (const each of isFlag ? [option, `no-${option}`] : [option]) {
      const other = taken.get(each)
      if (other !== undefined)
        throw mistake(where, `${name} is typed --${each}, which is an option of ${other}. Rename it.`)
      taken.set(each, name)
    }
  }
}

const mistake = (where: string, sentence: string) => new SetupError('BAD_COMMAND', `${where}: ${sentence}`)
