import { resolve, sep } from 'node:path'
import { pathToFileURL } from 'node:url'
import { inspect } from 'node:util'
import { toError } from '../errors/describe'

export { UsageError } from '../commands/usage-error'

/** A command that can't do what it is for: exit code 1. The message is all that is printed. */
export class Failure extends Error {}

/** An error of the application's own code: exit code 1. It is printed with its own stack. */
export class ApplicationError extends Error {
  constructor(what: string, cause: unknown) {
    super(what, { cause })
  }
}

/** What ended a command of the application from outside: exit code 1. Nothing more is printed. */
export class Aborted extends Error {
  override readonly name = 'AbortError'

  /** @param signal `SIGINT` or the like, if it was one */
  constructor(
    message: string,
    readonly signal?: string,
  ) {
    super(message)
  }
}

const root = resolve(__dirname, '../..')
/** flaskoa's own files: compiled, and as source maps name them. */
const OWN = ['dist', 'src'].map(folder => resolve(root, folder) + sep)
const OWN_PLACES = [...OWN, ...OWN.map(path => pathToFileURL(path).href)]

/** Whether a file belongs to flaskoa itself. */
export const isOwnFile = (file: string): boolean => OWN.some(path => file.startsWith(path))

/** What was thrown, with its causes and the user's frames only: what called them are this command and Node. */
export function shownError(thrown: unknown, hasColours: boolean): string {
  const kept: string[] = []
  for (const line of inspect(toError(thrown), { colors: hasColours }).split('\n')) {
    if (!isForeignFrame(line)) kept.push(line)
    // The properties of the error follow in braces.
    else if (line.endsWith(' {')) kept.push(`${kept.pop() as string} {`)
  }
  return kept.join('\n')
}

function isForeignFrame(line: string): boolean {
  // eslint-disable-next-line no-control-regex -- with colours, Node makes its own frames grey
  const frame = line.replace(/\x1b\[\d+m/g, '')
  if (/^\s+\.{3} \d+ lines matching cause/.test(frame)) return true
  return /^\s+at /.test(frame) && (/[( ]node:/.test(frame) || OWN_PLACES.some(place => frame.includes(place)))
}
