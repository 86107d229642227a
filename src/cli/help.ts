import { shownName } from '../commands/read-arguments'
import type { CommandParameter } from '../plan/command-input'
import type { PlannedCommand } from '../plan/commands'
import type { Colours } from './colour'
import type { Command, CommandOption } from './command'
import { table } from './table'

/** The options of each command. */
export const COMMON: Readonly<Record<string, CommandOption>> = {
  app: { type: 'string', value: 'FILE:NAME', help: 'the application, for instance src/app.ts:createApp("test")' },
  help: { type: 'boolean', help: 'this text' },
}

/** Options as `parseArgs` takes them. */
export const parseConfig = (options: Readonly<Record<string, CommandOption>>) =>
  Object.fromEntries(Object.entries(options).map(([option, { type }]) => [option, { type }]))

/**
 * `flaskoa --help`
 *
 * @param own the commands of the application, or why they are not known
 */
export function overview(
  commands: readonly Command[],
  own: readonly PlannedCommand[] | string,
  colours: Colours,
): string {
  const { bold } = colours
  return [
    'flaskoa COMMAND [options]',
    '',
    bold('Commands:'),
    ...table(commands.map(({ name, args, summary }) => [`  ${name} ${args}`.trimEnd(), summary])),
    '',
    ...ownLines(own, colours),
    bold('Options:'),
    ...optionLines({ ...COMMON, version: { type: 'boolean', help: "flaskoa's version" } }),
    '',
    'The application is the one that --app names, or the variable FLASKOA_APP, or "flaskoa": { "app": … } in package.json, or',
    'app.ts or app.js in src, the folder itself, or dist: its export app, application or default, or what its function createApp or',
    'makeApp makes. TypeScript needs tsx in the project. "flaskoa COMMAND --help" has examples.',
    '',
  ].join('\n')
}

function ownLines(own: readonly PlannedCommand[] | string, { bold, dim }: Colours): string[] {
  if (typeof own === 'string') return [dim(`Commands of the application are not known: ${own}`), '']
  return own.length === 0 ? [] : [bold('Commands of the application:'), ...commandLines(own), '']
}

const commandLines = (commands: readonly PlannedCommand[]): string[] =>
  table(commands.map(command => [`  ${callOf(command)}`, command.options.description ?? '']))

/** `create-user NAME [TAGS…]` */
const callOf = ({ name, input: { parameters } }: PlannedCommand): string =>
  [name, ...parameters.filter(({ isPositional }) => isPositional).map(usageOf)].join(' ')

function usageOf(parameter: CommandParameter): string {
  const shown = `${shownName(parameter)}${parameter.isList ? '…' : ''}`
  return parameter.isRequired ? shown : `[${shown}]`
}

/** `flaskoa blog --help`, of the commands of a blueprint */
export function groupHelp(name: string, commands: readonly PlannedCommand[], { bold }: Colours): string {
  const head = `flaskoa ${name} COMMAND [options]`
  return [head, '', bold('Commands:'), ...commandLines(commands), '', `See flaskoa ${name} COMMAND --help.`, ''].join(
    '\n',
  )
}

/** `flaskoa init-db --help` */
export function appCommandHelp(command: PlannedCommand, { bold }: Colours): string {
  const { options, input, call } = command
  const positional = input.parameters.filter(({ isPositional }) => isPositional)
  const others = input.parameters.filter(({ isPositional }) => !isPositional)
  return [
    `flaskoa ${callOf(command)} [options]`,
    '',
    options.description ?? `Runs ${call.name}.`,
    '',
    ...(positional.length === 0
      ? []
      : [bold('Arguments:'), ...table(positional.map(each => [`  ${shownName(each)}`, helpOf(each)])), '']),
    bold('Options:'),
    ...table([...others.map(each => [`  ${optionUsage(each)}`, helpOf(each)]), ...optionRows(COMMON)]),
    '',
  ].join('\n')
}

const optionUsage = ({ option, isFlag }: CommandParameter): string =>
  isFlag ? `--${option}, --no-${option}` : `--${option} ${option.replaceAll('-', '_').toUpperCase()}`

/** What the schema says of a value. */
function helpOf({ schema, isRequired, isList, isPositional }: CommandParameter): string {
  const { description, enum: choices, default: initial } = schema
  return [
    ...(typeof description === 'string' ? [description] : []),
    ...(Array.isArray(choices) ? [`one of ${choices.join(', ')}`] : []),
    ...(initial === undefined ? [] : [`default: ${JSON.stringify(initial)}`]),
    ...(isRequired && !isPositional ? ['required'] : []),
    ...(isList && !isPositional ? ['may be repeated'] : []),
  ].join('; ')
}

/** `flaskoa routes --help` */
export function commandHelp({ name, args, help, options, examples }: Command, { bold }: Colours): string {
  return [
    `flaskoa ${name} ${args}`.trimEnd() + ' [options]',
    '',
    help,
    '',
    bold('Options:'),
    ...optionLines({ ...options, ...COMMON }),
    '',
    bold('Examples:'),
    ...table(examples.map(([example, does]) => [`  ${example}`, does])),
    '',
  ].join('\n')
}

const optionLines = (options: Readonly<Record<string, CommandOption>>): string[] => table(optionRows(options))

const optionRows = (options: Readonly<Record<string, CommandOption>>): string[][] =>
  Object.entries(options).map(([name, { value, help }]) => [`  --${name} ${value ?? ''}`.trimEnd(), help])
