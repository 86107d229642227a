import { parseArgs } from 'node:util'
import type Koa from 'koa'
import { commandsOf, findCommand, type FoundCommand } from '../commands/find-command'
import { parseOptions, type Parsed } from '../commands/parse-options'
import { optionsOf } from '../commands/read-arguments'
import { runCommand } from '../commands/run-command'
import { CommandError } from '../errors/command-error'
import { didYouMean } from '../errors/did-you-mean'
import { StartError } from '../errors/start-error'
import { ServerCloser } from '../shutdown/server-closer'
import type { Colours } from './colour'
import { appCommandHelp, COMMON, groupHelp, parseConfig } from './help'
import type { Io } from './io'
import { Aborted, ApplicationError, Failure, UsageError } from './failures'
import { Interruption } from './interruption'
import { loadApp } from './load-app'

/** The words of a call, without the option `--app`. */
interface Call {
  readonly app: string | undefined
  readonly words: readonly string[]
}

/**
 * Runs a command of the application.
 *
 * @param argv with the name of the command, which is none of flaskoa's own
 * @param builtIn the names of flaskoa's own, for the error
 * @returns the exit code
 */
export async function runAppCommand(
  argv: readonly string[],
  builtIn: readonly string[],
  io: Io,
  colours: Colours,
): Promise<number> {
  const { app: given, words } = withoutApp(argv)
  const app = await loaded(given, words[0] as string, builtIn, io)
  const found = findCommand(app, words)
  if (found === undefined) return showGroup(app, words, builtIn, io, colours)
  const { command } = found
  const parsed = parseOptions(found.words, { ...optionsOf(command.input), ...parseConfig(COMMON) }, command.name)
  if (parsed.values.help === true) {
    io.stdout.write(appCommandHelp(command, colours))
    return 0
  }
  return (await run(app, found, parsed, io)) ? 0 : 1
}

/** Finds the application that `--app` names, wherever it stands, as options of the command are not known before it is loaded. */
export function withoutApp(argv: readonly string[]): Call {
  const { tokens, values } = parseArgs({
    args: [...argv],
    options: { app: { type: 'string' } },
    strict: false,
    allowPositionals: true,
    tokens: true,
  })
  const left: (string | undefined)[] = [...argv]
  for (const token of tokens) {
    if (token.kind !== 'option' || token.name !== 'app' || token.value === undefined) continue
    left[token.index] = undefined
    if (!token.inlineValue) left[token.index + 1] = undefined
  }
  const { app } = values
  const words = left.filter(word => word !== undefined)
  // Options may come before the name of the command.
  const start = words.findIndex(word => !word.startsWith('-'))
  return { app: typeof app === 'string' ? app : undefined, words: [...words.slice(start), ...words.slice(0, start)] }
}

async function loaded(given: string | undefined, name: string, builtIn: readonly string[], io: Io): Promise<Koa> {
  try {
    return (await loadApp(given, io)).app
  } catch (error) {
    const sentence = `flaskoa itself has no command '${name}'.${didYouMean(name, builtIn)}`
    if (error instanceof ApplicationError)
      throw new ApplicationError(
        `${sentence} The commands of the application are not known: ${error.message}`,
        error.cause,
      )
    if (!(error instanceof Failure)) throw error
    throw new UsageError(
      `${sentence} It has ${builtIn.join(', ')}: see flaskoa --help.\nNo application has further ones. ${error.message}`,
    )
  }
}

/** `flaskoa blog` lists the commands of the blueprint. @throws UsageError if there are none */
function showGroup(
  app: Koa,
  words: readonly string[],
  builtIn: readonly string[],
  { stdout, stderr }: Io,
  colours: Colours,
): number {
  const end = words.findIndex(word => word.startsWith('-'))
  const names = words.slice(0, end === -1 ? undefined : end)
  const group = names.join(' ')
  const all = commandsOf(app)
  const inside = all.filter(({ name }) => name.startsWith(`${group} `))
  if (inside.length === 0) throw unknown(group, [...builtIn, ...all.map(({ name }) => name)])
  const asksForHelp = words.some(word => word === '--help' || word === '-h')
  const out = asksForHelp ? stdout : stderr
  out.write(groupHelp(group, inside, colours))
  return asksForHelp ? 0 : 2
}

/** For those who come from `flask run`. */
const RUN = ' flaskoa dev serves the application while you work on it, flaskoa serve in production.'

const unknown = (name: string, names: readonly string[]) =>
  new UsageError(
    `There is no command '${name}'.${name === 'run' ? RUN : didYouMean(name, names)} The commands are ${names.join(', ')}: see flaskoa --help.`,
  )

/** Runs it until it ends or is interrupted. Returns false if it was interrupted at its end, or a method at its end has failed. */
async function run(app: Koa, found: FoundCommand, parsed: Parsed, io: Io): Promise<boolean> {
  const interruption = new Interruption(app, io)
  const stopListening = interruption.listen(found)
  try {
    const isDone = await runAndShutDown(app, found, parsed, interruption)
    return isDone && interruption.reason === undefined
  } finally {
    stopListening()
  }
}

/** Runs it, with the `@OnShutdown` methods if the `@OnStart` methods have run. Returns false if a method at the end has failed. */
async function runAndShutDown(
  app: Koa,
  found: FoundCommand,
  parsed: Parsed,
  interruption: Interruption,
): Promise<boolean> {
  const { command, runtime } = found
  const shutDown = () => command.options.start === false || close(app, interruption.reason)
  let isDone: boolean
  try {
    const { hasFailedTeardown } = await runCommand(app, found, parsed, method => interruption.run(method))
    isDone = !hasFailedTeardown
  } catch (error) {
    if (error instanceof UsageError) throw error
    if (error instanceof StartError) throw new ApplicationError('The application did not start:', error)
    // An @OnStart method that was interrupted may never end.
    if (runtime.start.hasPassed) await shutDown()
    throw isExpected(error) ? error : new ApplicationError(`flaskoa ${command.name} failed:`, error)
  }
  return (await shutDown()) && isDone
}

const isExpected = (error: unknown) =>
  error instanceof CommandError || error instanceof Aborted || error instanceof Failure

/**
 * Runs the `@OnShutdown` methods. Returns false if one has failed: its error was reported as the application's `error` event.
 *
 * @param reason why the command was ended, if it was
 */
async function close(app: Koa, reason: Error | undefined): Promise<boolean> {
  const closer = ServerCloser.of(app)
  await closer.close(reason instanceof Aborted ? reason.signal : undefined)
  return closer.failedMethods.length === 0
}
