import type Koa from 'koa'
import Router from '@koa/router'
import mount from 'koa-mount'
import {
  AfterRequest,
  AfterResponse,
  BeforeAppRequest,
  BeforeRequest,
  Blueprint,
  ErrorHandler,
  Get,
  Post,
  Route,
  TeardownRequest,
  UrlValuePreprocessor,
  bootstrap,
  lifecycle,
  request,
  type Context,
  type KoaRequest,
  type Outcome,
  type Response,
  type RouteProperties,
} from 'flaskoa'
import { testRequestContext } from 'flaskoa/testing'
import { ask } from '../support/ask'
import { serve } from '../support/serve'
import { until } from '../support/until'
import { koaOf, worlds } from '../support/worlds'

const log: unknown[] = []
beforeEach(() => {
  log.length = 0
})

/** What Flask's `request` knows of the rule. */
function factsOf({ endpoint, blueprint, blueprints, urlRule, viewArgs }: RouteProperties) {
  return { endpoint, blueprint, blueprints, urlRule, viewArgs: viewArgs && { ...viewArgs } }
}

const note = (where: string, facts: RouteProperties) => log.push([where, factsOf(facts)])

@Blueprint('/users/<int:user>', { name: 'users' })
class Users {
  @BeforeRequest before() {
    note('before of the blueprint', request)
  }

  @Get('/posts/<slug>') post({ user, slug }: { user?: number; slug: string }) {
    note('view', request)
    return [user, slug]
  }
}

@Blueprint('/admin', { name: 'admin', blueprints: [Users] })
class Admin {
  @BeforeAppRequest before(ctx: Context) {
    note('before of the application', ctx.request)
  }
}

class App {
  @UrlValuePreprocessor preprocess(_endpoint: string | undefined, values: Record<string, unknown> | undefined) {
    note('preprocessor', request)
    if (values?.slug !== undefined) values.slug = 'other'
  }

  @Get('/') index() {
    return 'index'
  }

  @Post('/named', { endpoint: 'own' }) save() {
    return 'saved'
  }

  @Route('/default/<int:page>', { defaults: { page: 1 } }) page(): string {
    throw new RangeError('from the view')
  }

  @ErrorHandler(RangeError) range() {
    note('handler', request)
    return 'handled'
  }

  @ErrorHandler(404) missing() {
    note('handler', request)
    return 'nothing here'
  }

  @AfterRequest after(response: Response) {
    note('after', request)
    return response
  }

  @TeardownRequest teardown() {
    note('teardown', request)
  }

  @AfterResponse outcome({ route }: Outcome) {
    note(`outcome of ${route}`, request)
  }
}

const NONE = { endpoint: undefined, blueprint: undefined, blueprints: [], urlRule: undefined, viewArgs: undefined }
const index = { ...NONE, endpoint: 'index', urlRule: '/', viewArgs: {} }

const outside: Koa.Middleware = async (ctx, next) => {
  const facts = () => {
    note('outside', ctx.request as KoaRequest)
    log.push([ctx._matchedRoute, ctx._matchedRouteName])
  }
  facts()
  await next()
  facts()
}

describe.each(worlds)("Flask's properties of request, and those of @koa/router, %s", (_, make) => {
  const app = () => make(App, [outside], { blueprints: [Admin] })

  async function logOf(path: string, method = 'GET', made = app(), first = '/'): Promise<unknown[]> {
    await serve(made, async url => {
      // In an application of Koa's own the first request brings the properties.
      await ask(url + first)
      await until('its outcome is known', () => log.some(each => String((each as unknown[])[0]).startsWith('outcome')))
      log.length = 0
      await ask(url + path, { method })
      await until('the outcome is known', () => log.some(each => String((each as unknown[])[0]).startsWith('outcome')))
    })
    return log.splice(0)
  }

  test('are known at each step after the URL has been matched', async () => {
    const facts = {
      endpoint: 'admin.users.post',
      blueprint: 'admin.users',
      blueprints: ['admin.users', 'admin'],
      urlRule: '/admin/users/<int:user>/posts/<slug>',
      viewArgs: { user: 5, slug: 'first' },
    }
    const later = { ...facts, viewArgs: { user: 5, slug: 'other' } }
    const entries = await logOf('/admin/users/5/posts/first')
    expect(entries.slice(0, 3)).toEqual([
      ['outside', NONE],
      [undefined, undefined],
      ['preprocessor', facts],
    ])
    const steps = ['before of the application', 'before of the blueprint', 'view', 'after', 'teardown', 'outside']
    expect(entries.slice(3, 9)).toEqual(steps.map(step => [step, later]))
    expect(entries.slice(9)).toEqual([
      [facts.urlRule, facts.endpoint],
      [`outcome of ${facts.urlRule}`, later],
    ])
  })

  test.each([
    ['/', 'GET', index],
    ['/', 'HEAD', index],
    ['/', 'OPTIONS', index],
    ['/named', 'POST', { ...NONE, endpoint: 'own', urlRule: '/named', viewArgs: {} }],
    ['/default/7', 'GET', { ...NONE, endpoint: 'page', urlRule: '/default/<int:page>', viewArgs: { page: 1 } }],
  ])('%s %s', async (path, method, facts) => {
    const entries = await logOf(path, method)
    expect(entries.slice(2).filter(each => (each as unknown[])[0] !== facts.urlRule)).toEqual(
      expect.arrayContaining(['preprocessor', 'after', 'teardown', 'outside'].map(step => [step, facts])),
    )
    expect(entries).toContainEqual([facts.urlRule, facts.endpoint])
    expect(entries.filter(each => (each as unknown[])[0] === 'handler')).toEqual(
      path === '/default/7' ? [['handler', facts]] : [],
    )
  })

  test.each([
    ['/unknown', 'GET'],
    ['/named', 'GET'],
  ])('are undefined when no rule matches: %s %s', async (path, method) => {
    const entries = await logOf(path, method)
    const steps = entries.map(each => (each as unknown[])[0])
    expect(steps).toEqual([
      ...['outside', undefined, 'preprocessor', 'before of the application'],
      ...(path === '/unknown' ? ['handler'] : []),
      ...['after', 'teardown', 'outside', undefined, 'outcome of undefined'],
    ])
    for (const [step, facts] of entries as [string | undefined, unknown][])
      expect([step, facts]).toEqual([step, step === undefined ? undefined : NONE])
  })

  test('have the rule without the prefix of koa-mount, as @koa/router has', async () => {
    const mounted = koaOf(outside, mount('/a', lifecycle(App, { blueprints: [Admin] })))
    expect(await logOf('/a/', 'GET', mounted, '/a/')).toContainEqual(['/', 'index'])
  })

  test('have the rule of the router that came last', async () => {
    const router = new Router()
    router.get('koa', '/default/:page', (_ctx, next) => next())
    router.get('only', '/koa', ctx => void (ctx.body = 'koa'))
    const made = make(App, [outside, router.routes() as unknown as Koa.Middleware])
    expect(await logOf('/default/1', 'GET', made)).toContainEqual(['/default/<int:page>', 'page'])
    await serve(made, url => ask(`${url}/koa`))
    expect(log).toContainEqual(['/koa', 'only'])
  })

  test('are written where an agent has put a setter', async () => {
    const agent: Koa.Middleware = (ctx, next) => {
      const set = (route: string) => log.push(['agent', route])
      Object.defineProperty(ctx, '_matchedRoute', { get: () => log, set })
      return next()
    }
    expect(await logOf('/', 'GET', make(App, [agent]))).toContainEqual(['agent', '/'])
  })
})

test("an application's own properties of these names stay, and middleware may set them", async () => {
  const app = bootstrap(App, { blueprints: [Admin], logger: false })
  Object.assign(app.request, { endpoint: 'of the application' })
  app.use(ctx => {
    Object.assign(ctx.request, { urlRule: 'of middleware' })
    ctx.body = factsOf(ctx.request as KoaRequest)
  })
  await serve(app, async url => {
    expect(JSON.parse((await ask(`${url}/behind`)).text)).toEqual({
      ...{ endpoint: 'of the application', blueprints: [], urlRule: 'of middleware' },
    })
    expect((await ask(url)).text).toBe('index')
  })
})

test('a lifecycle that passes a request on leaves them to the next one', async () => {
  class Second {
    @Get('/second/<name>') second() {
      return factsOf(request)
    }
  }
  const app = koaOf(outside, lifecycle(App, { blueprints: [Admin] }), lifecycle(Second))
  const second = { ...NONE, endpoint: 'second', urlRule: '/second/<name>', viewArgs: { name: 'x' } }
  await serve(app, async url => {
    expect(JSON.parse((await ask(`${url}/second/x`)).text)).toEqual(JSON.parse(JSON.stringify(second)))
  })
  expect(log).toContainEqual(['outside', second])
})

test('the first request of what bootstrap makes has them before the lifecycle', async () => {
  await serve(bootstrap(App, { blueprints: [Admin], middleware: [outside] }), url => ask(url))
  expect(log.slice(0, 2)).toEqual([
    ['outside', NONE],
    [undefined, undefined],
  ])
})

test('testRequestContext has them', async () => {
  await testRequestContext(bootstrap(App, { blueprints: [Admin] }), '/admin/users/1/posts/a', () => {
    expect(request.blueprints).toEqual(['admin.users', 'admin'])
    expect([request.endpoint, request.viewArgs?.user, 'endpoint' in request]).toEqual(['admin.users.post', 1, true])
  })
})
