import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { commandsOf } from '../commands/find-command'
import { parseOptions, type Parsed } from '../commands/parse-options'
import { CommandError } from '../errors/command-error'
import { toError } from '../errors/describe'
import type { PlannedCommand } from '../plan/commands'
import { runAppCommand, withoutApp } from './app-commands'
import { coloursFor, type Colours } from './colour'
import type { Call, Command } from './command'
import type { Io } from './io'
import { commands } from './commands'
import { Aborted, ApplicationError, Failure, shownError, UsageError } from './failures'
import { COMMON, commandHelp, overview, parseConfig } from './help'
import { loadApp } from './load-app'
import { failAtClosedOutput } from './process-output'

/**
 * Runs one command.
 *
 * @returns the exit code: 1 if the command failed or found something wrong, 2 for a wrong call
 */
export async function main(argv: readonly string[], io: Io): Promise<number> {
  const colours = coloursFor(io)
  try {
    return await run(argv, io, colours)
  } catch (error) {
    if (!(error instanceof Aborted)) io.stderr.write(`${report(error, colours)}\n`)
    if (error instanceof CommandError) return error.exitCode
    return error instanceof UsageError ? 2 : 1
  }
}

function report(error: unknown, { red, areOn }: Colours): string {
  if (error instanceof UsageError || error instanceof Failure || error instanceof CommandError)
    return red(error.message)
  if (error instanceof ApplicationError) return `${red(error.message)}\n\n${shownError(error.cause, areOn)}`
  return shownError(error, areOn)
}

async function run(argv: readonly string[], io: Io, colours: Colours): Promise<number> {
  const at = placeOfCommand(argv)
  const name = argv[at]
  if (name === undefined) return withoutCommand(argv, io, colours)
  const command = commands.find(each => each.name === name)
  if (command === undefined)
    return runAppCommand(
      argv,
      commands.map(each => each.name),
      io,
      colours,
    )
  const { values, args } = parse(command, argv.toSpliced(at, 1))
  if (values.help === true) {
    io.stdout.write(commandHelp(command, colours))
    return 0
  }
  checkArguments(command, args)
  return command.run({ io, colours, values, args, load: () => loadApp(values.app as string | undefined, io) })
}

/** The first argument that is no option, and no value of `--app`. */
function placeOfCommand(argv: readonly string[]): number {
  const at = argv.findIndex((argument, index) => !argument.startsWith('-') && argv[index - 1] !== '--app')
  return at === -1 ? argv.length : at
}

async function withoutCommand(argv: readonly string[], io: Io, colours: Colours): Promise<number> {
  if (argv.includes('--version')) {
    io.stdout.write(`${version()}\n`)
    return 0
  }
  const asksForHelp = argv.includes('--help') || argv.includes('-h')
  const out = asksForHelp ? io.stdout : io.stderr
  out.write(overview(commands, await ownCommands(argv, io), colours))
  return asksForHelp ? 0 : 2
}

/** The commands of the application, or why they are not known. */
async function ownCommands(argv: readonly string[], io: Io): Promise<readonly PlannedCommand[] | string> {
  try {
    return commandsOf((await loadApp(withoutApp(argv).app, io)).app)
  } catch (error) {
    const { message, cause } = toError(error)
    return cause === undefined ? message : `${message} ${toError(cause).message}`
  }
}

function version(): string {
  const text = readFileSync(join(__dirname, '../../package.json'), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}

const parse = ({ name, options }: Command, words: readonly string[]): Pick<Call, 'values' | 'args'> =>
  parseOptions(words, parseConfig({ ...options, ...COMMON }), name) as Parsed & Pick<Call, 'values'>

function checkArguments({ name, args: usage }: Command, args: readonly string[]): void {
  const most = usage === '' ? 0 : usage.split(' ').length
  // Of two, the first has a default.
  const least = usage.startsWith('[') ? 0 : Math.min(most, 1)
  if (args.length >= least && args.length <= most) return
  throw new UsageError(`The call is: ${`flaskoa ${name} ${usage}`.trimEnd()}. See flaskoa ${name} --help.`)
}

/**
 * Runs the command of this process, and ends it: an application may have left something open, such as a database. The exit code is that
 * of the command, or else `process.exitCode`, which a command of the application may have set.
 */
export async function start(process: NodeJS.Process): Promise<void> {
  process.setSourceMapsEnabled(true)
  const { stdout, stderr, stdin, env } = process
  const io: Io = {
    stdout,
    stderr,
    stdin,
    env,
    cwd: process.cwd(),
    isTerminal: stdout.isTTY,
    importModule: url => import(url),
  }
  failAtClosedOutput(process)
  const code = await main(process.argv.slice(2), io)
  if (code !== 0) process.exitCode = code
  // What was written to a pipe may still be on its way, and the event of a write that has failed comes later.
  stdout.write('', () => stderr.write('', () => setImmediate(() => process.exit())))
}
