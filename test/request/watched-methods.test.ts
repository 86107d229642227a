import { tracingChannel } from 'node:diagnostics_channel'
import {
  afterThisRequest,
  afterThisResponse,
  AfterRequest,
  AfterResponse,
  BeforeFirstRequest,
  BeforeRequest,
  bootstrap,
  ErrorHandler,
  Get,
  lifecycle,
  Post,
  TeardownAppContext,
  TeardownRequest,
  UrlDefaults,
  urlFor,
  UrlValuePreprocessor,
  withAppContext,
  type MethodCall,
  type Response,
} from 'flaskoa'
import { testClient } from 'flaskoa/testing'
import { z } from 'zod'
import { ask } from '../support/ask'
import { serve } from '../support/serve'
import { until } from '../support/until'
import { koaOf } from '../support/worlds'

const channel = tracingChannel<unknown, MethodCall>('flaskoa:method')

let events: string[] = []
const note = (event: string) => (call: MethodCall) => {
  const outcome = 'error' in call ? ` threw ${String(call.error)}` : 'result' in call ? ` → ${typeof call.result}` : ''
  events.push(`${event} ${call.stage} ${call.name} ${call.ctx?.path ?? '-'}${outcome}`)
}
const subscribers = {
  start: note('start'),
  end: note('end'),
  asyncStart: () => undefined,
  asyncEnd: note('asyncEnd'),
  error: note('error'),
}

class Failure extends Error {}

class App {
  @BeforeFirstRequest async first() {
    await Promise.resolve()
  }
  @UrlValuePreprocessor values() {
    return 'ignored'
  }
  @BeforeRequest before() {
    afterThisRequest(function mine(response: Response) {
      return response
    })
    afterThisResponse(function later() {})
  }
  @Get('/fine') fine() {
    return urlFor('fine')
  }
  @Post('/users', { body: z.object({ name: z.string() }) }) async create({ body }: { body: { name: string } }) {
    await Promise.resolve()
    return body.name
  }
  @Get('/failing') async failing(): Promise<never> {
    await Promise.resolve()
    throw new Failure('late')
  }
  @Get('/broken') broken(): never {
    throw new Failure('at once')
  }
  @UrlDefaults defaults() {
    return undefined
  }
  @ErrorHandler(Failure) failed({ message }: Failure) {
    return message
  }
  @AfterRequest after(response: Response) {
    return response
  }
  @TeardownRequest teardown() {
    return 'ignored'
  }
  @TeardownAppContext teardownApp() {
    return undefined
  }
  @AfterResponse sent() {
    return undefined
  }
}

beforeEach(() => (events = []))

describe('a subscriber of the channel flaskoa:method', () => {
  beforeEach(() => channel.subscribe(subscribers))
  afterEach(() => channel.unsubscribe(subscribers))

  test('sees each method of a request in its order', async () => {
    await serve(bootstrap(App), url => ask(`${url}/fine`))
    await until('the response is out', () => events.some(event => event.startsWith('end afterResponse App.sent')))
    expect(events.filter(event => event.startsWith('start')).map(event => event.slice(6))).toEqual([
      'beforeFirst App.first /fine',
      'preprocessor App.values /fine',
      'before App.before /fine',
      'view App.fine /fine',
      'urlDefaults App.defaults /fine',
      'after mine /fine',
      'after App.after /fine',
      'teardown App.teardown /fine',
      'teardownAppContext App.teardownApp /fine',
      'afterResponse later /fine',
      'afterResponse App.sent /fine',
    ])
  })

  test('sees what a method returns, at once or later', async () => {
    expect((await testClient(bootstrap(App)).post('/users', { json: { name: 'Ada' } })).text).toBe('Ada')
    expect(events.filter(event => / (input|view) /.test(event))).toEqual([
      'start input body /users',
      'end input body /users',
      'asyncEnd input body /users → undefined',
      'start view App.create /users',
      'end view App.create /users',
      'asyncEnd view App.create /users → string',
    ])
    expect(events).toContain('end before App.before /users → undefined')
  })

  test.each([
    ['/broken', ['error', 'end'], 'at once'],
    ['/failing', ['end', 'error', 'asyncEnd'], 'late'],
  ])('sees what a method throws: %s', async (path, names, message) => {
    expect((await testClient(bootstrap(App)).get(path)).text).toBe(message)
    const view = events.filter(event => event.includes(' view ')).slice(1)
    expect(view.map(event => event.split(' ')[0])).toEqual(names)
    expect(view.at(-1)).toMatch(`threw Error: ${message}`)
    expect(events).toContain(`end errorHandler App.failed ${path} → string`)
  })

  test('sees a method outside of a request, without ctx', async () => {
    await withAppContext(bootstrap(App), () => undefined)
    expect(events).toEqual([
      'start teardownAppContext App.teardownApp -',
      'end teardownAppContext App.teardownApp - → undefined',
    ])
  })

  test('sees the methods of a lifecycle in a Koa application', async () => {
    await testClient(koaOf(lifecycle(App))).get('/fine')
    expect(events).toContain('start view App.fine /fine')
  })
})

test('the methods of an application that was made without a subscriber are not watched', async () => {
  const app = bootstrap(App)
  channel.subscribe(subscribers)
  await testClient(app).get('/unwatched')
  channel.unsubscribe(subscribers)
  // A request of the test before may still end.
  expect(events.filter(event => event.includes('/unwatched'))).toEqual([])
})
