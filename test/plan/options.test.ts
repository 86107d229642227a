import { AsyncLocalStorage } from 'node:async_hooks'
import Keygrip from 'keygrip'
import Koa from 'koa'
import compose from 'koa-compose'
import { bootstrap, Get, lifecycle, type BootstrapOptions, type LifecycleOptions, type LogEntry } from 'flaskoa'
import { testClient } from 'flaskoa/testing'
import { log } from '../support/log'
import { setupError } from '../support/setup-error'

class App {
  @Get('/') index() {
    return 'index'
  }
  @Get('/fail') fail(): string {
    throw new Error('no')
  }
}

const refused = (options: unknown) => setupError(() => bootstrap(App, options as BootstrapOptions))

const lifecycleOptions =
  'secretKey, session, blueprints, extensions, root, resolve, converters, baseUrl, trustedHosts, requestTimeout, asyncContext, limits, toJsonSchema, problemDetails, responseMismatch, debug, serverTiming, testing, propagateExceptions, trapHttpExceptions, ' +
  'preserveContextOnException, afterRequestOnUnhandledError'

describe('BAD_OPTION', () => {
  test('an option that does not exist', () => {
    expect(refused({ secretkey: 'hush' })).toBe(
      `FLASKOA_BAD_OPTION bootstrap has no option 'secretkey'. Did you mean 'secretKey'? It has: ${lifecycleOptions}, middleware, logger, koa.`,
    )
    expect(refused({ constructor: App })).toMatch("bootstrap has no option 'constructor'. It has: ")
    expect(refused({ secret_key: 'hush' })).toMatch("no option 'secret_key'. Did you mean 'secretKey'? It has: ")
  })

  test('an option of bootstrap alone, given to lifecycle', () => {
    expect(setupError(() => lifecycle(App, { middleware: [] } as LifecycleOptions))).toBe(
      `FLASKOA_BAD_OPTION lifecycle has no option 'middleware'. It has: ${lifecycleOptions}.`,
    )
  })

  test.each([
    [null, 'null'],
    ['debug', '"debug"'],
    [true, 'true'],
    [App, 'the function App'],
    [[App], '[the function App]'],
  ])('%p instead of options', (options, described) => {
    expect(refused(options)).toBe(`FLASKOA_BAD_OPTION bootstrap: the options must be an object, not ${described}.`)
  })

  test.each([
    [{ debug: 'true' }, `debug must be true, false or an object like { show: ['user'] }, not "true".`],
    [{ serverTiming: 1 }, 'serverTiming must be true or false, not 1.'],
    [{ testing: 1 }, 'testing must be true or false, not 1.'],
    [{ propagateExceptions: null }, 'propagateExceptions must be true or false, not null.'],
    [{ trapHttpExceptions: [] }, 'trapHttpExceptions must be true or false, not [].'],
    [
      { preserveContextOnException: {} },
      'preserveContextOnException must be true or false, not an object of class Object.',
    ],
    [{ afterRequestOnUnhandledError: 'yes' }, 'afterRequestOnUnhandledError must be true or false, not "yes".'],
    [{ resolve: { App } }, 'resolve must be a function, not an object of class Object.'],
    [{ blueprints: App }, 'blueprints must be a list, not the function App.'],
    [{ blueprints: { App } }, 'blueprints must be a list, not an object of class Object.'],
    [{ converters: [] }, 'converters must be an object, not [].'],
    [{ session: true }, 'session must be an object, not true.'],
    [{ session: [] }, 'session must be an object, not [].'],
    [{ koa: 'proxy' }, 'koa must be an object, not "proxy".'],
    [
      { middleware: () => undefined },
      'middleware must be a list of functions that are no generators, not the function middleware.',
    ],
    [
      { middleware: [undefined, 5] },
      'middleware must be a list of functions that are no generators, not [undefined, 5].',
    ],
    [{ logger: true }, 'logger must be an object with the method error, or false, not true.'],
    [{ logger: null }, 'logger must be an object with the method error, or false, not null.'],
    [
      { logger: { warn() {} } },
      'logger must be an object with the method error, or false, not an object of class Object.',
    ],
  ])('%p', (options, message) => {
    expect(refused(options)).toBe(`FLASKOA_BAD_OPTION bootstrap: the option ${message}`)
  })

  test.each([[''], [[]], [['hush', '']], [5], [Buffer.from('hush')], [{ key: 'hush' }], [null]])(
    'the secret %p, which is not printed',
    secretKey => {
      expect(refused({ secretKey })).toBe(
        'FLASKOA_BAD_OPTION bootstrap: the option secretKey must be a text that is not empty, or a list of such texts, ' +
          'not what was given.',
      )
    },
  )

  test.each([
    [{ show: 'user' }, ': the option show must be a list of texts, not "user".'],
    [{ show: [''] }, ': the option show must be a list of texts, not [""].'],
    [{ shown: ['user'] }, " has no option 'shown'. Did you mean 'show'? It has: show."],
  ])('the option debug: %p', (debug, message) => {
    expect(refused({ debug })).toBe(`FLASKOA_BAD_OPTION bootstrap: debug${message}`)
  })

  test('sessions without the secret that signs their cookie', () => {
    expect(refused({ session: {}, secretKey: undefined })).toMatch(
      /^FLASKOA_BAD_OPTION bootstrap: the option session needs secretKey, [^]*koa: { keys: \[...] }[^]*signed: false/,
    )
    const all = [{ secretKey: 'hush' }, { koa: { keys: ['hush'] } }, { session: { signed: false } }]
    for (const options of all) expect(() => bootstrap(App, { session: {}, ...options })).not.toThrow()
  })

  test.each([
    [{ compose: 'x' }, 'the option compose must be a function, not "x".'],
    [{ compose: null }, 'the option compose must be a function, not null.'],
    [{ proxy: 'true' }, 'the option proxy must be true or false, not "true".'],
    [{ subdomainOffset: '2' }, 'the option subdomainOffset must be a whole number from 0 up, not "2".'],
    [{ maxIpsCount: -1 }, 'the option maxIpsCount must be a whole number from 0 up, not -1.'],
    [{ proxyIpHeader: 'X Real IP' }, 'the option proxyIpHeader must be the name of a header field, not "X Real IP".'],
    [{ env: 5 }, 'the option env must be a text, not 5.'],
    [
      { asyncLocalStorage: 'yes' },
      'the option asyncLocalStorage must be true, false or an AsyncLocalStorage, not "yes".',
    ],
    [{ prxy: true }, /^has no option 'prxy'\. Did you mean 'proxy'\? It has: env, keys, proxy, .*asyncLocalStorage\.$/],
  ])('%p for Koa', (koa, message) => {
    const refusal = refused({ koa }).replace(/^FLASKOA_BAD_OPTION bootstrap: koa:? /, '')
    if (typeof message === 'string') expect(refusal).toBe(message)
    else expect(refusal).toMatch(message)
  })

  test.each([['hush'], [[]], [['']], [[5]], [{ sign() {} }], [null]])('the keys %p for Koa, not printed', keys => {
    expect(refused({ koa: { keys } })).toBe(
      'FLASKOA_BAD_OPTION bootstrap: koa: the option keys must be a list of secrets that are not empty, or a Keygrip, not what was given.',
    )
  })

  test('what Koa takes', () => {
    const [keys, asyncLocalStorage] = [new Keygrip(['key']), new AsyncLocalStorage()]
    const koa = {
      keys,
      asyncLocalStorage,
      compose,
      env: '',
      proxyIpHeader: 'X-Real-IP',
      subdomainOffset: 0,
      proxy: undefined,
    }
    expect(bootstrap(App, { koa } as unknown as BootstrapOptions)).toMatchObject({
      keys,
      compose,
      ctxStorage: asyncLocalStorage,
    })
    expect(bootstrap(App, { koa: { keys: [Buffer.from('key')] } as never }).keys).toHaveLength(1)
  })

  test('undefined is the default, whatever the option', async () => {
    const names = [...lifecycleOptions.split(', '), 'middleware', 'koa']
    const options = Object.fromEntries(names.map(name => [name, undefined]))
    expect((await testClient(bootstrap(App, options as BootstrapOptions)).get('/')).text).toBe('index')
  })
})

describe('what bootstrap passes on', () => {
  test("middleware runs outside of the lifecycle, outermost first, and koa's options are Koa's", async () => {
    const mark = (name: string): Koa.Middleware =>
      async function (ctx, next) {
        log.push(`${name} in`)
        await next()
        log.push(`${name} out ${String(ctx.body)}`)
      }
    const app = bootstrap(App, { middleware: [mark('first'), mark('second')], koa: { proxy: true, keys: ['key'] } })
    await testClient(app).get('/')
    expect(log).toEqual(['first in', 'second in', 'second out index', 'first out index'])
    expect([app.proxy, app.keys]).toEqual([true, ['key']])
  })

  test('the secrets are the keys of the application, for cookies of its own', () => {
    expect(bootstrap(App, { secretKey: ['new', 'old'] }).keys).toEqual(['new', 'old'])
    expect(bootstrap(App, { secretKey: 'only' }).keys).toEqual(['only'])
    expect(bootstrap(App).keys).toBeUndefined()
  })

  test('bootstrap returns a Koa application, which takes more middleware', async () => {
    const app = bootstrap(App)
    expect(app).toBeInstanceOf(Koa)
    app.use(ctx => {
      ctx.body = `after the lifecycle: ${ctx.path}`
    })
    expect((await testClient(app).get('/more')).text).toBe('after the lifecycle: /more')
  })

  test('the logger gets an unhandled error once, with the request', async () => {
    const error = jest.fn()
    expect((await testClient(bootstrap(App, { logger: { error } })).get('/fail')).status).toBe(500)
    const [[entry, message]] = error.mock.calls as [[LogEntry, string]]
    expect([message, entry.err, entry.ctx?.path]).toEqual(['Exception on /fail [GET]: no', new Error('no'), '/fail'])
    expect(entry.err?.stack).toMatch(/^Error: no\n {4}at /)
    expect(error).toHaveBeenCalledTimes(1)
  })

  test('the default logger is the console; with false, nothing is logged', async () => {
    const error = jest.spyOn(console, 'error').mockImplementation()
    await testClient(bootstrap(App, { logger: false })).get('/fail')
    expect(error).not.toHaveBeenCalled()
    await testClient(bootstrap(App)).get('/fail')
    expect(error).toHaveBeenCalledTimes(1)
    error.mockRestore()
  })
})
