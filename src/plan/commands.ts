import { SetupError } from '../errors/setup-error'
import type { JsonSchemas } from '../schema/json-schema'
import { commandInput, type CommandInput } from './command-input'
import { COMMAND_NAMES } from './command-names'
import type { CommandMethod } from './controller'
import type { Scope } from './controllers'

/** A method with `@Command`, and what it takes from the command line. */
export interface PlannedCommand extends CommandMethod {
  readonly input: CommandInput
}

/** A name that can be typed in a shell, and that is no option. */
const NAME = /^[\p{L}\d][\p{L}\d:_-]*$/u

/** All methods with `@Command`. Those of a blueprint have its name in front, as in Flask: `users import`. */
export function commandsOf(scopes: readonly Scope[], schemas: JsonSchemas): readonly PlannedCommand[] {
  const commands = new Map<string, PlannedCommand>()
  for (const { name: blueprint, commands: own } of scopes) {
    for (const command of own) {
      const name = [...(blueprint === '' ? [] : blueprint.split('.')), checkedName(command)].join(' ')
      assertFree(name, command, commands)
      const input = commandInput(command.options, schemas, `${command.call.name}: @Command`)
      commands.set(name, { ...command, name, input })
    }
  }
  return [...commands.values()]
}

/** The words of one command must not begin with those of another, or one of them could not be called. */
function assertFree(name: string, { call }: CommandMethod, commands: ReadonlyMap<string, CommandMethod>): void {
  const first = name.split(' ')[0] as string
  if (COMMAND_NAMES.includes(first)) {
    const problem =
      name === first ? `flaskoa has a command '${name}' of its own` : `'${first}' is a command of flaskoa itself`
    throw new SetupError(
      'BAD_COMMAND',
      `${call.name}: ${problem}. Rename ${name === first ? 'this one' : 'the blueprint'}.`,
    )
  }
  for (const [taken, other] of commands) {
    if (taken !== name && !taken.startsWith(`${name} `) && !name.startsWith(`${taken} `)) continue
    throw new SetupError(
      'BAD_COMMAND',
      `${call.name}: ${other.call.name} is the command '${taken}'${taken === name ? ' as well' : ''}. Rename one.`,
    )
  }
}

function checkedName({ name, call }: CommandMethod): string {
  if (NAME.test(name)) return name
  throw new SetupError(
    'BAD_COMMAND',
    `${call.name}: @Command: '${name}' can't be the name of a command. Use letters, digits and '-', for instance 'init-db'.`,
  )
}
