import { parseArgs, type ParseArgsConfig } from 'node:util'
import { didYouMean } from '../errors/did-you-mean'
import { UsageError } from './usage-error'

type ParsedOptions = Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>

/** What was typed behind the name of a command. */
export interface Parsed {
  readonly values: ParsedOptions
  readonly args: readonly string[]
}

/**
 * Takes the options out of the words behind a command.
 *
 * @param command its name, for errors
 * @throws UsageError for an unknown option, and for one with a value too many or too few
 */
export function parseOptions(
  words: readonly string[],
  options: NonNullable<ParseArgsConfig['options']>,
  command: string,
): Parsed {
  try {
    const { values, positionals } = parseArgs({
      args: words.map((word, index) => (word === '-h' && !isArgument(words, index) ? '--help' : word)),
      options,
      allowPositionals: true,
      allowNegative: true,
    })
    return { values, args: positionals }
  } catch (error) {
    throw wrongOption(error as Error, command, Object.keys(options))
  }
}

/** Behind `--` no word is an option. */
const isArgument = (words: readonly string[], index: number) => words.slice(0, index).includes('--')

/** Node's message, with the option that was meant. */
function wrongOption(error: Error, command: string, known: readonly string[]): UsageError {
  const { code, message } = error as NodeJS.ErrnoException
  const option = message.replace(/^Unknown option '--?(.+?)'.*$/s, '$1')
  const sentence =
    code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION'
      ? `There is no option --${option}.${hintFor(option, known)}`
      : message.replace(/\n.*$/s, '')
  return new UsageError(`${sentence} See flaskoa ${command} --help.`)
}

const hintFor = (option: string, known: readonly string[]) => didYouMean(option, known).replace(/'(.*)'/, "'--$1'")
