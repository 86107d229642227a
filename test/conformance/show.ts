import { writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Failure } from './run'
import { toPython } from './show-python'
import { toTypeScript } from './show-typescript'

/** A failure for a reader: what differs, and the program as two files that run, side by side. */
export function show({ program, variant, found }: Failure): string {
  const how = `${variant.dialect} decorators, ${variant.async ? 'async' : 'sync'} methods`
  return [
    `\nflaskoa differs from Flask (${how})\n\n${found.join('\n')}\n`,
    sideBySide(toTypeScript(program), toPython(program)),
    `\nthe program: ${JSON.stringify(program)}\n`,
  ].join('\n')
}

/** Writes the two files and returns their names. */
export function saved({ program }: Failure, seed: number): string[] {
  const files = { ts: toTypeScript(program), py: toPython(program) }
  return Object.entries(files).map(([extension, text]) => {
    const file = join(tmpdir(), `flaskoa-conformance-${seed}.${extension}`)
    writeFileSync(file, `${text}\n`)
    return file
  })
}

function sideBySide(left: string, right: string): string {
  const [ours, theirs] = [left.split('\n'), right.split('\n')]
  const width = Math.max(...ours.map(({ length }) => length))
  const rows = Array.from({ length: Math.max(ours.length, theirs.length) }, (_, index) => index)
  return rows.map(row => `${(ours[row] ?? '').padEnd(width)}  │ ${theirs[row] ?? ''}`.trimEnd()).join('\n')
}
