import { statSync } from 'node:fs'
import { dirname, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The application's module, if the process was not started with it: the command `flaskoa` loads it. */
let loadedBy: string | undefined

/** Says which file is the entry module, for a program that loads an application. */
export function setEntryModule(file: string | undefined): void {
  loadedBy = file
}

/**
 * The folder of the entry module. A test runner or process manager, which lies in a folder `node_modules`, is none, and neither is
 * a test file that `node --test` runs: then it is the folder of the file that called `caller`.
 *
 * @returns an absolute path
 */
export function entryFolder(caller: (...args: never[]) => unknown): string {
  const entry = loadedBy ?? startedWith()
  return entry === undefined ? resolve(dirname(fileOf(caller) ?? '.')) : folderOf(entry)
}

function startedWith(): string | undefined {
  const entry = process.argv[1]
  const isRunner = process.env.NODE_TEST_CONTEXT !== undefined || entry?.includes(`${sep}node_modules${sep}`)
  return isRunner ? undefined : entry
}

/** `node .` is started with a folder. */
const folderOf = (path: string): string =>
  statSync(path, { throwIfNoEntry: false })?.isDirectory() === true ? path : dirname(path)

/** The file of the code that called `caller`; an ES module has a URL. Not known where the properties of Error are frozen. */
function fileOf(caller: (...args: never[]) => unknown): string | undefined {
  // eslint-disable-next-line @typescript-eslint/unbound-method -- only put back
  const { prepareStackTrace, stackTraceLimit } = Error
  try {
    Error.stackTraceLimit = 1
    Error.prepareStackTrace = (_, sites) => sites
    const trace: { stack?: readonly NodeJS.CallSite[] } = {}
    Error.captureStackTrace(trace, caller)
    const file = trace.stack?.[0]?.getFileName() ?? undefined
    return file?.startsWith('file:') === true ? fileURLToPath(file) : file
  } catch {
    return undefined
  } finally {
    Reflect.set(Error, 'prepareStackTrace', prepareStackTrace)
    Reflect.set(Error, 'stackTraceLimit', stackTraceLimit)
  }
}

/** The text of the error for a folder of an extension that does not exist. `root` is the application's folder. */
export const missingFolder = (what: string, folder: string, root: string): string =>
  `${what}: there is no folder ${folder}. Folders are relative to the option root of bootstrap, here ${root}: give it as ` +
  'root: import.meta.dirname (in CommonJS __dirname), or make the folder.'
