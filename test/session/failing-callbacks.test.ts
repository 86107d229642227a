import koaSession from 'koa-session'
import Koa from 'koa'
import { bootstrap, Get, lifecycle, session, type BootstrapOptions, type Session } from 'flaskoa'
import { ask } from '../support/ask'
import { serve } from '../support/serve'
import { MemoryStore } from '../support/stores'
import { until } from '../support/until'

type Callback = (error?: Error) => void

// A rejection that no code waits for would end the process: jest fails the test.

/** The methods that take a callback. */
const METHODS: Readonly<Record<string, (own: Session, callback: Callback) => unknown>> = {
  save: (own, callback) => {
    own.save(callback)
  },
  regenerate: (own, callback) => {
    own.regenerate(callback)
  },
  commit: (own, callback) => {
    own.commit(callback)
  },
  'commit with options': (own, callback) => {
    own.commit({ save: true }, callback)
  },
}

const called: string[] = []
const CALLBACKS: Readonly<Record<string, Callback>> = {
  'that throws': () => {
    called.push('called')
    throw new RangeError('in the callback')
  },
  // eslint-disable-next-line @typescript-eslint/no-misused-promises -- what users write
  'that is async': async () => {
    called.push('called')
    await Promise.resolve()
    throw new RangeError('in the callback')
  },
  'that throws no Error': () => {
    called.push('called')
    throw 'in the callback'
  },
}

let use: (own: Session) => unknown
class App {
  @Get('/') act() {
    use(session)
    return 'answered'
  }
}

const unreadable = new MemoryStore()
unreadable.before = () => {
  throw new Error('down')
}
const own = (options: BootstrapOptions) => () => bootstrap(App, { secretKey: 'secret', logger: false, ...options })
const APPS: Readonly<Record<string, () => Koa>> = {
  'in a cookie': own({}),
  'in a store': own({ session: { store: new MemoryStore() } }),
  'that could not be read': own({ session: { store: unreadable, onStoreFailure: 'anonymous', signed: false } }),
  'without a secret key': own({ secretKey: undefined }),
  'of koa-session itself': () => {
    const app = new Koa()
    app.keys = ['secret']
    app.use(koaSession({}, app as never) as Koa.Middleware)
    return app.use(lifecycle(App))
  },
}

describe.each(Object.entries(APPS))('a session %s', (kind, make) => {
  describe.each(Object.entries(METHODS))('%s', (_, method) => {
    test.each(Object.entries(CALLBACKS))('with a callback %s: the error event has its error', async (__, callback) => {
      called.length = 0
      use = each => method(each, callback)
      const app = make()
      const reported: Error[] = []
      app.on('error', (error: Error) => reported.push(error))
      await serve(app, async url => {
        const { status, text } = await ask(url, { headers: { cookie: 'koa.sess=key' } })
        expect([status, text]).toEqual([200, 'answered'])
        const own = () => reported.filter(({ message }) => message.includes('in the callback'))
        await until('the error is reported', () => own().length > 0)
        expect([called, own().length, reported.length]).toEqual([
          ['called'],
          1,
          kind === 'that could not be read' ? 2 : 1,
        ])
      })
    })
  })
})
