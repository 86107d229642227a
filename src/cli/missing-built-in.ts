import { readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { toError } from '../errors/describe'
import { projectOf } from './find-app'
import { entriesOf, isForeign } from './project-files'

/**
 * Says which file imports a module that this Node does not have, such as `node:sqlite` in Node 20: Node itself does not say so for ES
 * modules.
 *
 * @param file of the application, which can't be loaded
 * @param folder which the files are named from
 * @returns a part of a sentence; `undefined` for another error
 */
export function missingBuiltIn(error: unknown, file: string, folder: string): string | undefined {
  const { code, message } = toError(error) as NodeJS.ErrnoException
  const [name] = (code === 'ERR_UNKNOWN_BUILTIN_MODULE' && /node:\S+$/.exec(message)) || []
  if (name === undefined) return undefined
  const near = filesWith(name, dirname(file))
  const files = near.length > 0 ? near : filesWith(name, projectOf(dirname(file)))
  const importers = files.map(each => relative(folder, each)).join(' and ')
  const importer = importers === '' ? '' : `, which ${importers} import${files.length === 1 ? 's' : ''}`
  return `Node.js ${process.version} has no module ${name}${importer}`
}

const SOURCE = /\.[cm]?[jt]sx?$/

/** The source files of a folder that have a text in quotes. */
function filesWith(text: string, folder: string): string[] {
  return entriesOf(folder).flatMap(entry => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return isForeign(entry.name) ? [] : filesWith(text, path)
    if (!entry.isFile() || !SOURCE.test(entry.name)) return []
    const source = readFileSync(path, 'utf8')
    return [`'${text}'`, `"${text}"`].some(quoted => source.includes(quoted)) ? [path] : []
  })
}
