import {
  AfterRequest,
  AfterResponse,
  BeforeAppRequest,
  BeforeRequest,
  Blueprint,
  bootstrap,
  Get,
  Post,
  TeardownRequest,
  type KoaResponse,
} from 'flaskoa'
import { healthBlueprint } from 'flaskoa/health'
import { lifecycleLock, testClient } from 'flaskoa/testing'
import { explain } from '../../src/inspect/explain'
import { log } from '../support/log'
import { setupError } from '../support/setup-error'

class App {
  @BeforeRequest({ except: ['login', 'users.list'] }) requireLogin() {
    log.push('requireLogin')
  }
  @BeforeRequest always() {
    log.push('always')
  }
  @AfterRequest({ only: ['show'] }) note(response: KoaResponse) {
    log.push('note')
    return response
  }
  @TeardownRequest({ only: ['show', 'login'], except: ['login'] }) close() {
    log.push('close')
  }
  @AfterResponse({ only: ['show'] }) access() {
    log.push('access')
  }
  @Get('/login') login() {
    return 'login'
  }
  @Get('/show/<int:id>') show() {
    return 'show'
  }
}

@Blueprint('/groups', { name: 'groups' })
class Groups {
  @Get('/') list() {
    return 'groups'
  }
}

@Blueprint('/users', { name: 'users', blueprints: [Groups] })
class Users {
  @BeforeRequest({ only: ['edit', 'groups.list'] }) mayEdit() {
    log.push('mayEdit')
  }
  @BeforeAppRequest({ only: ['users.edit'] }) counted() {
    log.push('counted')
  }
  @Get('/') list() {
    return 'list'
  }
  @Post('/edit', { endpoint: 'edit' }) change() {
    return 'changed'
  }
}

const make = () => bootstrap(App, { blueprints: [Users] })

test.each([
  ['GET', '/login', ['always']],
  ['GET', '/show/1', ['requireLogin', 'always', 'note', 'close', 'access']],
  ['OPTIONS', '/show/1', ['requireLogin', 'always', 'note', 'close', 'access']],
  ['GET', '/users/', ['always']],
  ['POST', '/users/edit', ['requireLogin', 'always', 'counted', 'mayEdit']],
  ['GET', '/users/groups/', ['requireLogin', 'always', 'mayEdit']],
  ['GET', '/unknown', ['requireLogin', 'always']],
])('%s %s has the hooks that name it, or do not leave it out', async (method, path, hooks) => {
  await testClient(make()).request(method, path)
  expect(log).toEqual(hooks)
})

test('a blueprint that is registered twice names its own endpoints', async () => {
  const app = bootstrap(App, { blueprints: [Users, { blueprint: Groups, name: 'teams', prefix: '/teams' }] })
  await testClient(app).get('/teams/')
  expect(log).toEqual(['requireLogin', 'always'])
})

test('a hook that runs for no route is refused, and a name of a route apart is explained', () => {
  class Never {
    @BeforeRequest({ only: ['login'], except: ['login'] }) check() {}
    @Get('/login') login() {
      return ''
    }
  }
  expect(setupError(() => bootstrap(Never))).toBe(
    'FLASKOA_BAD_OPTION Never.check: @BeforeRequest: it runs for no route, since except has each name of only.',
  )
  class Guarded {
    @BeforeRequest({ except: ['health.livez'] }) check() {}
    @Get('/') index() {
      return ''
    }
  }
  expect(setupError(() => bootstrap(Guarded, { blueprints: [healthBlueprint()] }))).toBe(
    "FLASKOA_BAD_ENDPOINT Guarded.check: @BeforeRequest: 'health.livez' has a pipeline of its own, " +
      'so this method does not run for it: leave the name out.',
  )
})

test('explain and the lock file show what runs', () => {
  const explained = explain(make(), 'GET', '/login')
  expect(explained.kind === 'found' && explained.route.before.map(({ name }) => name)).toEqual(['App.always'])
  const lock = lifecycleLock(make())
  expect(lock).toContain(
    'GET /show/<int:id>  show\n  view: App.show\n  after: App.note\n  teardown: App.close\n  after response: App.access\n',
  )
  expect(lock).toContain('GET /login  login\n  all before: App.always\n  view: App.login\n')
  expect(lock).toContain('every request, also without a route\n  before: App.requireLogin\n  before: App.always\n')
})

test('a route that leaves out each method of every request', () => {
  class Only {
    @BeforeRequest({ except: ['index'] }) load() {}
    @AfterRequest({ except: ['index'] }) note(response: KoaResponse) {
      return response
    }
    @Get('/') index() {
      return ''
    }
  }
  expect(lifecycleLock(bootstrap(Only))).toContain(
    'GET /  index\n  all before: none\n  view: Only.index\n  all after: none\n',
  )
})

test.each([
  [
    { only: ['shw'] },
    "there is no endpoint 'shw' here. Did you mean 'show'? It has: login, show, users.edit, users.list.",
  ],
  [{ except: ['edit'] }, "there is no endpoint 'edit' here."],
])('%o is refused', (options, message) => {
  class Wrong extends App {
    @BeforeRequest(options) guard() {}
  }
  @Blueprint('/users', { name: 'users' })
  class Plain {
    @Get('/') list() {
      return ''
    }
    @Get('/edit') edit() {
      return ''
    }
  }
  const refused = setupError(() => bootstrap(Wrong, { blueprints: [Plain] }))
  expect(refused).toContain(`FLASKOA_BAD_ENDPOINT Wrong.guard: @BeforeRequest: ${message}`)
})

test.each([{ only: [] }, { only: 'show' }, { except: [''] }])('%o is no list of endpoints', options => {
  class Wrong {
    @TeardownRequest(options as object) close() {}
    @Get('/') show() {
      return ''
    }
  }
  const name = Object.keys(options)[0] as string
  expect(setupError(() => bootstrap(Wrong))).toMatch(
    `FLASKOA_BAD_OPTION Wrong.close: @TeardownRequest: the option ${name} must be a list of endpoints, like ['show'], not`,
  )
})

test('an endpoint of an application without routes is refused', () => {
  class App {
    @BeforeRequest({ only: ['show'] }) check() {
      return undefined
    }
  }
  expect(() => bootstrap(App)).toThrow("there is no endpoint 'show' here.")
})
