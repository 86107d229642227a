import { SetupError } from '../errors/setup-error'
import type { CommandMethod } from './controller'
import type { Scope } from './controllers'

/** A name that can be typed in a shell, and that is no option. */
const NAME = /^[\p{L}\d][\p{L}\d:_-]*$/u

/** All methods with `@Command`. Those of a blueprint have its name in front, as in Flask: `users import`. */
export function commandsOf(scopes: readonly Scope[]): readonly CommandMethod[] {
  const commands = new Map<string, CommandMethod>()
  for (const { name: blueprint, commands: own } of scopes) {
    for (const command of own) {
      const name = [...(blueprint === '' ? [] : blueprint.split('.')), checkedName(command)].join(' ')
      const other = commands.get(name)
      if (other !== undefined) {
        const { name: label } = command.call
        throw new SetupError(
          'BAD_COMMAND',
          `${label}: ${other.call.name} is the command '${name}' as well. Rename one.`,
        )
      }
      commands.set(name, { ...command, name })
    }
  }
  return [...commands.values()]
}

function checkedName({ name, call }: CommandMethod): string {
  if (NAME.test(name)) return name
  throw new SetupError(
    'BAD_COMMAND',
    `${call.name}: @Command: '${name}' can't be the name of a command. Use letters, digits and '-', for instance 'init-db'.`,
  )
}
