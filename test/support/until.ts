import { setTimeout as sleep } from 'node:timers/promises'
import { patience } from './pace'

const INTERVAL = 2

/**
 * Waits until a condition holds.
 *
 * @param what the condition in words: the error names it
 */
export async function until(what: string, holds: () => unknown): Promise<void> {
  const deadline = performance.now() + patience(1000)
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`waited in vain until ${what}`)
    await sleep(INTERVAL)
  }
}
