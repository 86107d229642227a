import { Get, bootstrap, type Context } from 'flaskoa'
import { telemetry } from 'flaskoa/telemetry'
import { testClient } from 'flaskoa/testing'
import { ask } from '../support/ask'
import { serve } from '../support/serve'
import { endedSpans, measured, registerMetrics, registerTracing, unregister } from '../support/telemetry'
import { worlds } from '../support/worlds'

afterEach(unregister)

class App {
  @Get('/users/<int:id>') async user({ id }: { id: number }) {
    return { id, active: await measured('http.server.active_requests') }
  }
  @Get('/unhandled') unhandled(): string {
    throw new TypeError('unhandled')
  }
}

const DURATION = 'http.server.request.duration'
const ACTIVE = 'http.server.active_requests'

describe.each(worlds)('http.server.request.duration %s', (_, make) => {
  beforeEach(registerMetrics)

  test('is measured by rule, in seconds, in the buckets of the semantic conventions', async () => {
    await serve(make(App, [telemetry()]), async url => {
      for (const path of ['/users/5', '/users/6', '/unknown', '/unhandled']) await ask(url + path)
    })
    const common = { 'http.request.method': 'GET', 'url.scheme': 'http', 'network.protocol.version': '1.1' }
    const found = await measured(DURATION)
    expect(found.map(({ attributes, unit }) => ({ attributes, unit }))).toEqual([
      { attributes: { ...common, 'http.route': '/users/<int:id>', 'http.response.status_code': 200 }, unit: 's' },
      { attributes: { ...common, 'http.response.status_code': 404 }, unit: 's' },
      {
        attributes: {
          ...common,
          'http.route': '/unhandled',
          'http.response.status_code': 500,
          'error.type': 'TypeError',
        },
        unit: 's',
      },
    ])
    expect(found[0]).toMatchObject({
      count: 2,
      boundaries: [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10],
    })
  })

  test('comes with the number of requests that are being answered', async () => {
    const attributes = { 'http.request.method': 'GET', 'url.scheme': 'http' }
    const client = testClient(make(App, [telemetry()]))
    expect((await client.get('/users/5')).json()).toMatchObject({ active: [{ attributes, value: 1 }] })
    expect(await measured(ACTIVE)).toEqual([{ scope: 'flaskoa', attributes, unit: '{request}', value: 0 }])
  })

  test('is left out by an option', async () => {
    await testClient(make(App, [telemetry({ metrics: false })])).get('/users/5')
    expect(await measured(DURATION)).toEqual([])
    expect(await measured(ACTIVE)).toEqual([])
  })
})

test('an SDK may be registered after the first request', async () => {
  const client = testClient(bootstrap(App, { middleware: [telemetry()] }))
  registerTracing()
  await client.get('/users/5')
  registerMetrics()
  await client.get('/users/6')
  expect(await measured(DURATION)).toEqual([expect.objectContaining({ count: 1 })])
  expect(endedSpans()).toHaveLength(2)
})

test('without an SDK nothing is read of a request', async () => {
  const read: string[] = []
  const spy = (ctx: Context, next: () => Promise<unknown>) => {
    Object.defineProperty(ctx.request, 'host', { get: () => read.push('host') })
    return next()
  }
  const client = testClient(bootstrap(App, { middleware: [spy as never, telemetry({ methods: true })] }))
  await client.get('/unknown')
  expect(read).toEqual([])
})
