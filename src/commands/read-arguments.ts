import { coerce, type Texts } from '../input/texts'
import type { CommandInput, CommandParameter } from '../plan/command-input'
import { pointerOf, type SchemaIssue } from '../schema/standard-schema'
import { validate } from '../schema/validate'
import type { Parsed } from './parse-options'
import { UsageError } from './usage-error'

/** The options of a command, as `parseOptions` takes them. */
export function optionsOf({
  parameters,
}: CommandInput): Record<string, { type: 'string' | 'boolean'; multiple: boolean }> {
  const options = parameters.filter(({ isPositional }) => !isPositional)
  return Object.fromEntries(
    options.map(({ option, isFlag, isList }) => [
      option,
      { type: isFlag ? ('boolean' as const) : ('string' as const), multiple: isList },
    ]),
  )
}

/** How a parameter is named in help and errors: `NAME`, `--admin`. */
export const shownName = ({ option, isPositional }: CommandParameter): string =>
  isPositional ? option.replaceAll('-', '_').toUpperCase() : `--${option}`

/**
 * The values that a command's method gets.
 *
 * @param command its name, for errors
 * @throws UsageError that names all that is missing or wrong
 */
export async function readArguments(input: CommandInput, parsed: Parsed, command: string): Promise<object> {
  const texts = textsOf(input.parameters, parsed, command)
  const missing = input.parameters.filter(({ name, isRequired }) => isRequired && texts[name] === undefined)
  if (missing.length > 0)
    throw wrongCall(
      command,
      missing.map(each => `${shownName(each)} is missing.`),
    )
  if (input.schema === undefined) return { ...texts }
  const result = await validate(input.schema, coerce(texts, input.kinds))
  if (result.issues === undefined) return result.value as object
  throw wrongCall(
    command,
    result.issues.map(issue => issueText(issue, input.parameters)),
  )
}

function textsOf(parameters: readonly CommandParameter[], { values, args }: Parsed, command: string): Texts {
  const texts = Object.create(null) as Texts
  const left = [...args]
  for (const { name, option, isPositional, isList } of parameters) {
    const value = !isPositional ? values[option] : isList ? left.splice(0) : left.shift()
    if (value !== undefined && !(Array.isArray(value) && value.length === 0)) texts[name] = value
  }
  if (left.length > 0) throw wrongCall(command, [`There is an argument too many: ${left.join(' ')}.`])
  return texts
}

function issueText(issue: SchemaIssue, parameters: readonly CommandParameter[]): string {
  const name = pointerOf(issue).slice(2).split('/')[0]
  const parameter = parameters.find(each => each.name === name)
  return parameter === undefined ? issue.message : `${shownName(parameter)}: ${issue.message}`
}

const wrongCall = (command: string, sentences: readonly string[]) =>
  new UsageError([...sentences, `See flaskoa ${command} --help.`].join('\n'))
