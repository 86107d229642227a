/** What the system says of a path at which there is no file that can be read. */
const MISSING: ReadonlySet<unknown> = new Set(['ENOENT', 'ENOTDIR', 'EISDIR', 'ELOOP', 'ENAMETOOLONG', 'ENXIO'])

/** Whether an error says that there is no such file. Others, such as a missing permission, are the application's to know. */
const isMissing = (error: unknown): boolean => MISSING.has((error as NodeJS.ErrnoException).code)

/** The same promise, but `undefined` if there is no such file. */
export function unlessMissing<T>(found: Promise<T>): Promise<T | undefined> {
  return found.catch((error: unknown) => {
    if (isMissing(error)) return undefined
    throw error
  })
}
