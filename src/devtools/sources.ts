import { readFileSync, statSync } from 'node:fs'
import { SourceMap } from 'node:module'
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

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

interface MapPayload {
  readonly sources: readonly string[]
  readonly sourceRoot?: string
  readonly sourcesContent?: readonly (string | null)[]
}

interface Mapping {
  readonly map: SourceMap
  readonly payload: MapPayload
  /** The folder that its sources are named from. */
  readonly folder: string
}

/** Other files, such as one with secrets, are never shown, whatever a stack says. */
const SOURCE = /\.[cm]?[jt]sx?$/
const LARGEST = 5_000_000
const LONGEST_LINE = 300

/** The source files behind the stacks of one page. Each is read once. */
export class Sources {
  /** The lines of each file, also of those that only source maps have. */
  readonly #lines = new Map<string, readonly string[]>()
  readonly #mappings = new Map<string, Mapping | undefined>()
  #left: number

  /** @param most the excerpts that there will be at most: a page may have a hundred stacks */
  constructor(most: number) {
    this.#left = most
  }

  /** The place in the source behind a place in compiled code: the same one if Node has mapped the stack already. */
  original(position: Position): Position {
    const mapping = this.#mappingOf(position.file)
    if (mapping === undefined) return position
    const { map, payload, folder } = mapping
    const found = map.findOrigin(position.line, position.column)
    if (!('fileName' in found)) return position
    const file = resolve(folder, payload.sourceRoot ?? '', found.fileName)
    const text = payload.sourcesContent?.[payload.sources.indexOf(found.fileName)]
    if (typeof text === 'string' && !this.#lines.has(file)) this.#lines.set(file, text.split(/\r?\n/))
    return { file, line: found.lineNumber, column: found.columnNumber }
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

  #mappingOf(file: string): Mapping | undefined {
    if (!this.#mappings.has(file)) this.#mappings.set(file, this.#readMapping(file))
    return this.#mappings.get(file)
  }

  #readMapping(file: string): Mapping | undefined {
    const comment = this.#linesOf(file).findLast(line => line.startsWith('//# sourceMappingURL='))
    if (comment === undefined) return undefined
    const url = comment.slice(comment.indexOf('=') + 1).trim()
    try {
      const isInline = url.startsWith('data:')
      const path = isInline ? file : url.startsWith('file:') ? fileURLToPath(url) : resolve(dirname(file), url)
      const json = isInline ? Buffer.from(url.slice(url.indexOf(',') + 1), 'base64').toString() : readSmall(path)
      const payload = JSON.parse(json) as MapPayload
      return { map: new SourceMap(payload as never), payload, folder: dirname(path) }
    } catch {
      return undefined // there is none, or it is broken: the compiled lines are shown
    }
  }
}

function textOf(file: string): string {
  try {
    return SOURCE.test(file) ? readSmall(file) : ''
  } catch {
    return ''
  }
}

/** Reads a file. Not a pipe, which may never end. */
function readSmall(file: string): string {
  const stats = statSync(file)
  return stats.isFile() && stats.size < LARGEST ? readFileSync(file, 'utf8') : ''
}

/** A line of a bundle may be the whole bundle. */
const shortened = (line: string): string => (line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE)}…` : line)
