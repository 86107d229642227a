import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseEnv } from 'node:util'
import { SetupError } from '../errors/setup-error'
import type { ConfigOptions } from './options'

/** Values by name, and where they are from. */
export interface Source {
  /** For errors: `.env.local`. */
  readonly origin: string
  /** How its names begin. */
  readonly prefix: string
  readonly values: Readonly<Record<string, unknown>>
}

/** All that a configuration is read from. */
export interface Sources {
  /** The most important first. */
  readonly list: readonly Source[]
  /** Says in an error which files were read. */
  readonly files: string
}

/** Reads the files. @throws SetupError for a file that can't be read, or that the option `files` names and that is missing */
export function readSources({ override = {}, env = process.env, prefix = '', ...options }: ConfigOptions): Sources {
  const { folder = process.cwd(), files } = options
  const names = files ?? defaultFiles(env.NODE_ENV)
  const read = names.flatMap(name => {
    const text = textOf(resolve(folder, name), files === undefined)
    return text === undefined ? [] : [{ origin: name, prefix, values: parseEnv(text) }]
  })
  return {
    list: [
      { origin: 'the option override', prefix: '', values: override as Source['values'] },
      { origin: 'the environment', prefix, values: env },
      ...read,
    ],
    files: sentence(
      names,
      read.map(({ origin }) => origin),
      resolve(folder),
    ),
  }
}

/** As other tools have it. Not `.env.local` for tests: what is in it is only on this machine. */
function defaultFiles(given: string | undefined): string[] {
  const mode = given || 'development'
  return [`.env.${mode}.local`, ...(mode === 'test' ? [] : ['.env.local']), `.env.${mode}`, '.env']
}

function textOf(path: string, mayBeMissing: boolean): string | undefined {
  try {
    return readFileSync(path, 'utf8').replace(/^\uFEFF/, '')
  } catch (error) {
    if (mayBeMissing && (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new SetupError('BAD_CONFIG', `config: the file ${path} can't be read: ${(error as Error).message}`)
  }
}

function sentence(names: readonly string[], read: readonly string[], folder: string): string {
  if (names.length === 0) return 'No files are read: the option files is empty.'
  if (read.length === 0) return `There is no file ${names.join(', ')} in ${folder}.`
  return `The files that were read are ${read.join(', ')} in ${folder}.`
}
