import { existsSync, readFileSync, statSync } from 'node:fs'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { isRecord } from '../util/is-record'
import type { Io } from './io'
import { Failure, UsageError } from './failures'

/** Where the application is: a file, and what to take of it. */
export interface AppPlace {
  readonly file: string
  /** The export; `undefined`: found by convention. */
  readonly name: string | undefined
  /** What the factory is called with; `undefined`: nothing was said. */
  readonly args: readonly unknown[] | undefined
  /** Where the place comes from, for errors. */
  readonly from: string
}

/** The folders and files of the convention, in their order: the source before what is compiled from it. */
const FOLDERS = ['src', '.', 'dist']
const EXTENSIONS = ['ts', 'mts', 'cts', 'js', 'mjs', 'cjs']

/**
 * Finds the application as Flask does: by the option `--app`, the environment, package.json, or by convention.
 *
 * @param given the option `--app`
 * @throws Failure that says what was tried
 */
export function findApp(given: string | undefined, { cwd, env }: Pick<Io, 'cwd' | 'env'>): AppPlace {
  if (given !== undefined) return placeOf(given, cwd, '--app')
  const { FLASKOA_APP } = env
  if (FLASKOA_APP !== undefined && FLASKOA_APP !== '') return placeOf(FLASKOA_APP, cwd, 'FLASKOA_APP')
  const project = projectOf(cwd)
  const configured = configuredApp(project)
  if (configured !== undefined) return placeOf(configured, project, 'package.json')
  return byConvention(project, cwd)
}

/** The folder of the nearest package.json. */
export function projectOf(folder: string): string {
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(join(at, 'package.json'))) return at
    if (dirname(at) === at) return folder
  }
}

/** What package.json of a folder has; an empty object if there is none. */
export function packageOf(folder: string): Readonly<Record<string, unknown>> {
  const file = join(folder, 'package.json')
  if (!existsSync(file)) return {}
  try {
    const found: unknown = JSON.parse(readFileSync(file, 'utf8'))
    return isRecord(found) ? found : {}
  } catch (error) {
    throw new Failure(`${file} can't be read: ${(error as Error).message}`)
  }
}

function configuredApp(project: string): string | undefined {
  const { flaskoa } = packageOf(project)
  if (!isRecord(flaskoa) || flaskoa.app === undefined) return undefined
  if (typeof flaskoa.app === 'string') return flaskoa.app
  throw new Failure('package.json: "flaskoa": { "app": … } must be a text, for instance "src/app.ts:createApp".')
}

/** `src/app.ts`, `src/app.ts:createApp`, `src/app.ts:createApp("x", 1)` */
const SPEC = /^(?<path>.+?)(?::(?<name>[\p{ID_Start}$_][\p{ID_Continue}$]*)\s*(?:\((?<args>.*)\))?)?$/su

function placeOf(given: string, base: string, from: string): AppPlace {
  const { path = '', name, args } = SPEC.exec(given.trim())?.groups ?? {}
  const file = resolve(base, path)
  const found = [file, ...EXTENSIONS.map(extension => `${file}.${extension}`)].find(isFile)
  if (found === undefined) throw new Failure(`${from}: there is no file ${file}.`)
  return { file: found, name, args: args === undefined ? undefined : argumentsIn(args, given, from), from }
}

function argumentsIn(text: string, given: string, from: string): unknown[] {
  try {
    return JSON.parse(`[${text}]`) as unknown[]
  } catch {
    throw new UsageError(
      `${from}: the arguments in ${given} must be JSON, for instance createApp("test", { "debug": true }).`,
    )
  }
}

const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() === true

function byConvention(project: string, cwd: string): AppPlace {
  const files = FOLDERS.flatMap(folder => EXTENSIONS.map(extension => join(project, folder, `app.${extension}`)))
  const file = files.find(isFile)
  if (file !== undefined) return { file, name: undefined, args: undefined, from: relative(cwd, file) }
  const tried = FOLDERS.map(folder => join(folder, `app.{${EXTENSIONS.join(',')}}`)).join(', ')
  throw new Failure(
    `There is no application in ${basename(project)}: no ${tried}. Say where it is: --app src/app.ts:createApp, the variable ` +
      'FLASKOA_APP, or "flaskoa": { "app": "src/app.ts:createApp" } in package.json.',
  )
}
