import type Koa from 'koa'
import { AppContext } from '../request/app-context'
import { runInAppContext } from '../request/run-in-app-context'
import type { Awaitable } from '../types'
import type { FoundCommand } from './find-command'
import { parseOptions, type Parsed } from './parse-options'
import { optionsOf, readArguments } from './read-arguments'

/** What came of a command that has not thrown. */
export interface CommandResult {
  /** What its method returned. */
  readonly result: unknown
  /** Whether a teardown method has failed. Its error was reported as the application's `error` event. */
  readonly hasFailedTeardown: boolean
}

/** Notes that something in it was reported, since errors of teardown methods are not thrown. */
class CommandContext extends AppContext {
  hasReported = false

  override report(error: Error): void {
    this.hasReported = true
    super.report(error)
  }
}

/** Calls a method and waits for it, or for what ends it before its time. */
export type RunMethod = <T>(method: () => Awaitable<T>) => Promise<T>

const runToEnd: RunMethod = async method => method()

/**
 * Runs a command in an application context, with its teardown, after the `@OnStart` methods.
 *
 * @param parsed what was typed behind its name. Default: read from the words
 * @param runMethod for a method that can be interrupted
 * @throws UsageError for a wrong call, StartError, and what the method throws
 */
export async function runCommand(
  app: Koa,
  found: FoundCommand,
  parsed: Parsed = parsedWords(found),
  runMethod: RunMethod = runToEnd,
): Promise<CommandResult> {
  const { command, runtime } = found
  const { input, options, name, call } = command
  const values = await readArguments(input, parsed, name)
  if (options.start !== false) await runMethod(() => runtime.start.run(app))
  const context = new CommandContext(app, runtime, undefined)
  const run = call as (values?: object) => unknown
  const result = await runInAppContext(context, () =>
    runMethod(() => (options.args === undefined ? run() : run(values))),
  )
  return { result, hasFailedTeardown: context.hasReported }
}

const parsedWords = ({ command: { input, name }, words }: FoundCommand): Parsed =>
  parseOptions(words, optionsOf(input), name)
