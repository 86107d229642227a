import { Get, bootstrap, lifecycle, session, type BootstrapOptions } from 'flaskoa'
import Koa from 'koa'
import { ask } from '../support/ask'
import { serve } from '../support/serve'

class App {
  @Get('/login')
  login() {
    session.name = 'Ada'
    return 'in'
  }
  @Get('/logout')
  logout() {
    session.clear()
    return 'out'
  }
  @Get('/')
  index() {
    return String(session.name)
  }
}

let warnings: jest.SpyInstance<void, Parameters<typeof process.emitWarning>>
beforeEach(() => {
  warnings = jest.spyOn(process, 'emitWarning').mockImplementation()
})
afterEach(() => {
  warnings.mockRestore()
})

const warning = (option: string) => [
  `session: { ${option} }: the session's cookie was sent over plain http, where browsers do not keep it` +
    (option === 'secure: true' ? ', except Chrome and Firefox on localhost' : '') +
    '. Behind a proxy that ends TLS, let Koa trust its X-Forwarded-Proto: koa: { proxy: true }, or app.proxy = true in an application of your own.',
  { type: 'FlaskoaWarning', code: 'FLASKOA_SECURE_COOKIE_OVER_HTTP' },
]

const appWith = (options: BootstrapOptions) => bootstrap(App, { secretKey: 'secret', logger: false, ...options })

async function visits(app: Koa, paths: readonly string[], headers: Record<string, string> = {}) {
  return serve(app, async url => {
    const answers = []
    for (const path of paths) {
      const { status, headers: received } = await ask(url + path, { headers })
      answers.push([status, (received['set-cookie'] ?? []).map(cookie => cookie.includes('; secure'))])
    }
    return answers
  })
}

test('[13.9] secure: true over plain http: the cookie is sent with Secure, and one warning names the fix', async () => {
  const answers = await visits(appWith({ session: { secure: true } }), ['/', '/login', '/login', '/logout'])
  expect(answers).toEqual([
    [200, []],
    [200, [true, true]],
    [200, [true, true]],
    [200, [true, true]],
  ])
  expect(warnings.mock.calls).toEqual([warning('secure: true')])
})

test.each<[string, BootstrapOptions, boolean]>([
  ['sameSite: "none"', { session: { sameSite: 'none' } }, false],
  ['partitioned: true', { session: { partitioned: true } }, false],
  ['key: "__Host-sid"', { session: { key: '__Host-sid' } }, false],
  ['sameSite: "none"', { session: { sameSite: 'none', secure: true } }, true],
])('%s, which needs HTTPS, is a warning as well', async (option, options, isSecure) => {
  expect(await visits(appWith(options), ['/login'])).toEqual([[200, [isSecure, isSecure]]])
  expect(warnings.mock.calls).toEqual([warning(option)])
})

const behindTls = { 'x-forwarded-proto': 'https' }

test('behind a proxy that ends TLS: a warning without koa: { proxy: true }, and none with it', async () => {
  const session = { secure: true }
  expect(await visits(appWith({ session }), ['/login'], behindTls)).toEqual([[200, [true, true]]])
  expect(warnings.mock.calls).toEqual([warning('secure: true')])
  warnings.mockClear()
  expect(await visits(appWith({ session, koa: { proxy: true } }), ['/login'], behindTls)).toEqual([[200, [true, true]]])
  expect(warnings).not.toHaveBeenCalled()
})

test('in a Koa application of your own, too', async () => {
  const app = new Koa().use(lifecycle(App, { secretKey: 'secret', session: { secure: true } }))
  expect(await visits(app, ['/login', '/login'])).toHaveLength(2)
  expect(warnings.mock.calls).toEqual([warning('secure: true')])
})

test('without these options, plain http is no warning', async () => {
  expect(await visits(appWith({ session: { secure: false } }), ['/login'])).toEqual([[200, [false, false]]])
  expect(await visits(appWith({}), ['/login'])).toEqual([[200, [false, false]]])
  expect(warnings).not.toHaveBeenCalled()
})

test('a cookie that comes back is read', async () => {
  await serve(appWith({ session: { secure: true } }), async url => {
    const { headers } = await ask(`${url}/login`)
    const cookie = (headers['set-cookie'] ?? []).map(each => each.split(';')[0]).join('; ')
    expect((await ask(url, { headers: { cookie } })).text).toBe('Ada')
  })
})
