import type { IncomingMessage } from 'node:http'
import {
  AfterRequest,
  BeforeRequest,
  bootstrap,
  decorate,
  ErrorHandler,
  Get,
  lifecycle,
  TeardownRequest,
  type BootstrapOptions,
  type Context,
  type Response,
} from 'flaskoa'
import { testClient } from 'flaskoa/testing'
import type Koa from 'koa'
import { ask } from '../support/ask'
import { serve } from '../support/serve'
import { koaOf } from '../support/worlds'

class App {
  @BeforeRequest one() {
    return undefined
  }
  @BeforeRequest async two() {
    await Promise.resolve()
  }
  @Get('/') index() {
    return 'index'
  }
  @Get('/failing') failing(): never {
    throw new Error('failing')
  }
  @Get('/own') own(ctx: Context) {
    ctx.set('Server-Timing', 'db;dur=1')
    return 'own'
  }
  @Get('/raw') raw(ctx: Context) {
    ctx.respond = false
    ctx.res.writeHead(200).end('raw')
    return ctx.response
  }
  @Get('/handled') handled(): never {
    throw new RangeError('handled')
  }
  @ErrorHandler(RangeError) outOfRange() {
    return 'out of range'
  }
  @AfterRequest after(response: Response) {
    return response
  }
  @TeardownRequest async teardown() {
    await Promise.resolve()
  }
}

const DURATION = /dur=\d+\.\d\d/g
const timing = async (options: BootstrapOptions, path = '/') => {
  const { headers } = await serve(bootstrap(App, { logger: false, ...options }), url => ask(url + path))
  return String(headers['server-timing']).replaceAll(DURATION, 'dur=0')
}
const ALL =
  'before;dur=0;desc="App.one, App.two", view;dur=0;desc="App.index", after;dur=0;desc="App.after", teardown;dur=0;desc="App.teardown"'

test.each<[string, BootstrapOptions, string]>([
  ['in debug mode', { debug: true }, ALL],
  ['by the option serverTiming', { serverTiming: true }, ALL],
  ['not without', {}, 'undefined'],
  ['not in debug mode with serverTiming: false', { debug: true, serverTiming: false }, 'undefined'],
])('responses have the time of each stage: %s', async (_, options, expected) => {
  expect(await timing(options)).toBe(expected)
})

test('the stages that have run are on an error page', async () => {
  expect(await timing({ debug: true }, '/failing')).toBe(
    'before;dur=0;desc="App.one, App.two", view;dur=0;desc="App.failing"',
  )
  expect(await timing({ serverTiming: true }, '/handled')).toContain('errorHandler;dur=0;desc="App.outOfRange"')
})

test('of many methods it names ten, so that no proxy refuses the response', async () => {
  class Many {
    @Get('/') index() {
      return 'index'
    }
  }
  const name = (index: number) => `${'long'.repeat(20)}${index}`
  for (let index = 0; index < 300; index++) {
    Object.defineProperty(Many.prototype, name(index), { value: () => undefined })
    decorate(Many, { [name(index)]: BeforeRequest })
  }
  const field = await serve(bootstrap(Many, { serverTiming: true }), url => ask(`${url}/`))
  expect(field.status).toBe(200)
  expect(field.headers['server-timing']).toContain(`, 290 more", view;`)
  expect(String(field.headers['server-timing']).length).toBeLessThan(1000)
})

test('the field of a view stays', async () => {
  expect(await timing({ serverTiming: true }, '/own')).toMatch(/^db;dur=0?1, before;/)
})

test('a response that a view has sent itself is left alone', async () => {
  expect(await timing({ serverTiming: true }, '/raw')).toBe('undefined')
})

test('a lifecycle in a Koa application has the option, too, and synchronous methods no promise', async () => {
  class Sync {
    @Get('/') 'größe"\\'() {
      return 'index'
    }
  }
  let running: unknown
  const around: Koa.Middleware = (_, next) => (running = next())
  const app = koaOf(lifecycle(Sync, { serverTiming: true }))
  app.middleware.unshift(around)
  const { headers } = await testClient(app).get('/')
  expect(String((headers as IncomingMessage['headers'])['server-timing'])).toMatch(
    /^view;dur=\d+\.\d\d;desc="Sync\.gre"$/,
  )
  expect(running).toBeInstanceOf(Promise)
})
