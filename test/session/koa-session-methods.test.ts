import { inspect } from 'node:util'
import Koa from 'koa'
import koaSession from 'koa-session'
import { Get, bootstrap, lifecycle, session, type Context } from 'flaskoa'
import { Browser } from '../support/browser'
import { serve } from '../support/serve'
import { AtomicStore, MemoryStore } from '../support/stores'

/** Calls a method with a callback. Resolves with what the callback got. */
const calledBack = (call: (callback: (error?: Error) => void) => unknown) =>
  new Promise<string>(resolve => {
    const returned = call(error => {
      resolve(`${String(returned)} ${error?.message}`)
    })
  })

type Action = (ctx: Context) => unknown

/** What koa-session's session and ours do alike: each action answers, and leaves something for the next request. */
const alike: Readonly<Record<string, Action>> = {
  'save(callback)': async () => calledBack(callback => session.save(callback)),
  'regenerate(callback)': async () => calledBack(callback => session.regenerate(callback)),
  'commit(callback)': async () => calledBack(callback => session.commit(callback)),
  'commit(options, callback)': async () => calledBack(callback => session.commit({ save: true }, callback)),
  'the promises': async () => [
    await session.save(),
    await session.regenerate(),
    await session.manuallyCommit(),
    await session.commit(),
  ],
  'in a chain, as passport calls them': async () => {
    await calledBack(callback => session.regenerate(callback))
    session.value = { user: 1 }
    return calledBack(callback => session.save(callback))
  },
  'length, populated and toJSON()': () => [
    session.length,
    session.populated,
    session.toJSON(),
    JSON.stringify(session),
  ],
  'the methods of an empty session': async ({ session: own }) => {
    delete session.name
    delete session.count
    const found = [own.length, own.populated, own.toJSON()]
    // Of an empty session koa-session keeps the entry, and Flask does not [13.2].
    session.count = 3
    return found
  },
  'inspect()': ({ session: own }) => inspect(own),
  'ctx.session = {…}': ctx => {
    ctx.session = { count: 5 }
    return [ctx.session.count, ctx.session.name, session.count]
  },
  'ctx.session = { ...ctx.session }': ctx => {
    ctx.session = { ...ctx.session, count: 5 }
    return ctx.session
  },
  'ctx.session = { maxAge }': ctx => {
    ctx.session = { maxAge: 5_000_000, count: 1 }
    return [ctx.session.maxAge, ctx.session.count, ctx.session.length]
  },
  'ctx.session = null': ctx => {
    ctx.session = null
    return [ctx.session]
  },
  'ctx.session = null, then an object': ctx => {
    ctx.session = null
    ctx.session = { count: 2 }
    return ctx.session
  },
}

function controllerOf(action: Action) {
  class App {
    @Get('/begin') begin() {
      session.name = 'Ada'
      session.count = 1
      return ''
    }
    @Get('/act') async act(ctx: Context) {
      return { answer: (await action(ctx)) ?? null }
    }
    @Get('/read') read(ctx: Context) {
      return ctx.session.toJSON()
    }
  }
  return App
}

const worlds: [string, (action: Action, store?: MemoryStore) => Koa][] = [
  [
    'flaskoa',
    (action, store) =>
      bootstrap(controllerOf(action), { secretKey: 'secret', logger: false, session: { ...(store && { store }) } }),
  ],
  [
    'koa-session',
    (action, store) => {
      const app = new Koa()
      app.silent = true
      app.keys = ['secret']
      app.use(koaSession({ ...(store && { store }) }, app as never) as Koa.Middleware)
      app.use(lifecycle(controllerOf(action)))
      return app
    },
  ],
]

/** What an action answers, what the next request finds, and what the store has. */
async function result(make: (typeof worlds)[number][1], action: Action, store?: MemoryStore) {
  return serve(make(action, store), async url => {
    const browser = new Browser(url)
    await browser.get('/begin')
    const answer = (await browser.get('/act')).text
    return [answer, (await browser.get('/read')).text, store?.contents]
  })
}

describe.each(Object.entries(alike))('%s', (_, action) => {
  test.each([
    ['in a cookie', () => undefined],
    ['in a store', () => new MemoryStore()],
    ['in a store with compareAndSet', () => new AtomicStore()],
  ])('as in koa-session, %s', async (__, createStore) => {
    const [ours, theirs] = [
      await result((worlds[0] as (typeof worlds)[0])[1], action, createStore()),
      await result((worlds[1] as (typeof worlds)[0])[1], action, createStore()),
    ]
    expect(ours).toEqual(theirs)
  })
})
