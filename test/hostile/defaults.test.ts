import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { AfterRequest, Route, bootstrap, lifecycle, makeResponse, session, type Context, type Response } from 'flaskoa'
import Koa from 'koa'
import { ask } from '../support/ask'
import { serve } from '../support/serve'
import { setupError } from '../support/setup-error'

class App {
  @Route('/') index() {
    return '<h1>index</h1>'
  }
  @Route('/made') made() {
    return makeResponse('made', 201)
  }
  @Route('/typed') typed(ctx: Context) {
    ctx.type = 'text/plain'
    return 'typed'
  }
  @Route('/html') html(ctx: Context) {
    ctx.type = 'html'
    return 'typed'
  }
  @Route('/body') body(ctx: Context) {
    ctx.body = '<p>'
    return ctx.response
  }
  @Route('/own') own(ctx: Context) {
    ctx.set('X-Content-Type-Options', 'own')
    return 'own'
  }
  @Route('/json') json() {
    return {}
  }
  @Route('/bytes') bytes() {
    return Buffer.from('bytes')
  }
  @Route('/fail') fail(): string {
    throw new Error('secret detail')
  }
  @Route('/removed') removed() {
    return 'removed'
  }
  @Route('/session') session() {
    session.name = 'Ada'
    return 'session'
  }
  @AfterRequest() after(response: Response, ctx: Context) {
    if (ctx.path === '/removed') response.remove('X-Content-Type-Options')
    return response
  }
}

const quiet = { logger: false, secretKey: 'secret' } as const

describe('X-Content-Type-Options', () => {
  test.each<[string, number, string | undefined]>([
    ['/', 200, 'nosniff'],
    ['/made', 201, 'nosniff'],
    ['/none', 404, 'nosniff'],
    ['/fail', 500, 'nosniff'],
    ['/html', 200, 'nosniff'],
    ['/body', 200, 'nosniff'],
    ['/own', 200, 'own'],
    ['/typed', 200, undefined],
    ['/json', 200, undefined],
    ['/bytes', 200, undefined],
    ['/removed', 200, undefined],
  ])('%s has %i and %s', async (path, status, expected) => {
    await serve(bootstrap(App, quiet), async url => {
      const answer = await ask(url + path, { headers: { accept: 'text/html' } })
      expect([answer.status, answer.headers['x-content-type-options']]).toEqual([status, expected])
    })
  })

  test('[8.8] what outer middleware has set stays, on error pages too', async () => {
    const middleware: Koa.Middleware = (ctx, next) => {
      ctx.set('X-Content-Type-Options', 'outer')
      return next()
    }
    await serve(bootstrap(App, { ...quiet, middleware: [middleware] }), async url => {
      for (const path of ['/', '/none', '/fail'])
        expect((await ask(url + path)).headers['x-content-type-options']).toBe('outer')
    })
  })

  test('[8.8] the debug page has it', async () => {
    await serve(bootstrap(App, { ...quiet, debug: true }), async url => {
      const { status, headers, text } = await ask(`${url}/fail`)
      expect([status, headers['x-content-type-options']]).toEqual([500, 'nosniff'])
      expect(text).toMatch('secret detail')
    })
  })
})

test('outside of debug mode no error’s text and no stack trace reaches a client', async () => {
  await serve(bootstrap(App, quiet), async url => {
    expect((await ask(`${url}/fail`)).text).not.toMatch(/secret detail| at .*:\d+:\d+|App/)
  })
})

describe('the session’s cookie', () => {
  const cookies = async (proxied: boolean) =>
    serve(bootstrap(App, { ...quiet, koa: { proxy: true } }), async url => {
      const { headers } = await ask(`${url}/session`, { headers: proxied ? { 'X-Forwarded-Proto': 'https' } : {} })
      return headers['set-cookie']
    })

  test('is HttpOnly and SameSite=Lax, its signature too', async () => {
    expect(await cookies(false)).toEqual([
      expect.stringMatching(/^koa\.sess=[^;]+; path=\/; samesite=lax; httponly$/),
      expect.stringMatching(/^koa\.sess\.sig=[^;]+; path=\/; samesite=lax; httponly$/),
    ])
  })

  test('is Secure over HTTPS', async () => {
    expect(await cookies(true)).toEqual([
      expect.stringMatching(/^koa\.sess=[^;]+; path=\/; samesite=lax; secure; httponly$/),
      expect.stringMatching(/^koa\.sess\.sig=[^;]+; path=\/; samesite=lax; secure; httponly$/),
    ])
  })
})

describe('NODE_ENV=production', () => {
  const { NODE_ENV } = process.env
  beforeEach(() => {
    process.env.NODE_ENV = 'production'
  })
  afterEach(() => {
    process.env.NODE_ENV = NODE_ENV
  })

  test.each([
    ['bootstrap', () => bootstrap(App, { debug: true })],
    ['lifecycle', () => new Koa().use(lifecycle(App, { debug: true }))],
    ['bootstrap', () => bootstrap(App, { debug: { show: [] } })],
  ])('%s refuses debug mode', (name, act) => {
    expect(setupError(act)).toBe(
      `FLASKOA_DEBUG_IN_PRODUCTION ${name}: debug is true and NODE_ENV is production: debug mode shows stack traces to every ` +
        "client. Leave debug out, or write debug: process.env.NODE_ENV !== 'production'.",
    )
  })

  test('changes nothing else', () => {
    expect(() => bootstrap(App, { debug: false, testing: true })).not.toThrow()
    process.env.NODE_ENV = 'staging'
    expect(() => bootstrap(App, { debug: true })).not.toThrow()
  })

  /** What a process of its own writes that boots with these secrets. */
  function warnings(secretKey: string | readonly string[] | undefined, environment: string): string {
    const program = `
      const { bootstrap, Route } = require(${JSON.stringify(join(__dirname, '../../src/index.ts'))})
      class App { index() { return '' } }
      Route('/')(App.prototype, 'index', Object.getOwnPropertyDescriptor(App.prototype, 'index'))
      bootstrap(App, { secretKey: ${JSON.stringify(secretKey)} })`
    const env = { ...process.env, NODE_ENV: environment }
    const { status, stderr } = spawnSync(process.execPath, ['--require', 'tsx/cjs', '--eval', program], { env })
    expect(status).toBe(0)
    return stderr.toString()
  }

  test('warns of a short secret, without printing it', () => {
    const secret = 'f00d-f00d-f00d-f00d-f00d-f00d-1'
    const written = warnings(secret, 'production')
    expect(written).toMatch(
      '[FLASKOA_SHORT_SECRET] FlaskoaWarning: bootstrap: the secretKey has fewer than 32 characters.',
    )
    expect(written).not.toMatch('f00d')
    expect(written.match(/FLASKOA_SHORT_SECRET/g)).toHaveLength(1)
    expect(warnings(['f'.repeat(64), 'old', 'older'], 'production').match(/FLASKOA_SHORT_SECRET/g)).toHaveLength(1)
  })

  test('warns once of any of several short secrets, in lifecycle too', () => {
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
    try {
      lifecycle(App, { secretKey: ['f'.repeat(32), 'old', 'older'] })
      expect(warn.mock.calls).toEqual([
        [expect.stringMatching(/^lifecycle: the secretKey/), { type: 'FlaskoaWarning', code: 'FLASKOA_SHORT_SECRET' }],
      ])
    } finally {
      warn.mockRestore()
    }
  })

  test('does not warn of a long secret, without a secret, or in another environment', () => {
    expect(warnings('f'.repeat(32), 'production')).toBe('')
    expect(warnings(undefined, 'production')).toBe('')
    expect(warnings('short', 'development')).toBe('')
  })
})
