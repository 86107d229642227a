import bodyParser from '@koa/bodyparser'
import type Koa from 'koa'
import { KoaPassport } from 'koa-passport'
import koaSession from 'koa-session'
import { Strategy as LocalStrategy } from 'passport-local'
import {
  BeforeRequest,
  ErrorHandler,
  Get,
  Post,
  bootstrap,
  flash,
  getFlashedMessages,
  lifecycle,
  session,
  type BootstrapOptions,
  type Context,
} from 'flaskoa'
import { Browser } from '../support/browser'
import { serve } from '../support/serve'
import { AtomicStore, MemoryStore } from '../support/stores'
import { koaOf, worlds } from '../support/worlds'
import { withCause } from '../support/with-cause'

declare module 'flaskoa' {
  interface SessionData {
    passport?: { user?: number }
    messages?: string[]
    returnTo?: string
  }
}

const users = [
  { id: 0, name: 'nul', password: 'zero' },
  { id: 1, name: 'ada', password: 'engine' },
]
type User = (typeof users)[number]

function createPassport() {
  const passport = new KoaPassport()
  const verify = (
    name: string,
    password: string,
    done: (...args: [unknown, unknown?, { message: string }?]) => void,
  ) => {
    const user = users.find(each => each.name === name)
    // Later, as after a query: what is thrown then reaches no caller.
    setImmediate(() => {
      if (name === 'broken') done(new Error('no database'))
      else if (user?.password === password) done(null, user)
      else done(null, false, { message: 'Wrong name or password.' })
    })
  }
  passport.use(new LocalStrategy(verify as ConstructorParameters<typeof LocalStrategy>[0]))
  passport.serializeUser((user, done) => {
    done(null, (user as User).id)
  })
  passport.deserializeUser((id, done) => {
    done(null, users.find(each => each.id === id) ?? false)
  })
  // A strategy that sends the client elsewhere, as those of OAuth do.
  passport.use('elsewhere', {
    authenticate(this: { redirect(url: string): void }) {
      this.redirect('https://login.example.com/?state=1')
    },
  } as never)
  return passport
}

const done = () => Promise.resolve()
const parse = bodyParser()

/** The routes, which do not know where passport's middleware stands. */
function controllerOf(passport: ReturnType<typeof createPassport>) {
  const authenticate = async (ctx: Context, options: object) => {
    await passport.authenticate('local', options)(ctx, done)
    return ctx.response
  }
  class Routes {
    @BeforeRequest async parse(ctx: Context) {
      await parse(ctx, done)
      ctx.flash = (category: string, message: string) => {
        flash(message, category)
      }
    }
    @Get('/') index(ctx: Context) {
      return { user: (ctx.state.user as User | undefined)?.name ?? null, visits: session.count ?? 0 }
    }
    @Get('/visit') visit() {
      session.count = (session.count ?? 0) + 1
      return ''
    }
    @Post('/login') login(ctx: Context) {
      return authenticate(ctx, { successRedirect: '/', failureRedirect: '/login' })
    }
    @Post('/login/messages') messages(ctx: Context) {
      return authenticate(ctx, {
        successRedirect: '/',
        successMessage: 'Hello!',
        failureRedirect: '/',
        failureMessage: true,
      })
    }
    @Post('/login/flash') flash(ctx: Context) {
      const options = { successRedirect: '/', successFlash: 'Hello!', failureRedirect: '/', failureFlash: true }
      return authenticate(ctx, options)
    }
    @Post('/login/back') back(ctx: Context) {
      session.returnTo = '/visit'
      return authenticate(ctx, { successReturnToOrRedirect: '/', keepSessionInfo: true })
    }
    @Post('/login/bare') bare(ctx: Context) {
      return authenticate(ctx, {})
    }
    @Post('/login/callback') async callback(ctx: Context) {
      const found = await new Promise<User | false>((resolve, reject) => {
        const decide = (error: Error | null, user: User | false) => {
          if (error === null) resolve(user)
          else reject(error)
        }
        Promise.resolve(passport.authenticate('local', decide)(ctx, done)).catch(reject)
      })
      if (!found) return 'wrong'
      await ctx.login(found)
      return `hello ${(ctx.state.user as User).name} ${ctx.isAuthenticated()}`
    }
    @Post('/logout') async logout(ctx: Context) {
      await ctx.logout()
      return `bye ${ctx.isAuthenticated()}`
    }
    @Post('/logout/null') logoutByNull(ctx: Context) {
      ctx.session = null
      return 'bye'
    }
    @Get('/elsewhere') async elsewhere(ctx: Context) {
      await passport.authenticate('elsewhere')(ctx, done)
      return ctx.response
    }
    @Get('/messages') left() {
      const { messages = [] } = session
      delete session.messages
      return { messages, flashed: getFlashedMessages({ withCategories: true }) }
    }
    @ErrorHandler(Error) failed(error: Error) {
      return `failed: ${error.message}`
    }
  }
  return Routes
}

type Make = (session?: BootstrapOptions['session']) => Koa

/** passport's two middlewares in a before method, before all others. */
function inside(make: (controller: new () => object, options: BootstrapOptions) => Koa): Make {
  return stored => {
    const passport = createPassport()
    const [initialize, restore] = [passport.initialize(), passport.session()]
    class App extends controllerOf(passport) {
      @BeforeRequest async passport(ctx: Context) {
        await initialize(ctx, done)
        await restore(ctx, done)
      }
    }
    return make(App, { secretKey: 'secret', ...(stored && { session: stored }) })
  }
}

const places: [string, Make][] = [
  ...worlds.map(([name, make]): [string, Make] => [
    `in a before method, ${name}`,
    inside((controller, options) => make(controller, [], options)),
  ]),
  [
    'initialize() around the lifecycle, session() in a before method',
    stored => {
      const passport = createPassport()
      const restore = passport.session()
      class App extends controllerOf(passport) {
        @BeforeRequest restore(ctx: Context) {
          return restore(ctx, done) as Promise<undefined>
        }
      }
      const options = { secretKey: 'secret', logger: false, ...(stored && { session: stored }) } as const
      return bootstrap(App, { ...options, middleware: [passport.initialize()] })
    },
  ],
  [
    'around a lifecycle that uses the koa-session of its application',
    stored => {
      const passport = createPassport()
      const app = koaOf()
      app.keys = ['secret']
      app.use(koaSession({ ...stored } as never, app as never) as Koa.Middleware)
      app.use(passport.initialize())
      app.use(passport.session())
      app.use(lifecycle(controllerOf(passport)))
      return app
    },
  ],
]

const stores: [string, () => MemoryStore | undefined][] = [
  ['a cookie', () => undefined],
  ['a store', () => new MemoryStore()],
  ['a store with compareAndSet', () => new AtomicStore()],
]

const ada = { username: 'ada', password: 'engine' }
const wrong = { username: 'ada', password: 'wrong' }

describe.each(places)('koa-passport %s', (place, make) => {
  describe.each(stores)('with %s', (_, createStore) => {
    const withBrowser = async (
      use: (browser: Browser, store: MemoryStore | undefined, url: string) => Promise<void>,
    ) => {
      const store = createStore()
      await serve(make(store && { store }), url => use(new Browser(url), store, url))
    }
    const userOf = async (browser: Browser) => (JSON.parse((await browser.get('/')).text) as { user: unknown }).user

    test('logs in and out', () =>
      withBrowser(async browser => {
        expect(await userOf(browser)).toBe(null)
        const { status, headers } = await browser.post('/login', ada)
        expect([status, headers.location]).toEqual([302, '/'])
        expect(await userOf(browser)).toBe('ada')
        expect(await userOf(browser)).toBe('ada')
        expect((await browser.post('/logout')).text).toBe('bye false')
        expect(await userOf(browser)).toBe(null)
      }))

    test('a user whose id is 0', () =>
      withBrowser(async browser => {
        await browser.post('/login', { username: 'nul', password: 'zero' })
        expect(await userOf(browser)).toBe('nul')
      }))

    test('the key and the data of a session that existed before', () =>
      withBrowser(async (browser, store, url) => {
        await browser.get('/visit')
        const { cookie } = browser
        await browser.post('/login', ada)
        expect(browser.cookie).not.toBe(cookie)
        expect((await browser.get('/')).text).toBe('{"user":"ada","visits":1}')
        const attacker = new Browser(url)
        for (const each of cookie.split('; ')) attacker.cookies.set(each.split('=')[0] ?? '', each.split('=')[1] ?? '')
        expect(await userOf(attacker)).toBe(null)
        if (store !== undefined) expect(store.contents).toEqual([{ count: 1, passport: { user: 1 } }])
      }))

    test('after logging out, the earlier key is worth nothing', () =>
      withBrowser(async (browser, store, url) => {
        if (store === undefined) return // a cookie that was copied stays valid
        await browser.post('/login', ada)
        const thief = new Browser(url)
        for (const [name, value] of browser.cookies) thief.cookies.set(name, value)
        expect(await userOf(thief)).toBe('ada')
        await browser.post('/logout')
        expect(await userOf(thief)).toBe(null)
        expect(store.contents).toEqual([{ passport: {} }])
      }))

    test('ctx.session = null logs out', () =>
      withBrowser(async (browser, store) => {
        await browser.post('/login', ada)
        await browser.post('/logout/null')
        expect(browser.cookies.has('koa.sess')).toBe(false)
        expect(store?.contents ?? []).toEqual([])
        expect(await userOf(browser)).toBe(null)
      }))

    test('redirects after a failure', () =>
      withBrowser(async browser => {
        const { status, headers } = await browser.post('/login', wrong)
        expect([status, headers.location]).toEqual([302, '/login'])
        expect(await userOf(browser)).toBe(null)
      }))

    test('answers 401 without a redirect', () =>
      withBrowser(async browser => {
        const { status, text } = await browser.post('/login/bare', wrong)
        expect([status, text]).toEqual([401, 'Unauthorized'])
      }))

    test('an error of the strategy reaches the error handlers', () =>
      withBrowser(async browser => {
        expect((await browser.post('/login', { ...ada, username: 'broken' })).text).toBe('failed: no database')
      }))

    test('failureMessage and successMessage', () =>
      withBrowser(async browser => {
        expect((await browser.post('/login/messages', wrong)).headers.location).toBe('/')
        await browser.post('/login/messages', ada)
        const messages = ['Wrong name or password.', 'Hello!']
        expect(JSON.parse((await browser.get('/messages')).text)).toEqual({ messages, flashed: [] })
      }))

    test('failureFlash and successFlash, with a ctx.flash', () =>
      withBrowser(async browser => {
        await browser.post('/login/flash', wrong)
        await browser.post('/login/flash', ada)
        const flashed = [
          ['error', 'Wrong name or password.'],
          ['success', 'Hello!'],
        ]
        expect(JSON.parse((await browser.get('/messages')).text)).toEqual({ messages: [], flashed })
      }))

    test('successReturnToOrRedirect', () =>
      withBrowser(async browser => {
        expect((await browser.post('/login/back', ada)).headers.location).toBe('/visit')
        expect(await userOf(browser)).toBe('ada')
      }))

    test('a callback, and ctx.login()', () =>
      withBrowser(async browser => {
        expect((await browser.post('/login/callback', wrong)).text).toBe('wrong')
        expect((await browser.post('/login/callback', ada)).text).toBe('hello ada true')
        expect(await userOf(browser)).toBe('ada')
      }))

    test('a strategy that redirects', () =>
      withBrowser(async browser => {
        const { status, headers } = await browser.get('/elsewhere')
        expect([status, headers.location]).toEqual([302, 'https://login.example.com/?state=1'])
      }))
  })
})

describe('what passport gets instead of a session', () => {
  const login = async (app: Koa) => {
    const errors: string[] = []
    app.on('error', (error: Error) => errors.push(withCause(error)))
    return serve(app, async url => [(await new Browser(url).post('/login', ada)).text, errors])
  }

  test('without a secret, an error that names the fix', async () => {
    const app = inside((controller, options) =>
      bootstrap(controller, { ...options, secretKey: undefined, logger: false }),
    )()
    const failure = expect.stringContaining('failed: The session cannot be written because no secret key') as string
    expect(await login(app)).toEqual([failure, []])
  })

  test('a store that fails: its error', async () => {
    const store = new MemoryStore()
    store.before = command => {
      if (command === 'set') throw new Error('down')
    }
    const app = inside((controller, options) => bootstrap(controller, { ...options, logger: false }))({ store })
    // At the end of the request the session can't be saved either: that is the same failure.
    expect(await login(app)).toEqual(['failed: Internal Server Error', [expect.stringContaining('down')]])
  })

  test.each([undefined, { store: new MemoryStore() }])(
    'passport.session() around the lifecycle, from the first request on: an error that says where it goes',
    async stored => {
      const passport = createPassport()
      const middleware = [passport.initialize(), passport.session()]
      const options = { secretKey: 'secret', logger: false, middleware, ...(stored && { session: stored }) } as const
      const [text, errors] = await login(bootstrap(controllerOf(passport), options))
      expect(text).toBe('Internal Server Error')
      expect(errors).toEqual([
        expect.stringMatching(/^ctx\.session was used outside of a request.*passport\.session\(\)/),
      ])
    },
  )
})
