import { readFileSync, statSync } from 'node:fs'
import { SourceMap, type SourceMapPayload } from 'node:module'
import { isAbsolute } from 'node:path'
import { fileURLToPath } from 'node:url'

const LARGEST = 5_000_000

/** The source map of a compiled file. */
export interface LoadedMap {
  readonly map: SourceMap
  /** What a map may leave out is not in Node's type. */
  readonly payload: Pick<SourceMapPayload, 'sources'> & {
    readonly sourceRoot?: string
    readonly sourcesContent?: readonly (string | null)[]
  }
  /** The URL that its sources are relative to. */
  readonly base: string
}

/**
 * Reads the map that a script names, from the script itself or from a file beside it.
 *
 * @param script its URL
 * @returns `undefined` if there is none, or if it is broken: the compiled lines are better than nothing
 */
export function loadMap(script: string, sourceMapUrl: string): LoadedMap | undefined {
  try {
    const [, encoding, data] = /^data:application\/json[^,]*?(;base64)?,(.*)$/s.exec(sourceMapUrl) ?? []
    const base = data === undefined ? new URL(sourceMapUrl, script).href : script
    const payload = JSON.parse(
      data === undefined ? readSmall(fileURLToPath(base)) : inline(data, encoding !== undefined),
    ) as SourceMapPayload
    return { map: new SourceMap(payload), payload, base }
  } catch {
    return undefined
  }
}

const inline = (data: string, isBase64: boolean): string =>
  isBase64 ? Buffer.from(data, 'base64').toString() : decodeURIComponent(data)

/** The file that a map calls by a name; `undefined` for a name that a bundler made up: `webpack://…` */
export function sourceFile(name: string, { payload: { sourceRoot }, base }: LoadedMap): string | undefined {
  if (isAbsolute(name)) return name
  const folder = sourceRoot ? sourceRoot.replace(/\/*$/, '/') : ''
  try {
    return fileURLToPath(new URL(name, new URL(folder, base)))
  } catch {
    return undefined
  }
}

/** The text of a source, if the map has it. */
export const sourceText = (name: string, { payload: { sources, sourcesContent } }: LoadedMap): string | undefined =>
  sourcesContent?.[sources.indexOf(name)] ?? undefined

/** Reads a file. Not a pipe, which may never end. */
export function readSmall(file: string): string {
  const stats = statSync(file)
  return stats.isFile() && stats.size < LARGEST ? readFileSync(file, 'utf8') : ''
}
