import type Koa from 'koa'
import type { PlannedCommand } from '../plan/commands'
import { runtimesOf, type Runtime } from '../request/runtime'

/** A command of an application, and the lifecycle that it belongs to. */
export interface FoundCommand {
  readonly command: PlannedCommand
  readonly runtime: Runtime
  /** What was typed behind its name. */
  readonly words: readonly string[]
}

/** The commands of an application, in their order. */
export const commandsOf = (app: Koa): PlannedCommand[] => runtimesOf(app).flatMap(({ plan }) => plan.commands)

/**
 * The command that words begin with.
 *
 * @param words `['blog', 'import', 'posts.json']`
 */
export function findCommand(app: Koa, words: readonly string[]): FoundCommand | undefined {
  for (const runtime of runtimesOf(app)) {
    for (const command of runtime.plan.commands) {
      const name = command.name.split(' ')
      if (name.every((word, index) => word === words[index]))
        return { command, runtime, words: words.slice(name.length) }
    }
  }
  return undefined
}
