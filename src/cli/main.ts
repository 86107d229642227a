import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { didYouMean } from '../errors/did-you-mean'
import { coloursFor, type Colours } from './colour'
import type { Call, Command } from './command'
import type { Io } from './io'
import { commands } from './commands'
import { ApplicationError, Failure, shownError, UsageError } from './failures'
import { COMMON, commandHelp, overview } from './help'
import { loadApp } from './load-app'

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
    io.stderr.write(`${report(error, colours)}\n`)
    return error instanceof UsageError ? 2 : 1
  }
}

function report(error: unknown, { red, areOn }: Colours): string {
  if (error instanceof UsageError || error instanceof Failure) return red(error.message)
  if (error instanceof ApplicationError) return `${red(error.message)}\n\n${shownError(error.cause, areOn)}`
  return shownError(error, areOn)
}

async function run(argv: readonly string[], io: Io, colours: Colours): Promise<number> {
  const at = placeOfCommand(argv)
  const name = argv[at]
  if (name === undefined) return withoutCommand(argv, io, colours)
  const command = commands.find(each => each.name === name)
  if (command === undefined) throw unknownCommand(name)
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

function withoutCommand(argv: readonly string[], io: Io, colours: Colours): number {
  if (argv.includes('--version')) io.stdout.write(`${version()}\n`)
  else if (argv.includes('--help') || argv.includes('-h')) io.stdout.write(overview(commands, colours))
  else {
    io.stderr.write(overview(commands, colours))
    return 2
  }
  return 0
}

function version(): string {
  const text = readFileSync(join(__dirname, '../../package.json'), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}

function unknownCommand(name: string): UsageError {
  const names = commands.map(each => each.name)
  return new UsageError(
    `There is no command '${name}'.${didYouMean(name, names)} The commands are ${names.join(', ')}: see flaskoa --help.`,
  )
}

function parse({ name, options }: Command, argv: readonly string[]): Pick<Call, 'values' | 'args'> {
  const known = { ...options, ...COMMON }
  const config = Object.fromEntries(Object.entries(known).map(([option, { type }]) => [option, { type }]))
  try {
    const { values, positionals } = parseArgs({
      args: argv.map(argument => (argument === '-h' ? '--help' : argument)),
      options: config,
      allowPositionals: true,
    })
    return { values: values, args: positionals }
  } catch (error) {
    throw wrongOption(error as Error, name, Object.keys(known))
  }
}

/** Node's message, with the option that was meant. */
function wrongOption(error: Error, name: string, known: readonly string[]): UsageError {
  const { code, message } = error as NodeJS.ErrnoException
  const option = message.replace(/^Unknown option '--?(.+?)'.*$/s, '$1')
  const sentence =
    code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION'
      ? `There is no option --${option}.${hintFor(option, known)}`
      : message.replace(/\n.*$/s, '')
  return new UsageError(`${sentence} See flaskoa ${name} --help.`)
}

const hintFor = (option: string, known: readonly string[]) => didYouMean(option, known).replace(/'(.*)'/, "'--$1'")

function checkArguments({ name, args: usage }: Command, args: readonly string[]): void {
  const most = usage === '' ? 0 : usage.split(' ').length
  // The first may be left out, if there is a default.
  const least = Math.min(most, 1)
  if (args.length >= least && args.length <= most) return
  throw new UsageError(`The call is: ${`flaskoa ${name} ${usage}`.trimEnd()}. See flaskoa ${name} --help.`)
}

/** Runs the command of this process, and ends it: an application may have left something open, such as a database. */
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
  const code = await main(process.argv.slice(2), io)
  // What was written to a pipe may still be on its way.
  stdout.write('', () => stderr.write('', () => process.exit(code)))
}
