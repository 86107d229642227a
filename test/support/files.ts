import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** When the files of `folderWith` were changed last: so long ago that their entity tags are strong. */
export const CHANGED = new Date('2020-01-02T03:04:05Z')

/** Makes a folder with files, by their paths. It is removed after the tests of the file. */
export function folderWith(files: Readonly<Record<string, string | Buffer>>): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'flaskoa-files-')))
  for (const [path, content] of Object.entries(files)) put(join(folder, path), content)
  afterAll(() => rmSync(folder, { recursive: true }))
  return folder
}

/** Writes a file that was changed last at `CHANGED`. */
export function put(path: string, content: string | Buffer, changed = CHANGED): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, content)
  utimesSync(path, changed, changed)
}

/** The files of a folder that this process has open. */
export const openFiles = (folder: string): string[] =>
  readdirSync('/proc/self/fd').flatMap(fd => {
    const path = linkOf(`/proc/self/fd/${fd}`)
    return path.startsWith(`${folder}/`) ? [path] : []
  })

/** The descriptor of the folder itself is closed again by now. */
function linkOf(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}
