import Koa from 'koa'
import { Get, OnShutdown, bootstrap, gracefulShutdown, urlFor, withAppContext } from 'flaskoa'
import { openapi } from 'flaskoa/openapi'
import { testClient } from 'flaskoa/testing'
import { log, note } from '../support/log'

/** As monitoring agents do, among them those of Sentry and Datadog: another function takes the place of each middleware. */
const { use } = Koa.prototype
beforeEach(() => {
  Koa.prototype.use = function (this: Koa, ...args: Parameters<Koa['use']>) {
    use.apply(this, args)
    const middleware = this.middleware.pop() as Koa.Middleware
    this.middleware.push((ctx, next) => middleware(ctx, next))
    return this as never
  }
})
afterEach(() => {
  Koa.prototype.use = use
})

class App {
  @Get('/users/<int:id>') user() {
    return urlFor('user', { id: 6 })
  }
  @OnShutdown close() {
    note('closed')
  }
}

describe('an application whose middleware an agent has wrapped', () => {
  test('answers requests', async () => {
    expect((await testClient(bootstrap(App)).get('/users/5')).text).toBe('/users/6')
  })

  test('is known to the functions that need an application of bootstrap', async () => {
    const app = bootstrap(App, { baseUrl: 'https://a.example' })
    expect(await withAppContext(app, () => urlFor('user', { id: 6 }))).toBe('https://a.example/users/6')
    expect(Object.keys(openapi(app, { info: { title: 'a', version: '1' } }).paths)).toEqual(['/users/{id}'])
  })

  test('runs its methods at the end of the server', async () => {
    const app = bootstrap(App)
    const shutdown = gracefulShutdown(app.listen(0, '127.0.0.1'))
    await shutdown.close()
    shutdown.uninstall()
    expect(log).toEqual(['closed'])
  })
})
