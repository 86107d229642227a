import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks'
import { EventEmitter } from 'node:events'
import { setImmediate as tick } from 'node:timers/promises'
import { Get, bootstrap, g, hasRequestContext, type Context, type Globals } from 'flaskoa'
import { ask } from '../support/ask'
import { Gate } from '../support/gate'
import { serve } from '../support/serve'

// Code of one request that runs in the turn of another never sees the values of that other one.

const names = g as Globals & { name?: string }
const nameNow = () => (hasRequestContext() ? names.name : undefined)

/** How code of Ada's request comes to run in a method of Bob's: what it sees there with an async context, and without. */
const ways: [string, (see: () => void) => () => void, withContext: string | undefined, without: string | undefined][] =
  [
    ['AsyncResource.bind', see => AsyncResource.bind(see), 'Ada', undefined],
    [
      'runInAsyncScope',
      see => {
        const resource = new AsyncResource('test')
        return () => {
          resource.runInAsyncScope(see)
        }
      },
      'Ada',
      undefined,
    ],
    ['AsyncLocalStorage.bind', see => AsyncLocalStorage.bind(see), 'Ada', undefined],
    [
      'AsyncLocalStorage.snapshot',
      see => {
        const inContext = AsyncLocalStorage.snapshot()
        return () => {
          inContext(see)
        }
      },
      'Ada',
      undefined,
    ],
    // A plain listener belongs to the code that emits.
    [
      'a listener',
      see => {
        const emitter = new EventEmitter().on('event', see)
        return () => {
          emitter.emit('event')
        }
      },
      'Bob',
      'Bob',
    ],
    [
      'a bound listener',
      see => {
        const emitter = new EventEmitter().on('event', AsyncResource.bind(see))
        return () => {
          emitter.emit('event')
        }
      },
      'Ada',
      undefined,
    ],
    [
      'queueMicrotask in a bound function',
      see =>
        AsyncResource.bind(() => {
          queueMicrotask(see)
        }),
      'Ada',
      undefined,
    ],
    [
      'a promise of Ada that Bob resolves',
      see => {
        let resolve: () => void = () => undefined
        void new Promise<void>(done => (resolve = done)).then(see)
        return () => {
          resolve()
        }
      },
      'Ada',
      undefined,
    ],
  ]

describe.each([true, false])('asyncContext: %s', asyncContext => {
  describe.each(['synchronous', 'asynchronous'])('in a %s method', kind => {
    test.each(ways)('%s', async (_, prepare, withContext, without) => {
      const gate = new Gate()
      const seen: unknown[] = []
      let runAdas: () => void = () => undefined
      const look = () => {
        seen.push(nameNow())
      }
      class App {
        @Get('/ada') async ada() {
          names.name = 'Ada'
          runAdas = prepare(look)
          await gate.pass()
          return 'Ada'
        }
        @Get('/bob/synchronous') sync(ctx: Context) {
          names.name = 'Bob'
          runAdas()
          return String((ctx.g as typeof names).name) + String(nameNow())
        }
        @Get('/bob/asynchronous') async later() {
          names.name = 'Bob'
          const inside = async () => {
            runAdas()
            await tick()
          }
          await inside()
          return 'BobBob'
        }
      }
      await serve(bootstrap(App, { asyncContext, logger: false }), async url => {
        const ada = ask(`${url}/ada`)
        await gate.reached
        expect((await ask(`${url}/bob/${kind}`)).text).toBe('BobBob')
        gate.open()
        expect((await ada).text).toBe('Ada')
      })
      expect(seen).toEqual([asyncContext ? withContext : without])
    })
  })
})
