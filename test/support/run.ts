import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { dialect } from './dialect'

const root = join(__dirname, '../..')

/** Runs a TypeScript program in a process of its own, in the dialect of the running tests, until it ends by itself. */
export async function run(program: string, ...args: string[]) {
  const tsconfig = join(root, dialect === 'legacy' ? 'test/tsconfig.legacy.json' : 'tsconfig.json')
  const child = spawn(process.execPath, ['--import', 'tsx', program, ...args], {
    cwd: root,
    env: { ...process.env, TSX_TSCONFIG_PATH: tsconfig },
  })
  const printed = { stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => (printed.stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (printed.stderr += text))
  const [status] = (await once(child, 'close')) as [number | null]
  return { status, ...printed }
}
