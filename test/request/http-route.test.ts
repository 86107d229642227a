import { AsyncLocalStorage } from 'node:async_hooks'
import type Koa from 'koa'
import mount from 'koa-mount'
import { BeforeRequest, Get, bootstrap, lifecycle } from 'flaskoa'
import { ask } from '../support/ask'
import { serve } from '../support/serve'
import { koaOf } from '../support/worlds'

class App {
  @BeforeRequest async before() {
    await Promise.resolve()
  }

  @Get('/users/<int:id>') user() {
    return 'user'
  }
}

interface Metadata {
  type: string
  route?: string
}

/** What `@opentelemetry/api` keeps in the global object, with what its instrumentation of `http` keeps in the context. */
const API = Symbol.for('opentelemetry.js.api.1')
const RPC_METADATA = Symbol.for('OpenTelemetry SDK Context Key RPC_METADATA')
const contexts = new AsyncLocalStorage<ReadonlyMap<symbol, unknown>>()
const registered = {
  version: '1.9.0',
  context: { active: () => ({ getValue: (key: symbol) => contexts.getStore()?.get(key) }) },
}
const globals = globalThis as { [API]?: unknown }
afterEach(() => {
  delete globals[API]
})

/** Runs each request as the instrumentation does, and returns what it knows of the requests to `paths` at their ends. */
async function routesOf(app: Koa, paths: readonly string[], metadata: () => Metadata | undefined) {
  const seen: unknown[] = []
  const callback = app.callback.bind(app)
  app.callback = () => {
    const handle = callback()
    return (req, res) => {
      const known = metadata()
      res.once('close', () => seen.push(known?.route))
      return contexts.run(new Map([[RPC_METADATA, known]]), () => handle(req, res))
    }
  }
  await serve(app, async url => {
    for (const path of paths) await ask(url + path)
  })
  return seen
}

const http = () => ({ type: 'http' })
const PATHS = ['/users/5', '/unknown', '/users/6']
const make: [string, () => Koa][] = [
  ['what bootstrap makes', () => bootstrap(App)],
  ['lifecycle() in plain Koa', () => koaOf(lifecycle(App))],
]

describe.each(make)("OpenTelemetry's span of %s", (_, application) => {
  test('gets the rule that has matched', async () => {
    globals[API] = registered
    expect(await routesOf(application(), PATHS, http)).toEqual(['/users/<int:id>', undefined, '/users/<int:id>'])
  })

  test('may be one of another protocol, or missing', async () => {
    globals[API] = registered
    expect(await routesOf(application(), PATHS, () => ({ type: 'grpc' }))).toEqual([undefined, undefined, undefined])
    expect(await routesOf(application(), PATHS, () => undefined)).toEqual([undefined, undefined, undefined])
  })

  test('may go away', async () => {
    globals[API] = registered
    const app = application()
    expect(await routesOf(app, ['/users/5'], http)).toEqual(['/users/<int:id>'])
    globals[API] = { version: '1.9.0' }
    expect(await routesOf(app, ['/users/5'], http)).toEqual([undefined])
  })

  test('is not looked for when there was none before the first request', async () => {
    const app = application()
    expect(await routesOf(app, ['/users/5'], http)).toEqual([undefined])
    globals[API] = registered
    expect(await routesOf(app, ['/users/5'], http)).toEqual([undefined])
  })
})

test('the route begins with what koa-mount has taken off', async () => {
  globals[API] = registered
  const app = koaOf(mount('/a', mount('/b', lifecycle(App))))
  expect(await routesOf(app, ['/a/b/users/5'], http)).toEqual(['/a/b/users/<int:id>'])
})
