import { readdirSync, readFileSync, statSync, type Stats } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { didYouMean } from '../errors/did-you-mean'
import { TemplateNotFound } from '../jinja/template-error'

/** A template's file. */
export interface TemplateFile {
  readonly path: string
  /** Differs once the file has changed. */
  readonly version: string
}

/** The folders of an application's templates, in the order in which they are searched. */
export class Folders {
  /** @param paths absolute */
  constructor(private readonly paths: readonly string[]) {}

  /**
   * The file of a template, in the first folder that has it; `undefined` if there is none.
   *
   * @param name below a folder, with slashes. It may come from a client, so that nothing in it leads out of the folders.
   */
  find(name: string): TemplateFile | undefined {
    if (!isInside(name)) return undefined
    for (const folder of this.paths) {
      const path = join(folder, name)
      const stats = statsOf(path)
      if (stats?.isFile()) return { path, version: `${stats.mtimeMs} ${stats.size}` }
    }
    return undefined
  }

  /** The error for a template that is not there. It names the folders and the nearest template, for which it reads all folders. */
  notFound(name: string): TemplateNotFound {
    const where = this.paths.length === 0 ? '' : ` in ${this.paths.map(shortened).join(' or ')}`
    return new TemplateNotFound(`there is no template '${name}'${where}.${this.#hint(name)}`)
  }

  #hint(name: string): string {
    const known = this.paths.flatMap(templatesIn)
    return known.length === 0 ? ' There are no templates at all.' : didYouMean(name, known)
  }
}

export const textOf = ({ path }: TemplateFile): string => readFileSync(path, 'utf8')

/** What there is at a path; `undefined` also for one that no file can have: it is too long, or goes through a file. */
function statsOf(path: string): Stats | undefined {
  try {
    return statSync(path)
  } catch {
    return undefined
  }
}

/** Whether a name is a path of plain parts. */
function isInside(name: string): boolean {
  const parts = name.split('/')
  return !/[\\\0]/.test(name) && parts.every(part => part !== '' && part !== '.' && part !== '..')
}

/** More names than this are no help. */
const MOST_NAMES = 1000

/** The names of the templates in a folder, for an error message. */
function templatesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .slice(0, MOST_NAMES)
    .map(entry => relative(folder, join(entry.parentPath, entry.name)).replaceAll(sep, '/'))
}

/** A path as developers know it: from the folder that the process runs in. */
function shortened(path: string): string {
  const short = relative(process.cwd(), path)
  return short === '' || short.startsWith('..') ? path : short
}
