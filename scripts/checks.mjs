// What the scripts that test have in common: one line for each check, and the counts as the last line.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('..', import.meta.url))

const counts = { passed: 0, failed: 0, skipped: 0 }

/** Runs one check and returns what it does. It fails by throwing: that is printed, and the others still run. */
export async function check(name, body) {
  try {
    const result = await body()
    counts.passed++
    console.log(`ok   ${name}`)
    return result
  } catch (error) {
    counts.failed++
    console.log(`FAIL ${name}\n${indent(error.message)}`)
  }
}

export function skip(name, reason) {
  counts.skipped++
  console.log(`skip ${name}\n${indent(reason)}`)
}

const indent = text => text.trim().replace(/^/gm, '     ')

/** Prints the counts; the process fails when a check did. */
export function summarize() {
  const { passed, failed, skipped } = counts
  console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`)
  if (failed > 0) process.exitCode = 1
}

/** What a program prints. Throws, with all that it said, when it fails or takes a quarter of an hour. */
export function run(program, args, cwd = root) {
  const limits = { timeout: 900_000, killSignal: 'SIGKILL', maxBuffer: 2 ** 28 }
  const options = { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], ...limits }
  const { status, signal, stdout, stderr, error } = spawnSync(program, args, options)
  if (status === 0) return stdout
  const end = error?.message ?? (signal === null ? `exit code ${status}` : `killed by ${signal}`)
  throw new Error(`${program} ${args.join(' ')}\n${stdout ?? ''}${stderr ?? ''}${end}`)
}

/** npm, which is a script that Windows doesn't start by its bare name: `npm run` says where it is. */
export function npm(args, cwd = root) {
  const { npm_execpath: script } = process.env
  return script === undefined ? run('npm', args, cwd) : run(process.execPath, [script, ...args], cwd)
}
