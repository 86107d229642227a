import cluster, { type Worker } from 'node:cluster'
import { EventEmitter } from 'node:events'
import type { Server } from 'node:http'
import type Koa from 'koa'
import { Get, OnStart, bootstrap } from 'flaskoa'
import { coloursFor } from '../../src/cli/colour'
import { UsageError } from '../../src/cli/failures'
import type { Io } from '../../src/cli/io'
import { serve } from '../../src/cli/serve'
import { ask } from '../support/ask'
import { settled } from '../support/gate'
import { log, note } from '../support/log'
import { portOf } from '../support/serve'
import { until } from '../support/until'

// What the process of `flaskoa serve` does with its workers, which are no processes here. serve.test.ts has real ones.

/** A worker that does what the test says. */
class FakeWorker extends EventEmitter {
  readonly process: { readonly pid: number; kill(signal: string): void }

  constructor(pid: number) {
    super()
    this.process = { pid, kill: signal => note(`${signal} to ${pid}`) }
  }

  listens(address: string | null = '127.0.0.1') {
    this.emit('listening', { address, port: 5000 })
  }

  ends(code: number | null = 0, signal: string | null = null) {
    this.emit('exit', code, signal)
  }
}

const forked: FakeWorker[] = []
const [worker, fresh] = [(pid: number) => forked[pid] as FakeWorker, (count: number) => forked.length === count]

beforeEach(() => {
  forked.length = 0
  jest.spyOn(cluster, 'fork').mockImplementation(() => {
    forked.push(new FakeWorker(forked.length))
    return forked.at(-1) as unknown as Worker
  })
})
afterEach(() => {
  jest.restoreAllMocks()
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.removeAllListeners(signal)
})

const output = { write: (text: string) => note(text.trimEnd()) }

/** Runs the command, in the first process or in a worker. */
function run(values: Record<string, string | boolean> = {}, app?: Koa, env = {}) {
  return serve.run({
    io: { stdout: output, stderr: output, env } as unknown as Io,
    colours: coloursFor({ isTerminal: false, env: {} }),
    args: [],
    values,
    load: () => Promise.resolve({ app: app as Koa, project: '' }),
  })
}

test('a signal ends all workers, a second one within a second is the same, a later one kills them', async () => {
  const code = run({ workers: '2' })
  worker(0).listens()
  worker(1).listens('::1')
  const clock = jest.spyOn(performance, 'now').mockReturnValue(1)
  process.emit('SIGTERM')
  clock.mockReturnValue(1002)
  process.emit('SIGINT')
  worker(0).ends()
  worker(1).ends(null, 'SIGKILL')
  expect(await code).toBe(1)
  expect(log).toEqual([
    'Worker 0 listens on http://127.0.0.1:5000',
    'Worker 1 listens on http://[::1]:5000',
    ...['SIGTERM to 0', 'SIGTERM to 1', 'SIGKILL to 0', 'SIGKILL to 1'],
    'Worker 1 ended with SIGKILL.',
  ])
})

test('a worker that is ended before it listens to signals has ended well, if it was to end', async () => {
  const code = run({ workers: '1' })
  worker(0).listens()
  process.emit('SIGHUP')
  process.emit('SIGTERM')
  worker(1).ends(null, 'SIGTERM')
  worker(0).ends()
  expect(await code).toBe(0)
  expect(log.slice(1)).toEqual(['SIGTERM to 0', 'SIGTERM to 1'])
})

test('without --workers there is one for each processor', async () => {
  const code = run()
  expect(forked.length).toBeGreaterThan(0)
  worker(0).listens(null)
  expect(log).toEqual(['Worker 0 listens on http://localhost:5000'])
  process.emit('SIGTERM')
  for (const each of forked) each.ends()
  expect(await code).toBe(0)
})

test('a dead worker is replaced, and the command goes on', async () => {
  const code = run({ workers: '1' })
  worker(0).listens()
  const start = performance.now()
  const clock = jest.spyOn(performance, 'now').mockReturnValue(start + 20_000)
  worker(0).ends(1)
  clock.mockRestore()
  await until('there is a second worker', () => fresh(2))
  worker(1).ends(1)
  process.emit('SIGTERM')
  expect(await code).toBe(0)
  expect(log.slice(1)).toEqual(['Worker 0 ended with exit code 1.', 'Worker 1 ended with exit code 1.'])
})

test('if none could ever start, the command ends', async () => {
  const code = run({ workers: '2' })
  worker(0).ends(1)
  expect(log).toEqual(['Worker 0 ended with exit code 1.', 'SIGTERM to 1'])
  worker(1).ends()
  expect(await code).toBe(1)
})

describe('SIGHUP', () => {
  test('replaces the workers one by one; another SIGHUP meanwhile changes nothing', async () => {
    const code = run({ workers: '2' })
    worker(0).listens()
    worker(1).listens()
    process.emit('SIGHUP')
    process.emit('SIGHUP')
    expect(fresh(3)).toBe(true)
    worker(2).listens()
    await settled()
    expect(log.slice(3)).toEqual(['SIGTERM to 0'])
    worker(0).ends()
    await settled()
    worker(3).listens()
    await settled()
    worker(1).ends()
    await settled()
    expect(log.slice(4)).toEqual(['Worker 3 listens on http://127.0.0.1:5000', 'SIGTERM to 1', 'All workers are new.'])
    process.emit('SIGTERM')
    worker(2).ends()
    worker(3).ends()
    expect(await code).toBe(0)
  })

  test('leaves the workers as they are if a new one does not start', async () => {
    const code = run({ workers: '1' })
    worker(0).listens()
    process.emit('SIGHUP')
    worker(1).ends(1)
    await settled()
    expect(log.slice(1)).toEqual([
      'Worker 1 ended with exit code 1.',
      'The new worker did not start: the others stay as they are.',
    ])
    expect(fresh(2)).toBe(true)
    process.emit('SIGTERM')
    worker(0).ends()
    expect(await code).toBe(0)
  })

  test('passes over workers that died meanwhile, and ends with a shutdown', async () => {
    const code = run({ workers: '3' })
    for (const each of [...forked]) each.listens()
    process.emit('SIGHUP')
    worker(0).ends(1)
    worker(1).ends(1)
    worker(3).listens()
    await settled()
    expect(log.filter(line => line.startsWith('SIGTERM'))).toEqual([])
    expect(fresh(5)).toBe(true)
    process.emit('SIGTERM')
    worker(4).listens()
    await settled()
    worker(2).ends()
    for (const each of forked.slice(3)) each.ends()
    expect(await code).toBe(0)
    await settled()
    expect(log).not.toContain('All workers are new.')
  })
})

test.each([
  [{ workers: '0' }, {}, '--workers must be a whole number from 1 to 1024, not 0.'],
  [{ workers: 'two' }, {}, '--workers must be a whole number from 1 to 1024, not two.'],
  [{}, { PORT: '70000' }, 'The port must be a whole number from 0 to 65535, not 70000.'],
  [{ timeout: '-1' }, {}, '--timeout must be a whole number from 1 to 2147483647, not -1.'],
])('%j with %j is a usage error', async (values, env, message) => {
  const expected = new UsageError(`${message} See flaskoa serve --help.`)
  await expect(run(values as Record<string, string>, undefined, env)).rejects.toEqual(expected)
  expect(forked).toEqual([])
})

describe('a worker', () => {
  beforeEach(() => {
    jest.replaceProperty(cluster, 'isWorker', true)
  })

  function application(starts: boolean) {
    class App {
      @OnStart() start() {
        if (!starts) throw new Error('refused')
      }
      @Get('/') index() {
        return 'index'
      }
    }
    return bootstrap(App, { logger: false })
  }

  test('serves until a signal ends the process', async () => {
    const app = application(true)
    const listen = jest.spyOn(app, 'listen')
    void run({ port: '0', host: '127.0.0.1', 'trust-proxy': true, timeout: '1000' }, app)
    await until('it listens', () => (listen.mock.results[0]?.value as Server | undefined)?.listening)
    const server = listen.mock.results[0]?.value as Server
    await settled()
    expect((await ask(`http://127.0.0.1:${portOf(server)}/`)).text).toBe('index')
    expect(app.proxy).toBe(true)
    const exited = new Promise(resolve =>
      jest.spyOn(process, 'exit').mockImplementation(code => resolve(code) as never),
    )
    process.emit('SIGTERM')
    expect(await exited).toBe(0)
  })

  test('fails with the error of its start', async () => {
    await expect(run({ port: '0' }, application(false))).rejects.toThrow('App.start: @OnStart failed')
  })
})
