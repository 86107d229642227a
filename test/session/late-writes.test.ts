import {
  AfterResponse,
  Get,
  TeardownRequest,
  afterThisRequest,
  bootstrap,
  flash,
  session,
  streamWithContext,
  type BootstrapOptions,
  type Class,
  type Response,
} from 'flaskoa'
import { testClient } from 'flaskoa/testing'
import { Gate, settled } from '../support/gate'
import { MemoryStore } from '../support/stores'
import { until } from '../support/until'

const lost = (what: string) =>
  `The write to ${what} is lost: its request has ended, and the session was saved before that. Await the work that a ` +
  'method starts. A session in a store can be saved again: session.save().'

const never = (what: string) =>
  `${what} was given to afterThisRequest after its request had ended, so it never runs: await the work that a method starts.`

function watched(controller: Class, options: BootstrapOptions = {}) {
  const app = bootstrap(controller, { secretKey: 'secret', logger: false, ...options })
  const reported: string[] = []
  app.on('error', (error: Error) => reported.push(error.message))
  return { client: testClient(app), reported }
}

/** Visits a view that starts `work` and does not wait for it: it runs when the response is out. */
async function visitForgetful(work: () => unknown, options?: BootstrapOptions, isReported = true) {
  const gate = new Gate()
  let isDone = false
  class App {
    @Get('/')
    index() {
      void gate
        .pass()
        .then(work)
        .finally(() => (isDone = true))
      return 'answered'
    }
  }
  const { client, reported } = watched(App, options)
  await client.session(values => (values.name = 'Zoe'))
  const { text } = await client.get('/')
  gate.open()
  await until('the work is done', () => isDone)
  if (isReported) await until('it is reported', () => reported.length > 0)
  await settled()
  return { text, reported, stored: await client.session() }
}

describe('a session that is written after its request has ended', () => {
  test.each<[string, () => unknown, string]>([
    ['a value', () => (session.name = 'Ada'), 'session.name'],
    ['a deletion', () => delete session.name, 'session.name'],
    ['a lifetime', () => (session.permanent = true), 'session.permanent'],
    ['modified', () => (session.modified = true), 'session.modified'],
    ['a message', () => flash('Saved.'), 'session.flashes'],
    ['clear()', () => session.clear(), 'session.clear()'],
    ['regenerate()', () => session.regenerate(), 'session.regenerate()'],
  ])('%s is reported', async (_, work, what) => {
    expect(await visitForgetful(work)).toEqual({ text: 'answered', reported: [lost(what)], stored: { name: 'Zoe' } })
  })

  test('is reported once for each request', async () => {
    const { reported } = await visitForgetful(() => {
      session.name = 'Ada'
      session.count = 1
    })
    expect(reported).toEqual([lost('session.name')])
  })

  test('in a store, too', async () => {
    const { reported } = await visitForgetful(() => (session.name = 'Ada'), { session: { store: new MemoryStore() } })
    expect(reported).toEqual([lost('session.name')])
  })

  test('is not reported if it is only read', async () => {
    const read = () => [session.name, Object.keys(session), session.modified, delete session.count]
    const { reported } = await visitForgetful(read, {}, false)
    expect(reported).toEqual([])
  })

  test('nor if it is in a store and saved again', async () => {
    const store = new MemoryStore()
    class App {
      @Get('/')
      index() {
        session.name = 'Ada'
        void gate.pass().then(async () => {
          session.name = 'Bea'
          await session.save()
        })
        return ''
      }
    }
    const gate = new Gate()
    const { client, reported } = watched(App, { session: { store } })
    await client.session(values => (values.count = 1))
    await client.get('/')
    gate.open()
    await until('it is saved', () => store.contents[0]?.name === 'Bea')
    await settled()
    expect(reported).toEqual([])
  })

  test('by an @AfterResponse method, it is reported', async () => {
    class App {
      @Get('/')
      index() {
        return ''
      }
      @AfterResponse
      count() {
        session.count = 1
      }
    }
    const { client, reported } = watched(App)
    await client.get('/')
    await until('it is reported', () => reported.length > 0)
    expect(reported).toEqual([lost('session.count')])
  })

  test('[7.4, 12.5] a teardown method and a kept stream belong to the request', async () => {
    class App {
      @Get('/')
      index() {
        return streamWithContext(function* () {
          session.name = 'stream'
          yield 'chunk'
        })
      }
      @TeardownRequest
      teardown() {
        session.name = 'teardown'
        afterThisRequest(response => response)
      }
    }
    const { client, reported } = watched(App)
    expect((await client.get('/')).text).toBe('chunk')
    await settled()
    expect([reported, await client.session()]).toEqual([[], {}])
  })
})

describe('afterThisRequest after its request has ended', () => {
  test.each<[string, (response: Response) => Response]>([
    [
      'late',
      function late(response) {
        return response
      },
    ],
    [
      'A function',
      (
        () => (response: Response) =>
          response
      )(),
    ],
  ])('%s is reported, and never runs', async (name, hook) => {
    const { reported } = await visitForgetful(() => afterThisRequest(hook))
    expect(reported).toEqual([never(name)])
  })

  test('[7.7] not before the teardown that debug mode has deferred', async () => {
    class App {
      @Get('/fail')
      fail(): string {
        throw new Error('from the view')
      }
      @Get('/')
      index() {
        return ''
      }
      @TeardownRequest
      teardown() {
        afterThisRequest(response => response)
      }
    }
    const { client, reported } = watched(App, { preserveContextOnException: true })
    await client.get('/fail')
    await client.get('/')
    expect(reported).toEqual(['from the view'])
  })
})
