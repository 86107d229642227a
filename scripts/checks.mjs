// Helpers of the test scripts: they print one line for each check, and the counts as the last line.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('..', import.meta.url))

const counts = { passed: 0, failed: 0, skipped: 0 }

/** Runs one check and returns its result. A check fails by throwing: its error is printed, and the other checks still run. */
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

/** Prints the counts. The process fails if a check failed. */
export function summarize() {
  const { passed, failed, skipped } = counts
  console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`)
  if (failed > 0) process.exitCode = 1
}

/** Runs a program and returns its output. Throws, with the output, when it fails or takes longer than 15 minutes. */
export function run(program, args, cwd = root, env = process.env) {
  const limits = { timeout: 900_000, killSignal: 'SIGKILL', maxBuffer: 2 ** 28 }
  const options = { cwd, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], ...limits }
  const { status, signal, stdout, stderr, error } = spawnSync(program, args, options)
  if (status === 0) return stdout
  const end = error?.message ?? (signal === null ? `exit code ${status}` : `killed by ${signal}`)
  throw new Error(`${program} ${args.join(' ')}\n${stdout ?? ''}${stderr ?? ''}${end}`)
}

/** npm is a script, which Windows does not start by its bare name. `npm run` passes its path in the environment. */
export function npm(args, cwd = root) {
  const [program, ...before] = npmCommand()
  return run(program, [...before, ...args], cwd)
}

/** The words that start npm, on a version of Node. */
export function npmCommand(node = process.execPath) {
  const { npm_execpath: script } = process.env
  return script === undefined ? ['npm'] : [node, script]
}
