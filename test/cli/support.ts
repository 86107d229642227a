import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { PassThrough } from 'node:stream'
import { pathToFileURL } from 'node:url'
import { text } from 'node:stream/consumers'
import { main } from '../../src/cli/main'
import type { Io } from '../../src/cli/io'

export const root = join(__dirname, '../..')

/** What a command printed, and its exit code. */
export interface Printed {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs the command in this process, and returns what it printed. */
export async function flaskoa(
  argv: readonly string[],
  given: Partial<Omit<Io, 'stdin'>> & { stdin?: string } = {},
): Promise<Printed> {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()]
  const printed = Promise.all([text(stdout), text(stderr)])
  stdin.end(given.stdin ?? '')
  const io = { cwd: root, env: {}, isTerminal: false, importModule: refuse, ...given, stdin, stdout, stderr }
  const code = await main(argv, io)
  stdout.end()
  stderr.end()
  const [out, err] = await printed
  return { code, stdout: out, stderr: err }
}

const refuse = (url: string) => Promise.reject(new Error(`no import of ${url} is expected`))

/** Runs the command in a process of its own, from its source, on TypeScript as a user would. */
export async function flaskoaProcess(
  argv: readonly string[],
  { cwd = root, stdin = '', env = {} } = {},
): Promise<Printed> {
  const child = spawn(
    process.execPath,
    ['--import', pathToFileURL(require.resolve('tsx')).href, join(__dirname, 'from-source.ts'), ...argv],
    {
      cwd,
      env: { ...process.env, TSX_TSCONFIG_PATH: join(root, 'tsconfig.json'), FORCE_COLOR: '', ...env },
    },
  )
  child.stdin.end(stdin)
  const printed = Promise.all([text(child.stdout), text(child.stderr)])
  const [code] = (await once(child, 'close')) as [number | null]
  const [stdout, err] = await printed
  return { code, stdout, stderr: err }
}

const projects: string[] = []

/** Makes a project of files in a folder of its own. */
export function project(files: Readonly<Record<string, string>>): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'flaskoa-cli-')))
  projects.push(folder)
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), content)
  }
  return folder
}

/** For `afterAll`. */
export function removeProjects(): void {
  for (const folder of projects.splice(0)) rmSync(folder, { recursive: true, force: true })
}
