import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import type * as Flaskoa from 'flaskoa'
import type * as Testing from 'flaskoa/testing'
import type * as Check from '../../src/engine/koa-check'

/** In which file of Koa's lib folder, what, and what stands there instead. */
export type Change = readonly [file: string, from: string, to: string]

export interface Loaded {
  readonly flaskoa: typeof Flaskoa
  readonly testing: typeof Testing
  readonly check: typeof Check
}

const folders: string[] = []
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true })
})

/** Loads flaskoa on a copy of Koa with some changes: as a later version of Koa may be. */
export function loadOn(...changes: readonly Change[]): Loaded {
  let loaded: Loaded | undefined
  const koa = join(copyOfKoa(changes), 'lib/application.js')
  jest.doMock('koa', () => jest.requireActual<object>(koa))
  jest.isolateModules(() => {
    loaded = {
      flaskoa: jest.requireActual('flaskoa'),
      testing: jest.requireActual('flaskoa/testing'),
      check: jest.requireActual('../../src/engine/koa-check'),
    }
  })
  jest.dontMock('koa')
  return loaded as Loaded
}

function copyOfKoa(changes: readonly Change[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'flaskoa-koa-'))
  folders.push(folder)
  symlinkSync(resolve('node_modules'), join(folder, 'node_modules'), 'junction')
  const copy = join(folder, 'koa')
  cpSync(dirname(require.resolve('koa/package.json')), copy, { recursive: true })
  for (const [file, from, to] of changes) {
    const path = join(copy, 'lib', file)
    const text = readFileSync(path, 'utf8')
    if (!text.includes(from)) throw new Error(`Koa's ${file} has no ${from}`)
    writeFileSync(path, text.replaceAll(from, to))
  }
  return copy
}
