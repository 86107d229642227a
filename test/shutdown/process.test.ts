import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { ask } from '../support/ask'
import { dialect } from '../support/dialect'

const root = join(__dirname, '../..')

/** Starts a program of `support/` in a process of its own. */
function run(program: string, ...args: string[]) {
  const tsconfig = join(root, dialect === 'legacy' ? 'test/tsconfig.legacy.json' : 'tsconfig.json')
  const child = spawn(process.execPath, ['--import', 'tsx', `test/support/${program}`, ...args], {
    cwd: root,
    env: { ...process.env, TSX_TSCONFIG_PATH: tsconfig },
  })
  const printed = { stdout: '', stderr: '' }
  child.stderr.setEncoding('utf8').on('data', (text: string) => (printed.stderr += text))
  child.stdout.setEncoding('utf8').on('data', (text: string) => (printed.stdout += text))
  const ended = once(child, 'close').then(([status]) => ({ status: status as number | null, ...printed }))
  return { child, printed, ended }
}

async function start() {
  const { child, printed, ended } = run('stopping.ts')
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

describe('@OnStart', () => {
  const message = 'StartError: App.connect: @OnStart failed, so the application did not start: connection refused'

  test('the server keeps its process alive while the methods run', async () => {
    expect(await run('starting.ts', 'starts').ended).toEqual({
      status: 0,
      stdout: 'listening\nbound: false\n',
      stderr: '',
    })
  })

  test('unless it is unref()ed', async () => {
    expect(await run('starting.ts', 'unref').ended).toEqual({ status: 0, stdout: 'bound: false\n', stderr: '' })
  })

  test('a failure that no listener of the server gets ends the process with that error', async () => {
    const { status, stdout, stderr } = await run('starting.ts', 'fails').ended
    expect([status, stdout]).toEqual([1, 'bound: false\n'])
    expect(stderr).toContain(message)
    expect(stderr).toContain('[cause]: Error: connection refused')
  })

  test('with gracefulShutdown as well, after @OnShutdown methods', async () => {
    const { status, stdout, stderr } = await run('starting.ts', 'shutdown').ended
    expect([status, stdout]).toEqual([1, 'shut down\nbound: false\n'])
    expect(stderr).toContain(message)
  })
})
