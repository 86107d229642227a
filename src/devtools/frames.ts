import { isAbsolute, join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Sources } from './sources'

/** One call of a stack. */
export interface Frame {
  /** `App.view`; empty for the code of a module itself. */
  readonly name: string
  /** As the application's developer knows it: from the folder that the process runs in, if it is there. */
  readonly file: string
  readonly line: number
  readonly column: number
  /** Whose code it is. */
  readonly owner: 'application' | 'package' | 'flaskoa' | 'node'
}

/** `    at App.view (/app/src/app.ts:12:5)`, or without a name and parentheses. */
const LINE = /^\s+at (?:(?:async )?(.{0,300}?) \()?(?:async )?(.{1,1000}):(\d{1,9}):(\d{1,9})\)?$/
const LONGEST_LINE = 1500
const MOST_FRAMES = 200

/**
 * The frames of a stack, innermost first. The message is left out: what it has of lines that look like frames could name any
 * file of the machine.
 */
export function framesOf(stack: string, message: string, sources: Sources): Frame[] {
  const start = message === '' ? -1 : stack.indexOf(message)
  const lines = (start === -1 ? stack : stack.slice(start + message.length)).split('\n')
  const last = lines.findLastIndex(line => !/^\s+at /.test(line))
  return lines.slice(last + 1, last + 1 + MOST_FRAMES).flatMap(line => frameOf(line, sources) ?? [])
}

function frameOf(line: string, sources: Sources): Frame | undefined {
  const [, name = '', place, row, column] = (line.length < LONGEST_LINE && LINE.exec(line)) || []
  if (place === undefined) return undefined
  const position = { file: pathOf(place), line: Number(row), column: Number(column) }
  const { file, ...at } = isAbsolute(position.file) ? sources.original(position) : position
  return { name: name.replace(/^Object\.<anonymous>$/, ''), file: shortened(file), ...at, owner: ownerOf(file) }
}

/** A loader may add a query to a file's URL. */
function pathOf(place: string): string {
  const plain = place.replace(/\?.*$/, '')
  try {
    return plain.startsWith('file:') ? fileURLToPath(plain) : plain
  } catch {
    return plain
  }
}

/** The folders of flaskoa's own code: source maps lead from one to the other. */
const OWN = ['src', 'dist'].map(folder => join(__dirname, '..', '..', folder) + sep)

function ownerOf(file: string): Frame['owner'] {
  if (!isAbsolute(file)) return 'node'
  if (OWN.some(folder => file.startsWith(folder)) || /[\\/]node_modules[\\/]flaskoa[\\/]/.test(file)) return 'flaskoa'
  return /[\\/]node_modules[\\/]/.test(file) ? 'package' : 'application'
}

/** A path as developers know it: from the folder that the process runs in, if it is there. */
export function shortened(file: string): string {
  const path = relative(process.cwd(), file)
  return isAbsolute(file) && !path.startsWith('..') && !isAbsolute(path) ? path : file
}
