import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { ask } from '../support/ask'
import { dialect } from '../support/dialect'

const root = join(__dirname, '../..')

/** Starts `support/stopping.ts` in a process of its own. */
async function start() {
  const tsconfig = join(root, dialect === 'legacy' ? 'test/tsconfig.legacy.json' : 'tsconfig.json')
  const child = spawn(process.execPath, ['--import', 'tsx', 'test/support/stopping.ts'], {
    cwd: root,
    env: { ...process.env, TSX_TSCONFIG_PATH: tsconfig },
  })
  const printed = { stdout: '', stderr: '' }
  child.stderr.setEncoding('utf8').on('data', (text: string) => (printed.stderr += text))
  child.stdout.setEncoding('utf8').on('data', (text: string) => (printed.stdout += text))
  const ended = once(child, 'close').then(([status]) => ({ status: status as number | null, ...printed }))
  const prints = async (text: string) => {
    while (!printed.stdout.includes(text)) await Promise.race([once(child.stdout, 'data'), ended])
  }
  await prints('http://')
  return { child, url: printed.stdout.trim(), ended, prints }
}

test.each(['SIGTERM', 'SIGINT'] as const)('%s: the request in flight ends, then the process', async signal => {
  const { child, url, ended, prints } = await start()
  const answer = ask(`${url}/slow`)
  await prints('slow')
  child.kill(signal)
  expect((await answer).text).toBe('ended')
  expect(await ended).toEqual({ status: 0, stdout: `${url}\nslow\ntorn down\nshut down by ${signal}\n`, stderr: '' })
})

test('a signal that arrives twice at once, as from a terminal to a process group, counts once', async () => {
  const { child, url, ended, prints } = await start()
  const answer = ask(`${url}/slow`)
  await prints('slow')
  child.kill('SIGINT')
  await new Promise(resolve => setTimeout(resolve, 5)) // between two signals that are one: nothing shows the first
  child.kill('SIGINT')
  expect((await answer).text).toBe('ended')
  expect(await ended).toMatchObject({ status: 0, stdout: `${url}\nslow\ntorn down\nshut down by SIGINT\n` })
})

test('an uncaught error is printed and ends the process in the same order', async () => {
  const { url, ended, prints } = await start()
  const answer = ask(`${url}/slow`)
  await prints('slow')
  await ask(`${url}/crash`)
  expect((await answer).text).toBe('ended')
  const { status, stdout, stderr } = await ended
  expect([status, stdout]).toEqual([1, `${url}\nslow\ntorn down\ntorn down\nshut down by undefined\n`])
  expect(stderr).toContain('thrown by /crash')
})
