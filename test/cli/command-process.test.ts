import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { patience } from '../support/pace'
import { until } from '../support/until'
import { project, removeProjects, root } from './support'

// Commands of an application in processes of their own: signals, pipes, what Node does at their end.

jest.setTimeout(patience(20_000))
afterAll(removeProjects)

const APP = `import * as exported from 'flaskoa'
const { Command, OnShutdown, OnStart, TeardownAppContext, bootstrap, currentApp } = exported
// Later, or a signal might come while the method still computes.
const ready = () => new Promise<void>(resolve => setImmediate(() => resolve(console.error('ready'))))
class App {
  @OnStart() open() { console.error('open') }
  @OnShutdown() close(signal?: string) { console.error('close', signal) }
  @TeardownAppContext() release(error?: Error) { console.error('release', error?.message) }
  @Command('wait') async wait() { await ready(); await new Promise(resolve => setTimeout(resolve, 600_000)) }
  @Command('stay') async stay() {
    const { shutdownSignal } = currentApp() as exported.Application
    await ready()
    await new Promise(() => setInterval(() => shutdownSignal!.aborted, 1000))
  }
  @Command('compute') compute() { console.error('ready'); for (;;); }
  @Command('never') never() { return new Promise(() => undefined) }
  @Command('print') async print() { for (;;) { console.log('a line'); await new Promise(resolve => setTimeout(resolve, 1)) } }
  @Command('code') code() { process.exitCode = 5 }
  @Command('exit') exit() { process.exit(7) }
  @Command('left') left() { setInterval(() => undefined, 1000) }
  @Command('unheard') async unheard() { await ready(); void Promise.reject(new Error('not caught')); await this.wait() }
}
export const app = bootstrap(App, { logger: false })
`
const cwd = project({ 'app.ts': APP, 'package.json': '{}' })
symlinkSync(join(root, 'node_modules'), join(cwd, 'node_modules'))

/** Starts `flaskoa COMMAND`. */
function start(command: string) {
  const program = ['--import', pathToFileURL(require.resolve('tsx')).href, join(__dirname, 'from-source.ts'), command]
  const child = spawn(process.execPath, program, {
    cwd,
    env: { ...process.env, TSX_TSCONFIG_PATH: join(root, 'tsconfig.json') },
  })
  const printed = { text: '' }
  child.stderr.setEncoding('utf8').on('data', (text: string) => (printed.text += text))
  const ended = once(child, 'close') as Promise<[number | null, string | null]>
  const isReady = () => until('it runs', () => printed.text.includes('ready'))
  return { child, printed, ended, isReady }
}

/** What the start of the application has printed: its context has a teardown of its own. */
const STARTED = 'open\nrelease undefined\n'

test.each(['SIGINT', 'SIGTERM'] as const)('%s ends a command with its teardown, and exit code 1', async signal => {
  const { child, printed, ended, isReady } = start('wait')
  await isReady()
  child.kill(signal)
  expect(await ended).toEqual([1, null])
  expect(printed.text).toBe(
    `${STARTED}ready\nAborted!\nrelease The command was aborted by ${signal}\nclose ${signal}\n`,
  )
})

test('Ctrl-C ends one that computes without await', async () => {
  const { child, printed, ended, isReady } = start('compute')
  await isReady()
  child.kill('SIGINT')
  expect(await ended).toEqual([1, null])
  expect(printed.text).toBe(`${STARTED}ready\nAborted!\nrelease The command was aborted by SIGINT\nclose SIGINT\n`)
})

test('a second Ctrl-C ends the process, also of a command that does not end', async () => {
  const { child, printed, ended, isReady } = start('stay')
  await isReady()
  child.kill('SIGINT')
  await until('it is aborted', () => printed.text.includes('Aborted!'))
  // Signals within a second count as one.
  const timer = setInterval(() => child.kill('SIGINT'), 100)
  expect(await ended).toEqual([1, null])
  clearInterval(timer)
  expect(printed.text).toBe(`${STARTED}ready\nAborted!\n`)
})

test('a command whose output is no longer read ends without a stack', async () => {
  const { child, printed, ended } = start('print')
  child.stdout.once('data', () => child.stdout.destroy())
  expect(await ended).toEqual([1, null])
  expect(printed.text).toBe(`${STARTED}release The output of the command was closed\nclose undefined\n`)
})

test.each([
  ['code', 5, 'release undefined\nclose undefined\n'],
  ['exit', 7, ''],
  ['left', 0, 'release undefined\nclose undefined\n'],
  ['never', 1, 'release flaskoa never can'],
  ['unheard', 1, 'ready\nrelease not caught\nclose undefined\nflaskoa unheard failed:\n\nError: not caught\n'],
])('flaskoa %s ends with exit code %i', async (command, code, text) => {
  const { ended, printed } = start(command)
  expect(await ended).toEqual([code, null])
  expect(printed.text.slice(0, STARTED.length + text.length)).toBe(STARTED + text)
})
