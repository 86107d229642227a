import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { loadMap, readSmall, sourceFile, sourceText, type LoadedMap } from '../inspect/source-map'

/** A place in a source file. Both numbers begin with 1. */
export interface Position {
  readonly file: string
  readonly line: number
  readonly column: number
}

/** Some lines of a source. */
export interface Excerpt {
  /** The number of the first of them. */
  readonly first: number
  readonly lines: readonly string[]
}

/** Other files, such as one with secrets, are never shown, whatever a stack says. */
const SOURCE = /\.[cm]?[jt]sx?$/
const LONGEST_LINE = 300
const COMMENT = '//# sourceMappingURL='

/** The source files behind the stacks of one page. Each is read once. */
export class Sources {
  /** The lines of each file, also of those that only source maps have. */
  readonly #lines = new Map<string, readonly string[]>()
  readonly #maps = new Map<string, LoadedMap | undefined>()
  #left: number

  /** @param most the excerpts that there will be at most: a page may have a hundred stacks */
  constructor(most: number) {
    this.#left = most
  }

  /** The place in the source behind a place in compiled code: the same one if Node has mapped the stack already. */
  original(position: Position): Position {
    const loaded = this.#mapOf(position.file)
    const found = loaded?.map.findOrigin(position.line, position.column)
    if (loaded === undefined || found === undefined || !('fileName' in found)) return position
    const file = sourceFile(found.fileName, loaded)
    if (file === undefined) return position
    const text = sourceText(found.fileName, loaded)
    if (text !== undefined && !this.#lines.has(file)) this.#lines.set(file, text.split(/\r?\n/))
    return { file, line: found.lineNumber, column: found.columnNumber }
  }

  /** The text of a file that is no JavaScript. */
  add(file: string, text: string): void {
    this.#lines.set(resolve(file), text.split(/\r?\n/))
  }

  /** The lines around a line, or `undefined` if there is no such file, or enough has been shown. */
  excerpt(path: string, line: number, around: number): Excerpt | undefined {
    if (this.#left === 0) return undefined
    const lines = this.#linesOf(resolve(path))
    if (line < 1 || line > lines.length) return undefined
    this.#left--
    const first = Math.max(1, line - around)
    return { first, lines: lines.slice(first - 1, line + around).map(shortened) }
  }

  #linesOf(file: string): readonly string[] {
    const lines = this.#lines.get(file) ?? textOf(file).split(/\r?\n/)
    this.#lines.set(file, lines)
    return lines
  }

  #mapOf(file: string): LoadedMap | undefined {
    if (!this.#maps.has(file)) this.#maps.set(file, this.#loadMap(file))
    return this.#maps.get(file)
  }

  #loadMap(file: string): LoadedMap | undefined {
    const comment = this.#linesOf(file).findLast(line => line.startsWith(COMMENT))
    if (comment === undefined) return undefined
    return loadMap(pathToFileURL(file).href, comment.slice(COMMENT.length).trim())
  }
}

function textOf(file: string): string {
  try {
    return SOURCE.test(file) ? readSmall(file) : ''
  } catch {
    return ''
  }
}

/** A line of a bundle may be the whole bundle. */
const shortened = (line: string): string => (line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE)}…` : line)
