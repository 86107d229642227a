import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, extname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Io } from './io'
import { ApplicationError, Failure } from './failures'
import { missingBuiltIn } from './missing-built-in'
import { packageOf, projectOf } from './find-app'

const IS_TYPESCRIPT = /\.[cm]?tsx?$/

/**
 * Loads a module of the application, CommonJS or ES module, TypeScript by the project's own tsx.
 *
 * @param shown the file as it is shown in errors
 * @throws ApplicationError with what the module threw
 */
export async function loadModule(
  file: string,
  shown: string,
  { importModule, cwd }: Pick<Io, 'importModule' | 'cwd'>,
): Promise<unknown> {
  await prepareFor(file, shown, importModule)
  try {
    return isModule(file) ? await importModule(pathToFileURL(file).href) : await requireOrImport(file, importModule)
  } catch (error) {
    const missing = missingBuiltIn(error, file, cwd)
    throw new ApplicationError(`${shown} can't be loaded${missing === undefined ? '' : `, because ${missing}`}:`, error)
  }
}

/** Has Node take TypeScript from now on, if a file is TypeScript. @throws Failure if tsx is not installed */
export async function prepareFor(file: string, shown: string, importModule: Io['importModule']): Promise<void> {
  const tsx = tsxFor(file, shown)
  if (tsx !== undefined) await importModule(pathToFileURL(tsx).href)
}

/**
 * What `node --import tsx` loads: it compiles what is required and imported from then on.
 *
 * @returns `undefined` for a file that is no TypeScript
 * @throws Failure if tsx is not installed
 */
export function tsxFor(file: string, shown: string): string | undefined {
  if (!IS_TYPESCRIPT.test(file)) return undefined
  // tsx itself takes the one of the working folder.
  const tsconfig = nearest(dirname(file), 'tsconfig.json')
  if (tsconfig !== undefined) process.env.TSX_TSCONFIG_PATH ??= tsconfig
  try {
    return createRequire(file).resolve('tsx')
  } catch {
    throw new Failure(
      `${shown} is TypeScript, which flaskoa loads with the project's own tsx, and tsx is not installed. Run npm install -D tsx, ` +
        'or name the compiled file: --app dist/app.js.',
    )
  }
}

function nearest(folder: string, name: string): string | undefined {
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(join(at, name))) return join(at, name)
    if (dirname(at) === at) return undefined
  }
}

/** Whether Node takes a file for an ES module. */
function isModule(file: string): boolean {
  const kind = extname(file)[1]
  return kind === 'm' || (kind !== 'c' && packageOf(projectOf(dirname(file))).type === 'module')
}

const NEEDS_IMPORT = ['ERR_REQUIRE_ESM', 'ERR_REQUIRE_ASYNC_MODULE']

/** A file without a type may be an ES module nevertheless, which Node finds out by its syntax. */
async function requireOrImport(file: string, importModule: Io['importModule']): Promise<unknown> {
  try {
    return createRequire(file)(file)
  } catch (error) {
    if (!NEEDS_IMPORT.includes((error as { code?: string }).code as string)) throw error
    return importModule(pathToFileURL(file).href)
  }
}
