import { ApplicationError } from './failures'

/** Node ends a process that has nothing left to wait for, with the exit code 0: what a command that has not ended says then. */
export const UNSETTLED = 'it waits for something that can no longer happen, such as a promise that nothing settles.'

/**
 * Waits for a promise of the application.
 *
 * @param what for the error
 * @throws ApplicationError when nothing is left that could settle it
 */
export async function orDrained<T>(running: Promise<T>, what: string): Promise<T> {
  let onDrained!: () => void
  const drained = new Promise<never>((_, reject) => {
    onDrained = () => {
      reject(new ApplicationError(`${what} can't end:`, new Error(UNSETTLED)))
    }
  })
  process.once('beforeExit', onDrained)
  try {
    return await Promise.race([running, drained])
  } finally {
    process.off('beforeExit', onDrained)
  }
}
