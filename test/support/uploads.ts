import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import os from 'node:os'
import { join } from 'node:path'

const realTmpdir = os.tmpdir()

/** The directory for temporary files of the current test, and of it alone. */
export let temporary: string

beforeEach(() => {
  temporary = mkdtempSync(join(realTmpdir, 'flaskoa-test-'))
  jest.spyOn(os, 'tmpdir').mockImplementation(() => temporary)
})

afterEach(() => {
  jest.restoreAllMocks()
  const left = filesLeft()
  rmSync(temporary, { recursive: true, force: true })
  expect(left).toEqual([]) // a request removes its files, however it ends
})

/** What is there now, with the files in the directories. */
export const filesLeft = (): string[] =>
  existsSync(temporary) ? readdirSync(temporary, { recursive: true }).map(String).sort() : []
