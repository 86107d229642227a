import type Koa from 'koa'
import { commandsOf, findCommand } from '../commands/find-command'
import { runCommand, type CommandResult } from '../commands/run-command'
import { UsageError } from '../commands/usage-error'
import { CommandError } from '../errors/command-error'
import { describe } from '../errors/describe'
import { didYouMean } from '../errors/did-you-mean'
import { requireRuntime } from '../request/runtime'
import { captured, Output } from './capture'

/** What `testCommand` returns. */
export interface TestCommandResult {
  /** `process.exitCode` if the method has set it, or 0; 1 if a teardown method has failed, 2 for a wrong call, the code of a `CommandError`. */
  readonly exitCode: number
  /** What the method returned. */
  readonly result: unknown
  /** What the command has printed, in its order. */
  readonly output: string
  /** The part of it that went to the standard output. */
  readonly stdout: string
  /** The part of it that went to the standard error output, and the message of a `CommandError` or wrong call. */
  readonly stderr: string
}

/**
 * Runs a command of an application as `flaskoa` does, and keeps what it prints. The `@OnShutdown` methods do not run: the test may
 * go on with the application.
 *
 * @param name after the name of its blueprint, if it has one: `'blog import'`
 * @param args what is typed behind the name: `['ann', '--admin']`
 * @throws what the command throws, unless it is a `CommandError`; a TypeError for a command that does not exist
 */
export async function testCommand(app: Koa, name: string, args: readonly string[] = []): Promise<TestCommandResult> {
  requireRuntime(app, 'testCommand')
  if (typeof (name as unknown) !== 'string')
    throw new TypeError(`testCommand: the name must be a text, such as 'init-db', not ${describe(name)}`)
  if (!Array.isArray(args) || !args.every(each => typeof each === 'string'))
    throw new TypeError(
      `testCommand: the arguments must be a list of texts, such as ['--admin'], not ${describe(args)}`,
    )
  const found = findCommand(app, name.split(' '))
  if (found === undefined || found.words.length > 0) throw unknownCommand(app, name)
  const output = new Output()
  const { exitCode } = process
  process.exitCode = undefined
  try {
    return resultOf(await captured(output, () => runCommand(app, { ...found, words: args })), output)
  } catch (error) {
    if (!(error instanceof CommandError || error instanceof UsageError)) throw error
    output.add('stderr', `${error.message}\n`)
    return shown(error instanceof CommandError ? error.exitCode : 2, undefined, output)
  } finally {
    // What the command has set is not the exit code of the tests.
    process.exitCode = exitCode
  }
}

const resultOf = ({ result, hasFailedTeardown }: CommandResult, output: Output) =>
  shown(hasFailedTeardown ? 1 : Number(process.exitCode ?? 0), result, output)

const shown = (exitCode: number, result: unknown, { all: output, stdout, stderr }: Output): TestCommandResult => ({
  exitCode,
  result,
  output,
  stdout,
  stderr,
})

function unknownCommand(app: Koa, name: string): TypeError {
  const names = commandsOf(app).map(each => each.name)
  const known = names.length === 0 ? 'It has none.' : `It has: ${names.join(', ')}.`
  const hint = names.length === 0 ? '' : didYouMean(name, names)
  return new TypeError(`testCommand: the application has no command '${name}'.${hint} ${known}`)
}
