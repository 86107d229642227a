import { PassThrough } from 'node:stream'
import { setImmediate as idle, setTimeout as sleep } from 'node:timers/promises'
import type Koa from 'koa'
import { Command, OnShutdown, OnStart, TeardownAppContext, bootstrap, currentApp, type Application } from 'flaskoa'
import { main } from '../../src/cli/main'
import { log, note } from '../support/log'
import { flaskoa, project, removeProjects } from './support'

// What a process does that runs a command is in command-process.test.ts.

const cwd = project({ 'app.js': 'exports.createApp = () => globalThis.commandApplication' })
afterAll(removeProjects)

const EVENTS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'uncaughtException', 'beforeExit'] as const
const listeners = () => EVENTS.map(name => process.listenerCount(name))
const before = listeners()
afterEach(() => {
  process.exitCode = undefined
  expect(listeners()).toEqual(before)
})

/** Has something happen to the process once it is idle. */
const later = (name: (typeof EVENTS)[number], ...given: unknown[]) =>
  void setImmediate(() => process.emit(name as 'disconnect', ...(given as [])))
const forever = () => new Promise<never>(() => undefined)

class Base {
  #hasStarted = false

  @OnStart() open(): unknown {
    return note('open')
  }

  @OnShutdown() close(signal: string | undefined): unknown {
    return note(`close ${signal}`)
  }

  @TeardownAppContext() release(error: Error | undefined) {
    if (this.#hasStarted) note(`release ${error}`)
    this.#hasStarted = true
  }
}

/** Runs the command `run` of a class. */
function run(App: new () => Base) {
  serve(App)
  return flaskoa(['run'], { cwd })
}

function serve(App: new () => Base) {
  const logger = { error: (_: unknown, text: string) => note(text) }
  ;(globalThis as { commandApplication?: Koa }).commandApplication = bootstrap(App, { logger })
}

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s ends a command, with its teardown', async signal => {
  class App extends Base {
    @Command('run') run() {
      later(signal, signal)
      return forever()
    }
  }
  expect(await run(App)).toEqual({ code: 1, stdout: '', stderr: 'Aborted!\n' })
  expect(log).toEqual(['open', `release AbortError: The command was aborted by ${signal}`, `close ${signal}`])
})

test('a method that listens to app.shutdownSignal ends by itself, before the teardown', async () => {
  class App extends Base {
    @Command('run') async run() {
      later('SIGINT', 'SIGINT')
      try {
        await sleep(60_000, undefined, {
          signal: (currentApp() as Application).shutdownSignal as AbortSignal,
          ref: false,
        })
      } finally {
        await sleep(1)
        note('rolled back')
      }
    }
  }
  expect(await run(App)).toEqual({ code: 1, stdout: '', stderr: 'Aborted!\n' })
  expect(log).toEqual(['open', 'rolled back', 'release AbortError: The command was aborted by SIGINT', 'close SIGINT'])
})

test('and is aborted nevertheless if it returns', async () => {
  class App extends Base {
    @Command('run') run() {
      const { shutdownSignal } = currentApp() as Application
      process.emit('SIGINT', 'SIGINT')
      note(String(shutdownSignal?.aborted))
    }
  }
  expect(await run(App)).toMatchObject({ code: 1, stderr: 'Aborted!\n' })
  expect(log).toEqual(['open', 'true', 'release AbortError: The command was aborted by SIGINT', 'close SIGINT'])
})

test('Ctrl-C ends a method that computes without await', async () => {
  class App extends Base {
    @Command('run') run() {
      process.kill(process.pid, 'SIGINT')
      for (;;);
    }
  }
  expect(await run(App)).toMatchObject({ code: 1, stderr: 'Aborted!\n' })
  expect(log.slice(1)).toEqual(['release AbortError: The command was aborted by SIGINT', 'close SIGINT'])
})

test('an @OnStart method that is interrupted is not waited for', async () => {
  class App extends Base {
    @OnStart() connect() {
      later('SIGINT', 'SIGINT')
      return forever()
    }

    @Command('run') run() {
      note('run')
    }
  }
  expect(await run(App)).toMatchObject({ code: 1, stderr: 'Aborted!\n' })
  expect(log).toEqual(['open'])
})

test('a signal at the end of a command does not end its teardown', async () => {
  class App extends Base {
    @Command('run') run() {
      note('run')
    }

    override async close() {
      process.emit('SIGTERM', 'SIGTERM')
      await sleep(1)
      note('closed')
    }
  }
  expect(await run(App)).toMatchObject({ code: 1, stderr: 'Aborted!\n' })
  expect(log).toEqual(['open', 'run', 'release undefined', 'closed'])
})

test.each(['stdout', 'stderr'] as const)('a command whose %s is closed is ended without a message', async name => {
  const streams = { stdin: new PassThrough(), stdout: new PassThrough(), stderr: new PassThrough() }
  class App extends Base {
    @Command('run') run() {
      setImmediate(() => streams[name].emit('error', new Error('write EPIPE')))
      return forever()
    }
  }
  serve(App)
  const code = await main(['run'], { ...streams, cwd, env: {}, isTerminal: false, importModule: forever })
  expect([code, streams.stdout.read(), streams.stderr.read()]).toEqual([1, null, null])
  expect(log.slice(1)).toEqual(['release AbortError: The output of the command was closed', 'close undefined'])
})

test('an error that no code catches fails the command, and a further one is reported', async () => {
  class App extends Base {
    @Command('run') run() {
      setImmediate(() => {
        for (const place of ['a timer', 'another']) process.emit('uncaughtException', new RangeError(`in ${place}`))
      })
      return forever()
    }
  }
  const { code, stderr } = await run(App)
  expect([code, stderr]).toEqual([
    1,
    expect.stringMatching(/^flaskoa run failed:\n\nRangeError: in a timer\n {4}at Immediate/),
  ])
  expect(log).toEqual(['open', 'Exception: in another', 'release RangeError: in a timer', 'close undefined'])
})

test('and one at the end of the command', async () => {
  class App extends Base {
    @Command('run') run() {
      note('run')
    }

    override async close() {
      later('uncaughtException', 'no error')
      await idle() // behind it
      note('closed')
    }
  }
  expect(await run(App)).toEqual({ code: 1, stdout: '', stderr: '' })
  expect(log.slice(2)).toEqual(['release undefined', expect.stringContaining('no error'), 'closed'])
})

describe('a promise that nothing settles', () => {
  const waits = (what: string) =>
    `${what} can't end: it waits for something that can no longer happen, such as a promise that nothing settles.`

  test('of a command', async () => {
    class App extends Base {
      @Command('run') run() {
        later('beforeExit')
        return forever()
      }
    }
    expect(await run(App)).toEqual({ code: 1, stdout: '', stderr: `${waits('flaskoa run')}\n` })
    expect(log.slice(1)).toEqual([`release Error: ${waits('flaskoa run')}`, 'close undefined'])
  })

  test('of an @OnStart method', async () => {
    class App extends Base {
      @OnStart() connect() {
        later('beforeExit')
        return forever()
      }

      @Command('run') run() {
        note('run')
      }
    }
    expect(await run(App)).toMatchObject({ code: 1, stderr: `${waits('App.connect')}\n` })
    expect(log).toEqual(['open'])
  })

  test('of a method at the end', async () => {
    class App extends Base {
      @Command('run') run() {
        note('run')
      }

      override close() {
        // The process would end now. The test has to go on.
        return new Promise(resolve => {
          setImmediate(() => resolve(process.emit('beforeExit', 0)))
        })
      }
    }
    expect(await run(App)).toMatchObject({ stderr: `${waits('flaskoa run')}\n` })
    expect(process.exitCode).toBe(1)
  })

  test.each(['routes', 'run'])('of an application that is loaded for flaskoa %s', async command => {
    const folder = project({ 'app.js': 'exports.createApp = () => new Promise(() => undefined)' })
    later('beforeExit')
    const { code, stderr } = await flaskoa([command], { cwd: folder })
    expect([code, stderr]).toEqual([
      1,
      expect.stringContaining(`Loading app.js can't end:\n\nError: it waits for something`) as string,
    ])
  })
})
