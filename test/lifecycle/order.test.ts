import {
  AfterAppRequest,
  AfterRequest,
  BeforeAppRequest,
  BeforeFirstRequest,
  BeforeRequest,
  Blueprint,
  Get,
  TeardownAppRequest,
  TeardownRequest,
  afterThisRequest,
  session,
  type Response,
  type SessionOptions,
} from 'flaskoa'
import type { Middleware } from 'koa'
import { clientOf } from '../support/client'
import { log, note, LoggedHooks } from '../support/log'

const noteOuter: Middleware = async (_, next) => {
  note('middleware in')
  await next()
  note('middleware out')
}

test('[1.1, 1.3, 1.4, 1.7] a request in nested blueprints goes through all steps in order', async () => {
  const stored = new Map<string, Record<string, unknown>>()
  const store: SessionOptions['store'] = {
    get: key => note('session opened', stored.get(key)),
    set: (key, values) => note('session saved', void stored.set(key, values)),
    destroy: () => undefined,
  }

  @Blueprint('/inner')
  class Inner extends LoggedHooks {
    @Get('/')
    view() {
      session.foo = 'changed'
      afterThisRequest(response => note('after this 1', response))
      afterThisRequest(response => note('after this 2', response))
      return note('Inner view', 'inner')
    }
  }
  @Blueprint('/outer', { blueprints: [Inner] })
  class Outer extends LoggedHooks {}
  class App extends LoggedHooks {
    @BeforeFirstRequest()
    first() {
      note('App first')
    }
  }

  const client = clientOf(App, { blueprints: [Outer], session: { store }, middleware: [noteOuter] })
  await client.session(session => (session.foo = 'begun'))
  log.length = 0
  expect((await client.get('/outer/inner/')).text).toBe('inner')
  expect(log).toEqual([
    'middleware in',
    'session opened',
    'App first',
    ...['App values 1', 'App values 2', 'Outer values 1', 'Outer values 2', 'Inner values 1', 'Inner values 2'],
    ...['App before 1', 'App before 2', 'Outer before 1', 'Outer before 2', 'Inner before 1', 'Inner before 2'],
    'Inner view',
    ...['after this 1', 'after this 2'],
    ...['Inner after 2', 'Inner after 1', 'Outer after 2', 'Outer after 1', 'App after 2', 'App after 1'],
    'session opened', // again: another request may have changed it
    'session saved',
    ...['Inner teardown 2', 'Inner teardown 1', 'Outer teardown 2', 'Outer teardown 1'],
    ...['App teardown 2', 'App teardown 1'],
    'middleware out',
  ])
})

test('[1.1] async methods keep their order: each is awaited', async () => {
  class App {
    @BeforeFirstRequest()
    async first() {
      await Promise.resolve()
      note('first')
    }

    @BeforeRequest()
    async before1() {
      await Promise.resolve()
      note('before 1')
    }

    @BeforeRequest()
    before2() {
      note('before 2')
    }

    @Get('/')
    async index() {
      await Promise.resolve()
      afterThisRequest(async response => {
        await Promise.resolve()
        return note('after this', response)
      })
      return note('view', 'index')
    }

    @AfterRequest()
    after1(response: Response) {
      return note('after 1', response)
    }

    @AfterRequest()
    async after2(response: Response) {
      await Promise.resolve()
      return note('after 2', response)
    }

    @TeardownRequest()
    teardown1() {
      note('teardown 1')
    }

    @TeardownRequest()
    async teardown2() {
      await Promise.resolve()
      note('teardown 2')
    }
  }
  expect((await clientOf(App).get('/')).text).toBe('index')
  const inwards = ['first', 'before 1', 'before 2', 'view']
  expect(log).toEqual([...inwards, 'after this', 'after 2', 'after 1', 'teardown 2', 'teardown 1'])
})

test('[1.2] the session is open when the URL is matched: a converter may use it', async () => {
  class App {
    @Get('/<string:id>')
    show({ id }: { id: string }) {
      return id
    }
  }
  const string = { convert: (text: string) => `${text} of ${session.foo}` }
  const client = clientOf(App, { converters: { string } })
  await client.session(session => (session.foo = 'root'))
  expect((await client.get('/thing')).text).toBe('thing of root')
})

describe('[1.5] hooks for the whole application from a blueprint', () => {
  abstract class AppWide {
    @BeforeFirstRequest()
    first() {
      note(`${this.constructor.name} first`)
    }

    @BeforeAppRequest()
    before() {
      note(`${this.constructor.name} before`)
    }

    @AfterAppRequest()
    after(response: Response) {
      return note(`${this.constructor.name} after`, response)
    }

    @TeardownAppRequest()
    teardown() {
      note(`${this.constructor.name} teardown`)
    }
  }

  @Blueprint('/nested')
  class Nested extends AppWide {}
  @Blueprint('/one', { blueprints: [Nested] })
  class One extends AppWide {}
  @Blueprint('/two')
  class Two extends AppWide {
    @Get('/')
    index() {
      return note('view', 'two')
    }
  }
  class App extends AppWide {
    @Get('/')
    index() {
      return note('view', 'app')
    }
  }
  const scopes = ['App', 'One', 'Nested', 'Two']
  const backwards = [...scopes].reverse()

  test.each(['/', '/two/'])(
    "run among the application's hooks, at the place of the blueprint in the list: GET %s",
    async path => {
      const client = clientOf(App, { blueprints: [One, Two] })
      await client.get(path)
      expect(log).toEqual([
        ...scopes.map(scope => `${scope} first`),
        ...scopes.map(scope => `${scope} before`),
        'view',
        ...backwards.map(scope => `${scope} after`),
        ...backwards.map(scope => `${scope} teardown`),
      ])
    },
  )
})

describe('[1.6] the blueprints of a request come from the rule that matched', () => {
  @Blueprint('/inner')
  class Inner extends LoggedHooks {
    @Get('/')
    view() {
      return note('view', 'inner')
    }
  }
  @Blueprint('/outer', { blueprints: [Inner] })
  class Outer extends LoggedHooks {}
  class App extends LoggedHooks {}
  const client = clientOf(App, { blueprints: [Outer] })

  const scopes = () => [...new Set(log.map(entry => entry.split(' ')[0]))]

  test.each([
    ['GET', '/outer/inner/nothing', 404],
    ['POST', '/outer/inner/', 405],
    ['GET', '/outer/inner', 308],
  ])('no rule, so the hooks of the application only: %s %s', async (method, path, status) => {
    expect((await client.request(method, path)).status).toBe(status)
    expect(scopes()).toEqual(['App'])
  })

  test.each(['HEAD', 'OPTIONS'])(
    'automatic methods match the rule, so the hooks of its blueprints run: %s',
    async method => {
      expect((await client.request(method, '/outer/inner/')).status).toBe(200)
      expect(scopes()).toEqual(method === 'HEAD' ? ['App', 'Outer', 'Inner', 'view'] : ['App', 'Outer', 'Inner'])
    },
  )

  test('the hooks of another blueprint with the same prefix do not run', async () => {
    @Blueprint('/outer')
    class Twin extends LoggedHooks {
      @Get('/twin')
      view() {
        return note('view', 'twin')
      }
    }
    await clientOf(App, { blueprints: [Outer, Twin] }).get('/outer/twin')
    expect(scopes()).toEqual(['App', 'Twin', 'view'])
  })
})

test('[1.8] a blueprint registered twice has its own hooks in both places, those for the application once', async () => {
  @Blueprint('/one')
  class Twice {
    @BeforeAppRequest()
    everywhere() {
      note('everywhere')
    }

    @BeforeRequest()
    here() {
      note('here')
    }

    @Get('/')
    view() {
      return note('view', 'twice')
    }
  }
  class App {
    @BeforeRequest()
    before() {
      note('app')
    }
  }
  const client = clientOf(App, { blueprints: [Twice, { blueprint: Twice, name: 'Again', prefix: '/two' }] })
  for (const path of ['/one/', '/two/']) {
    log.length = 0
    expect((await client.get(path)).text).toBe('twice')
    expect(log).toEqual(['app', 'everywhere', 'here', 'view'])
  }
})
