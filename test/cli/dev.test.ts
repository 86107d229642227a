import childProcess, { type ChildProcess } from 'node:child_process'
import { EventEmitter } from 'node:events'
import fs, { type FSWatcher, appendFileSync, mkdirSync, rmSync, utimesSync, watch, writeFileSync } from 'node:fs'
import type { Server } from 'node:http'
import Module from 'node:module'
import { join } from 'node:path'
import { Session } from 'node:inspector'
import { PassThrough } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import type Koa from 'koa'
import { Get, bootstrap } from 'flaskoa'
import { coloursFor } from '../../src/cli/colour'
import { dev } from '../../src/cli/dev'
import { FileWatcher } from '../../src/cli/file-watcher'
import { UsageError } from '../../src/cli/failures'
import type { Io } from '../../src/cli/io'
import { log, note } from '../support/log'
import { until } from '../support/until'
import { project, removeProjects } from './support'

// What the process of `flaskoa dev` does with that of the application, which is no process here. dev-process.test.ts has real ones.

/** A process that does what the test says. */
class FakeChild extends EventEmitter {
  kill(signal: string) {
    note(signal)
  }

  loads(...files: string[]) {
    this.emit('message', { files })
  }

  ends(code: number | null = 0, signal: string | null = null) {
    this.emit('exit', code, signal)
  }
}

const children: FakeChild[] = []
const child = (index: number) => children[index] as FakeChild
const isStarted = (count: number) => until(`process ${count} is started`, () => children.length === count)
const { argv, env } = process
const sessions: Session[] = []
const { connect } = Session.prototype

beforeEach(() => {
  children.length = 0
  jest.spyOn(Session.prototype, 'connect').mockImplementation(function (this: Session) {
    sessions.push(this)
    connect.call(this)
  })
  process.argv = ['node', 'flaskoa', 'dev']
  jest.spyOn(childProcess, 'fork').mockImplementation((...given: unknown[]) => {
    const [program, words, options] = given as [string, string[], { env: NodeJS.ProcessEnv }]
    note([program, ...words, options.env.FLASKOA_DEV_CHILD].join(' '))
    children.push(new FakeChild())
    return children.at(-1) as unknown as ChildProcess
  })
})
afterEach(() => {
  jest.restoreAllMocks()
  // A session that stays keeps the text of each further script of the process, which jest has many of. It may still find one.
  for (const session of sessions.splice(0)) session.disconnect()
  Object.assign(process, { argv, send: () => true })
  delete env.FLASKOA_DEV_CHILD
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGUSR2']) process.removeAllListeners(signal)
})
afterAll(removeProjects)

interface Given {
  readonly cwd?: string
  readonly args?: readonly string[]
  readonly values?: Record<string, string>
  readonly env?: Record<string, string>
  readonly app?: Koa
  readonly write?: (text: string) => void
}

/** Runs the command, in the first process or in that of the application. */
async function run({ cwd = project({}), args = [], values = {}, env = {}, app, write = print }: Given = {}) {
  const output = { write }
  return dev.run({
    io: {
      stdout: output,
      stderr: output,
      stdin: new PassThrough(),
      cwd,
      env,
      importModule: () => Promise.resolve({}),
    } as unknown as Io,
    colours: coloursFor({ isTerminal: false, env: {} }),
    args,
    values,
    load: () => Promise.resolve({ app: app as Koa, project: '' }),
  })
}

const print = (text: string) => note(text.trimEnd())

const STARTED = 'flaskoa dev 1'
const WAITS = 'It starts again when a file changes.'

test('a change of a file that the application has loaded starts it again, once', async () => {
  const cwd = project({ 'src/app.js': '1', 'src/other.js': '1' })
  const code = run({ cwd })
  child(0).loads(join(cwd, 'src/app.js'))
  writeFileSync(join(cwd, 'src/other.js'), '2') // it is not loaded
  writeFileSync(join(cwd, 'src/app.js'), '22')
  await until('the process is to end', () => log.includes('SIGTERM'))
  child(0).ends(null, 'SIGTERM')
  expect(log).toEqual([STARTED, 'SIGTERM', STARTED])
  child(1).loads(join(cwd, 'src/other.js'))
  writeFileSync(join(cwd, 'src/app.js'), '333') // it is loaded no more
  writeFileSync(join(cwd, 'src/other.js'), '333')
  await until('the process is to end again', () => log.length === 4)
  process.emit('SIGTERM')
  child(1).ends()
  expect(await code).toBe(0)
  expect(children).toHaveLength(2)
})

test('a process that does not end by itself is killed', async () => {
  const cwd = project({ 'app.js': '1' })
  const code = run({ cwd })
  child(0).loads(join(cwd, 'app.js'))
  rmSync(join(cwd, 'app.js'))
  await until('it is killed', () => log.includes('SIGKILL'))
  expect(log).toEqual([STARTED, 'SIGTERM', 'SIGKILL'])
  child(0).ends(null, 'SIGKILL')
  await isStarted(2)
  process.emit('SIGINT')
  child(1).ends()
  expect(await code).toBe(0)
})

test('a file that changes while the application starts starts it again', async () => {
  const cwd = project({ 'app.js': '1' })
  const code = run({ cwd })
  const later = new Date(Date.now() + 60_000)
  utimesSync(join(cwd, 'app.js'), later, later)
  child(0).loads(join(cwd, 'app.js'))
  await until('it is to end', () => log.includes('SIGTERM'))
  process.emit('SIGTERM')
  child(0).ends()
  expect(await code).toBe(0)
})

test('after an application that has ended, each change in the project starts it, also a new file', async () => {
  const cwd = project({
    ...{ 'package.json': '{}', 'app.js': '1', 'src/deep/app.js': '1', 'node_modules/koa/x.js': '1', '.git/x': '1' },
    'dev.log': '1',
  })
  const code = run({ cwd })
  child(0).ends(1)
  expect(log).toEqual([STARTED, `The application ended with exit code 1. ${WAITS}`])
  writeFileSync(join(cwd, 'node_modules/koa/x.js'), '2')
  writeFileSync(join(cwd, 'dev.log'), 'a log that grows at each start must not cause the next')
  writeFileSync(join(cwd, 'src/deep/app.js'), '22')
  await isStarted(2)
  child(1).ends(null, 'SIGSEGV')
  expect(log.at(-1)).toBe(`The application ended with SIGSEGV. ${WAITS}`)
  mkdirSync(join(cwd, 'lib'))
  writeFileSync(join(cwd, 'lib/new.js'), '1')
  await isStarted(3)
  child(2).ends(1)
  process.emit('SIGHUP')
  expect(await code).toBe(0)
})

test('a file that is repaired before the application has ended starts it again', async () => {
  const cwd = project({ 'package.json': '{}', 'app.js': '1' })
  const code = run({ cwd })
  const file = join(cwd, 'app.js')
  child(0).loads(file)
  writeFileSync(file, 'broken')
  await until('it is to end', () => log.includes('SIGTERM'))
  child(0).ends()
  await isStarted(2)
  const later = new Date(Date.now() + 60_000)
  utimesSync(file, later, later)
  child(1).ends(1)
  await isStarted(3)
  process.emit('SIGTERM')
  child(2).ends()
  expect(await code).toBe(0)
})

test('the output of the command may go to a file of the project', async () => {
  const cwd = project({ 'package.json': '{}', 'app.js': '1', output: '' })
  const changes: string[] = []
  const code = run({ cwd, write: text => appendFileSync(join(cwd, 'output'), text) })
  const watcher = watch(cwd, (_, name) => changes.push(String(name)))
  child(0).ends(1)
  await until('the change of the output is seen', () => changes.includes('output'))
  // Longer than it takes to look at the files after a change.
  await sleep(100)
  expect(children).toHaveLength(1)
  watcher.close()
  process.emit('SIGTERM')
  expect(await code).toBe(0)
})

test.each<[string, Given, string]>([
  ['TypeScript without tsx', { cwd: project({ 'src/app.ts': '' }) }, 'src/app.ts is TypeScript, which flaskoa loads'],
  [
    'a program without tsx',
    { cwd: project({ 'serve.ts': '' }), args: ['serve.ts'] },
    'Run npm install -D tsx, or name',
  ],
  ['a program that does not exist', { args: ['src/sever.js'] }, 'src/sever.js.'],
  ['no application', {}, 'There is no application in'],
  ['no file', { values: { app: 'src/ap.ts' } }, '--app: there is no file'],
])('with %s the command ends at once: no change of a file would help', async (_, given, message) => {
  await expect((async () => run(given))()).rejects.toThrow(message)
  expect(log).toEqual([])
})

test('an event of a file that has not changed is no change', () => {
  const watch = jest.spyOn(fs, 'watch').mockReturnValue(new EventEmitter() as FSWatcher)
  jest.useFakeTimers()
  const watcher = new FileWatcher(
    () => note('changed'),
    line => note(line),
  )
  const file = join(project({ 'app.js': '1' }), 'app.js')
  watcher.add([file], Date.now() + 60_000)
  const event = watch.mock.calls[0]?.[1] as unknown as () => void
  event()
  jest.runAllTimers()
  expect(log).toEqual([])
  rmSync(file)
  event()
  jest.runAllTimers()
  expect(log).toEqual(['changed'])
  jest.useRealTimers()
})

test('folders that can not be watched are named, and folders that are gone are no error', async () => {
  const folder = project({ 'a/x.js': '1' })
  const watcher = new FileWatcher(
    () => note('changed'),
    line => note(line),
  )
  watcher.add(['/nowhere/app.js'], Date.now())
  expect(log).toEqual([expect.stringMatching(/^Changes in \/nowhere are not seen: ENOENT/)])
  const failing = new EventEmitter()
  const watch = jest.spyOn(fs, 'watch').mockReturnValueOnce(failing as FSWatcher)
  watcher.add([join(folder, 'b/y.js')], Date.now())
  failing.emit('error', new Error('too many'))
  watch.mockRestore()
  mkdirSync(join(folder, 'b'))
  watcher.addFolder(folder)
  rmSync(folder, { recursive: true })
  await until('the change is seen', () => log.includes('changed'))
  watcher.close()
})

test.each<[Given, string]>([
  [{ values: { port: 'x' } }, 'The port must be a whole number from 0 to 65535, not x. See flaskoa dev --help.'],
  [{ env: { PORT: '-1' } }, 'The port must be a whole number'],
  [
    { args: ['src/server.ts'], values: { port: '1' } },
    'src/server.ts listens itself: leave the options out. See flaskoa dev --help.',
  ],
])('%j is a wrong call', async (given, message) => {
  await expect(run(given)).rejects.toThrow(UsageError)
  await expect(run(given)).rejects.toThrow(message)
})

describe('in the process of the application', () => {
  const sent: string[] = []
  beforeEach(() => {
    sent.length = 0
    env.FLASKOA_DEV_CHILD = '1'
    Object.assign(process, {
      send: ({ files }: { files: string[] }) => Boolean(sent.push(...files)),
      channel: { unref: () => note('unref') },
    })
  })
  const isChild = { FLASKOA_DEV_CHILD: '1' }

  test.each([
    ['127.0.0.1', /^http:\/\/127\.0\.0\.1:\d+$/],
    ['::1', /^http:\/\/\[::1\]:\d+$/],
  ])('the application is served on %s, and its files are reported', async (host, url) => {
    const kill = jest.spyOn(process, 'kill').mockReturnValue(true)
    const once = jest.spyOn(process, 'once')
    class App {
      @Get('/') index() {
        return 'hello'
      }
    }
    const app = bootstrap(App, { logger: false })
    const listen = jest.spyOn(app, 'listen')
    const served = run({ env: { ...isChild, PORT: '0', HOST: host }, app })
    await until('it listens', () => log.some(line => line.startsWith('http')))
    expect(env.FLASKOA_DEV_CHILD).toBeUndefined()
    expect(log).toEqual(['unref', expect.stringMatching(url)])
    expect(await (await fetch(log[1] as string)).text()).toBe('hello')
    await until('the files are reported', () => sent.includes(__filename))
    expect(sent.filter(file => file.includes('node_modules') || file.includes('/src/cli/'))).toEqual([])
    const [, disconnected] = once.mock.calls.find(([name]) => name === 'disconnect') as unknown as [string, () => void]
    disconnected()
    expect(kill).toHaveBeenCalledWith(process.pid, 'SIGTERM')
    await until('it is killed if that did not end it', () => kill.mock.lastCall?.[1] === 'SIGKILL')
    const server = listen.mock.results[0]?.value as Server
    server.close()
    void served
  })

  test('a file is run as the program', async () => {
    const runMain = jest.spyOn(Module, 'runMain').mockImplementation(() => note(String(process.argv[1])))
    const cwd = project({ 'src/server.js': '', 'src/server.ts': '' })
    void run({ cwd, args: ['src/server.js'], env: isChild })
    await until('it runs', () => runMain.mock.calls.length === 1)
    expect(process.argv).toEqual(['node', join(cwd, 'src/server.js')])
    await expect(run({ cwd, args: ['src/server.ts'], env: isChild })).rejects.toThrow('tsx is not installed')
    await expect(run({ cwd, args: ['src/sever.js'], env: isChild })).rejects.toThrow(
      `There is no file ${cwd}/src/sever.js.`,
    )
  })
})
