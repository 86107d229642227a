import {
  abort,
  AfterAppRequest,
  AfterRequest,
  AppErrorHandler,
  BeforeAppRequest,
  BeforeFirstRequest,
  BeforeRequest,
  Blueprint,
  ErrorHandler,
  Get,
  Post,
  TeardownAppRequest,
  TeardownRequest,
  urlFor,
  type Class,
  type Response,
  type Context,
} from 'flaskoa'
import { clientOf } from '../support/client'
import { log, note, LoggedHooks } from '../support/log'

/** Which scopes took part in what ran, in the order of their before methods. */
const scopes = () => log.filter(line => line.endsWith('before 1')).map(line => line.split(' ')[0])

describe('whose hooks run', () => {
  @Blueprint('/leaf')
  class Leaf extends LoggedHooks {
    @Get('/') index() {
      return 'leaf'
    }
  }
  @Blueprint('/sibling')
  class Sibling extends LoggedHooks {
    @Get('/') index() {
      return 'sibling'
    }
  }
  @Blueprint('/middle', { blueprints: [Leaf, Sibling] })
  class Middle extends LoggedHooks {
    @Get('/') index() {
      return 'middle'
    }
    @Post('/write') write() {
      return 'write'
    }
  }
  @Blueprint('/outer', { blueprints: [Middle] })
  class Outer extends LoggedHooks {}
  @Blueprint('/outer', { name: 'neighbour' })
  class Neighbour extends LoggedHooks {
    @Get('/middle/neighbour') index() {
      return 'neighbour'
    }
  }
  class App extends LoggedHooks {
    @Get('/') index() {
      return 'app'
    }
  }
  const client = clientOf(App, { blueprints: [Outer, Neighbour] })

  test.each([
    ['GET', '/', 200, ['App']],
    ['GET', '/outer/middle/', 200, ['App', 'Outer', 'Middle']],
    ['GET', '/outer/middle/leaf/', 200, ['App', 'Outer', 'Middle', 'Leaf']],
    ['GET', '/outer/middle/sibling/', 200, ['App', 'Outer', 'Middle', 'Sibling']],
    ['GET', '/outer/middle/neighbour', 200, ['App', 'Neighbour']],
    ['HEAD', '/outer/middle/leaf/', 200, ['App', 'Outer', 'Middle', 'Leaf']],
    ['OPTIONS', '/outer/middle/leaf/', 200, ['App', 'Outer', 'Middle', 'Leaf']],
    ['GET', '/outer/', 404, ['App']],
    ['GET', '/outer/middle/none', 404, ['App']],
    ['GET', '/outer/middle/write', 405, ['App']],
    ['POST', '/outer/middle/', 405, ['App']],
    ['GET', '/outer/middle/leaf', 308, ['App']],
    ['GET', '/outer/%ff', 400, ['App']],
  ])('[1.6, 1.7] %s %s is %i: by the rule that matched, not by the prefix', async (method, path, status, expected) => {
    expect((await client.request(method, path)).status).toBe(status)
    expect(scopes()).toEqual(expected)
  })

  test('[1.4, 1.7, 7.1] before methods run from the outermost scope, after and teardown methods from the innermost, reversed', async () => {
    await client.get('/outer/middle/')
    expect(log.filter(line => !line.includes('values'))).toEqual([
      ...['App before 1', 'App before 2', 'Outer before 1', 'Outer before 2', 'Middle before 1', 'Middle before 2'],
      ...['Middle after 2', 'Middle after 1', 'Outer after 2', 'Outer after 1', 'App after 2', 'App after 1'],
      ...['Middle teardown 2', 'Middle teardown 1', 'Outer teardown 2', 'Outer teardown 1'],
      ...['App teardown 2', 'App teardown 1'],
    ])
  })
})

/** A blueprint with one hook of each kind for the whole application. */
abstract class Everywhere {
  #note = (what: string) => note(`${this.constructor.name} ${what}`)

  @BeforeFirstRequest() first() {
    this.#note('first')
  }
  @BeforeAppRequest() before() {
    this.#note('before')
  }
  @AfterAppRequest() after(response: Response) {
    this.#note('after')
    return response
  }
  @TeardownAppRequest() close() {
    this.#note('teardown')
  }
}

describe('[1.5] hooks for the whole application', () => {
  @Blueprint('/inner')
  class Inner extends Everywhere {}
  @Blueprint('/first', { blueprints: [Inner] })
  class First extends Everywhere {}
  @Blueprint('/second')
  class Second extends Everywhere {
    @BeforeRequest own() {
      note('Second own')
    }
    @Get('/') index() {
      return 'second'
    }
  }
  class App extends Everywhere {}
  const inwards = (what: string) => ['App', 'First', 'Inner', 'Second'].map(name => `${name} ${what}`)
  const outwards = (what: string) => inwards(what).reverse()

  test('join the application’s, in the order of the blueprints, nested ones right after those around them', async () => {
    const client = clientOf(App, { blueprints: [First, Second] })
    expect((await client.get('/none')).status).toBe(404)
    expect(log).toEqual([...inwards('first'), ...inwards('before'), ...outwards('after'), ...outwards('teardown')])
  })

  test('run before the hooks of the blueprint itself', async () => {
    await clientOf(App, { blueprints: [First, Second] }).get('/second/')
    expect(log).toEqual([
      ...[...inwards('first'), ...inwards('before'), 'Second own'],
      ...[...outwards('after'), ...outwards('teardown')],
    ])
  })

  test('are the same as the usual ones in the application itself', async () => {
    class Mixed {
      @BeforeRequest one() {
        note('one')
      }
      @BeforeAppRequest two() {
        note('two')
      }
      @BeforeRequest three() {
        note('three')
      }
    }
    await clientOf(Mixed).get('/')
    expect(log).toEqual(['one', 'two', 'three'])
  })
})

describe('error handlers', () => {
  class Teapot extends Error {}

  @Blueprint('/inner')
  class Inner {
    @Get('/') index(): string {
      throw new Teapot()
    }
    @Get('/missing') missing(): string {
      abort(404)
    }
    @Get('/range') range(): string {
      throw new RangeError()
    }
    @ErrorHandler(404) @ErrorHandler(405) @ErrorHandler(Teapot) own({ constructor: { name } }: Error) {
      return `Inner: ${name}`
    }
    @AppErrorHandler(403) @AppErrorHandler(401) everywhere() {
      return 'Inner, for all'
    }
  }
  @Blueprint('/outer', { blueprints: [Inner] })
  class Outer {
    @Get('/') index(): string {
      throw new Teapot()
    }
    @Get('/missing') missing(): string {
      abort(404)
    }
    @ErrorHandler(Teapot) @ErrorHandler(RangeError) own({ constructor: { name } }: Error) {
      return `Outer: ${name}`
    }
  }
  class App {
    @Get('/') index(): string {
      throw new Teapot()
    }
    @Get('/forbidden') forbidden(): string {
      abort(403)
    }
    @Get('/unauthorized') unauthorized(): string {
      abort(401)
    }
    @ErrorHandler(404) missing() {
      return 'App: 404'
    }
    @ErrorHandler(405) wrongMethod() {
      return 'App: 405'
    }
    @ErrorHandler(Teapot) @ErrorHandler(403) own({ constructor: { name } }: Error) {
      return `App: ${name}`
    }
  }

  test.each([
    ['GET', '/', 'App: Teapot'],
    ['GET', '/outer/', 'Outer: Teapot'],
    ['GET', '/outer/inner/', 'Inner: Teapot'],
    ['GET', '/outer/inner/range', 'Outer: RangeError'],
    ['GET', '/outer/inner/missing', 'Inner: NotFoundError'],
    ['GET', '/outer/missing', 'App: 404'],
    ['GET', '/outer/inner/none', 'App: 404'],
    ['POST', '/outer/inner/', 'App: 405'],
    ['GET', '/unauthorized', 'Inner, for all'],
    ['GET', '/forbidden', 'Inner, for all'],
  ])('[1.6, 5.5, 5.8] %s %s: %s', async (method, path, text) => {
    const client = clientOf(App, { blueprints: [Outer] })
    expect((await client.request(method, path)).text).toBe(text)
  })
})

describe('[1.8] a blueprint that is registered twice', () => {
  @Blueprint('/inner')
  class Inner extends LoggedHooks {
    @Get('/') index() {
      return urlFor('.index')
    }
  }
  let made = 0
  @Blueprint('/people', { name: 'people', blueprints: [Inner] })
  class People extends Everywhere {
    constructor() {
      super()
      made++
    }
    @BeforeRequest own() {
      note('People own')
    }
    @TeardownRequest closeOwn() {
      note('People close')
    }
    @Get('/') index() {
      return urlFor('.index')
    }
  }
  class App {
    @Get('/') index() {
      return 'app'
    }
  }

  test('has its own hooks in both places, those for the application once, and one instance', async () => {
    const client = clientOf(App, { blueprints: [People, { blueprint: People, name: 'staff', prefix: '/staff' }] })
    await client.get('/')
    expect(log.splice(0)).toEqual(['People first', 'People before', 'People after', 'People teardown'])
    for (const path of ['/people/', '/staff/']) {
      expect((await client.get(path)).text).toBe(path)
      const own = ['People own', 'People after', 'People close', 'People teardown']
      expect(log.splice(0)).toEqual(['People before', ...own])
    }
    expect((await client.get('/staff/inner/')).text).toBe('/staff/inner/')
    expect(scopes()).toEqual(['Inner'])
    expect(made).toBe(1)
  })

  test('may be nested in two others', async () => {
    @Blueprint('/a', { blueprints: [Inner] })
    class A extends LoggedHooks {}
    @Blueprint('/b', { blueprints: [{ blueprint: Inner, prefix: '/within' }] })
    class B extends LoggedHooks {}
    const client = clientOf(App, { blueprints: [A, B] })
    expect((await client.get('/a/inner/')).text).toBe('/a/inner/')
    expect((await client.get('/b/within/')).text).toBe('/b/within/')
    expect(scopes()).toEqual(['A', 'Inner', 'B', 'Inner'])
  })
})

describe('resolve', () => {
  class Database {
    readonly users = ['root']
  }
  @Blueprint('/users')
  class Users {
    constructor(private readonly database: Database) {}
    @Get('/') index() {
      return this.database.users
    }
    @Get('/add') add() {
      return [this.database.users.push('guest')]
    }
  }
  class App {
    readonly #database: Database
    constructor(database: Database) {
      this.#database = database
    }
    @AfterRequest count(response: Response) {
      response.set('X-Users', String(this.#database.users.length))
      return response
    }
  }

  test('makes each controller, once, with what it needs', async () => {
    const database = new Database()
    const asked: Class[] = []
    const client = clientOf(App, {
      blueprints: [Users, { blueprint: Users, name: 'again', prefix: '/again' }],
      resolve(controller) {
        asked.push(controller)
        return new controller(database)
      },
    })
    expect(asked).toEqual([App, Users])
    await client.get('/again/add')
    const response = await client.get('/users/')
    expect([response.json(), response.header('x-users')]).toEqual([['root', 'guest'], '2'])
    expect(asked).toHaveLength(2)
  })

  test('may return a substitute that has the methods', async () => {
    class Site {
      @Get('/') index() {
        return 'site'
      }
    }
    const resolve = () => ({ index: () => 'stand-in' })
    expect((await clientOf(Site, { resolve }).get('/')).text).toBe('stand-in')
  })
})

test('an application may have nothing but blueprints', async () => {
  @Blueprint('/only')
  class Only {
    @Get('/') index() {
      return 'only'
    }
  }
  class Bare {}
  expect((await clientOf(Bare, { blueprints: [Only] }).get('/only/')).text).toBe('only')
})

describe('defaults of a blueprint', () => {
  @Blueprint('', { name: 'test', defaults: { bar: 0 } })
  class Test {
    @Get('/foo', { defaults: { baz: 42 } }) foo({ baz }: { baz: number }, ctx: Context) {
      return `${String(ctx.params.bar)}/${baz}`
    }

    @Get('/bar') bar(ctx: Context) {
      return `${String(ctx.params.bar)} ${urlFor('.bar', { bar: ctx.params.bar, q: 1 })}`
    }
  }
  const client = clientOf(class {}, {
    blueprints: [
      { blueprint: Test, prefix: '/1', name: 'one', defaults: { bar: 23 } },
      { blueprint: Test, prefix: '/2', name: 'two', defaults: { bar: 19 } },
      Test,
    ],
  })

  test('are those of each registration, before those of its class (test_blueprints.py::test_blueprint_url_defaults)', async () => {
    const answers = await Promise.all(['/1/foo', '/2/foo', '/foo', '/1/bar', '/2/bar'].map(url => client.get(url)))
    expect(answers.map(({ text }) => text)).toEqual(['23/42', '19/42', '0/42', '23 /1/bar?q=1', '19 /2/bar?q=1'])
  })
})
