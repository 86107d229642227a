import { connect } from 'node:net'
import { once } from 'node:events'
import {
  AfterResponse,
  BeforeFirstRequest,
  Get,
  TeardownRequest,
  bootstrap,
  currentContext,
  gracefulShutdown,
  lifecycle,
  type Outcome,
} from 'flaskoa'
import { ask } from '../support/ask'
import { Gate, settled } from '../support/gate'
import { log, note } from '../support/log'
import { portOf, serve } from '../support/serve'
import { until } from '../support/until'
import { koaOf, worlds } from '../support/worlds'

// @BeforeFirstRequest methods that hang: their request is given up, and later requests start a new run [3.2] to [3.4].

const never = new Promise<never>(() => undefined)

/** An application with two methods, the second of which does in each run what `second` says. */
function appOf(second: (run: number) => unknown) {
  let runs = 0
  class App {
    @BeforeFirstRequest first() {
      note(`first ${++runs}`)
    }
    @BeforeFirstRequest async second(): Promise<void> {
      return (await second(runs)) as undefined
    }
    @BeforeFirstRequest third() {
      note(`third ${runs}`)
    }
    @Get('/') index() {
      return 'fine'
    }
    @TeardownRequest teardown(error?: Error) {
      if (error) note(`torn down with ${error.name}`)
    }
  }
  return App
}

const statusOf = async (url: string) => (await ask(url)).status

describe.each(worlds)('%s', (_, make) => {
  test('[3.3] a run that is given up at the deadline has failed: the next request runs the whole list again', async () => {
    const App = appOf(run => (run === 1 ? never : undefined))
    await serve(make(App, [], { requestTimeout: 30 }), async url => {
      const statuses: number[] = []
      for (let request = 0; request < 4; request++) statuses.push(await statusOf(url))
      expect(statuses).toEqual([503, 200, 200, 200])
    })
    expect(log).toEqual(['first 1', 'torn down with ServiceUnavailableError', 'first 2', 'third 2'])
  })

  test('[3.4] requests that wait for a run that is given up start a new one, which the rest waits for', async () => {
    const second = new Gate()
    const App = appOf(run => (run === 1 ? never : second.pass()))
    await serve(make(App, [], { requestTimeout: 200 }), async url => {
      const owner = statusOf(url)
      await until('the first run hangs', () => log.length > 0)
      await new Promise(resolve => setTimeout(resolve, 100)) // so that the deadlines of the others come later
      const waiting = [1, 2, 3].map(() => statusOf(url))
      expect(await owner).toBe(503)
      await second.reached
      second.open()
      expect(await Promise.all(waiting)).toEqual([200, 200, 200])
    })
    expect(log.filter(each => !each.startsWith('torn down'))).toEqual(['first 1', 'first 2', 'third 2'])
  })

  test.each(['passes', 'fails'])('a run that was given up and later %s changes nothing', async how => {
    const old = new Gate()
    const current = new Gate()
    const App = appOf(async run => {
      await (run === 1 ? old : current).pass()
      if (run === 1 && how === 'fails') throw new Error('late')
    })
    const app = make(App, [], { requestTimeout: 400 })
    app.on('error', (error: Error) => note(error.message))
    await serve(app, async url => {
      expect(await statusOf(url)).toBe(503)
      const next = statusOf(url)
      await current.reached
      old.open()
      await settled()
      const another = statusOf(url)
      await settled()
      expect(log).not.toContain('third 1') // nor 'third 2': both requests wait for the current run
      current.open()
      expect(await Promise.all([next, another])).toEqual([200, 200])
    })
    expect(log.filter(each => !each.startsWith('torn down'))).toEqual([
      'first 1',
      'GET / took longer than requestTimeout, 400 ms',
      'first 2',
      ...(how === 'fails' ? ['late'] : []),
      'third 2',
    ])
  })

  test('a request that waits has its own deadline, which does not end the run', async () => {
    const gate = new Gate()
    const opening = new Gate()
    const store = { get: () => opening.pass(), set: () => undefined, destroy: () => undefined }
    const App = appOf(() => gate.pass())
    const app = make(App, [], { requestTimeout: 400, session: { store, signed: false } })
    await serve(app, async url => {
      const early = ask(url, { headers: { cookie: 'koa.sess=known' } }).then(({ status }) => status)
      await opening.reached
      await new Promise(resolve => setTimeout(resolve, 200)) // so that its deadline comes before that of the run's owner
      const owner = statusOf(url)
      await gate.reached
      opening.open() // now it waits for the run
      expect(await early).toBe(503)
      gate.open()
      expect(await owner).toBe(200)
    })
    expect(log).toEqual(['first 1', 'torn down with ServiceUnavailableError', 'third 1'])
  })
})

test('a run goes on when its client disconnects', async () => {
  const gate = new Gate()
  let signal: AbortSignal | undefined
  const App = appOf(() => {
    signal = currentContext().signal
    return gate.pass()
  })
  class Watched extends App {
    @AfterResponse outcome({ aborted }: Outcome) {
      note(`aborted: ${aborted}`)
    }
  }
  await serve(bootstrap(Watched, { logger: false }), async url => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1').on('error', () => undefined)
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    await gate.reached
    const waiting = statusOf(url)
    socket.destroy()
    await until('the server knows', () => signal?.aborted)
    gate.open()
    expect(await waiting).toBe(200)
    await until('both requests are over', () => log.length === 4)
  })
  expect(log.slice(0, 2)).toEqual(['first 1', 'third 1'])
  expect([...log].sort()).toEqual(['aborted: false', 'aborted: true', 'first 1', 'third 1'])
})

test('a run that fails because its client has disconnected is run again', async () => {
  let runs = 0
  class App {
    @BeforeFirstRequest async first() {
      if (++runs > 1) return
      const { signal } = currentContext()
      note('waits')
      await once(signal, 'abort')
      signal.throwIfAborted()
    }
    @Get('/') index() {
      return 'fine'
    }
  }
  const app = bootstrap(App, { logger: false }).on('error', (error: Error) => note(error.message))
  await serve(app, async url => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1').on('error', () => undefined)
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    await until('the method waits', () => log.length > 0)
    const waiting = statusOf(url)
    socket.destroy()
    expect(await waiting).toBe(200)
  })
  expect([runs, log]).toEqual([2, ['waits']])
})

test('a shutdown that interrupts the run leaves it failed for the application behind another server', async () => {
  const App = appOf(run => (run === 1 ? never : undefined))
  const run = lifecycle(App)
  const [one, other] = [koaOf(run), koaOf(run)]
  const server = one.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { close, uninstall } = gracefulShutdown(server, { app: one, timeout: 20 })
  uninstall()
  await serve(other, async url => {
    const owner = statusOf(`http://127.0.0.1:${portOf(server)}`)
    await until('the first run hangs', () => log.length > 0)
    const waiting = statusOf(url)
    await settled()
    await close()
    expect(await Promise.all([owner, waiting])).toEqual([503, 200])
  })
})

test('what a method returns is left alone, also after its run was given up', async () => {
  const gate = new Gate()
  const destroyed = jest.fn()
  const App = appOf(async run => {
    if (run > 1) return undefined
    await gate.pass()
    return Object.assign(new ReadableStream({ cancel: destroyed }), {})
  })
  await serve(bootstrap(App, { logger: false, requestTimeout: 30 }), async url => {
    expect(await statusOf(url)).toBe(503)
    gate.open()
    await settled()
    expect(await statusOf(url)).toBe(200)
  })
  expect(destroyed).not.toHaveBeenCalled()
})
