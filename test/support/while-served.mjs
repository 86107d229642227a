import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { check } from '../../scripts/checks.mjs'

/**
 * Starts a program whose first line is its URL, and ends it when `use` is done. Its further lines are in `seen`.
 *
 * @param args of Node
 */
export async function whileServed(args, cwd, use) {
  const server = spawn(process.execPath, args, { cwd, stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(server, 'exit')
  try {
    const seen = []
    const lines = createInterface({ input: server.stdout })
    const url = await check('the application starts', async () => {
      const [line] = await Promise.race([once(lines, 'line'), ended.then(() => assert.fail('it has ended'))])
      return line
    })
    if (url === undefined) return
    lines.on('line', line => seen.push(line))
    await use(url, seen)
  } finally {
    server.kill()
    await ended
  }
}
