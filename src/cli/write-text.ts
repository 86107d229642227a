import { writeFileSync } from 'node:fs'
import { Failure } from './failures'

/** @throws Failure for a file that can't be written */
export function writeText(file: string, text: string, shown: string): void {
  try {
    writeFileSync(file, text)
  } catch (error) {
    throw new Failure(`${shown} can't be written: ${(error as Error).message}`)
  }
}
