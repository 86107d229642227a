import {
  AfterAppRequest,
  AfterRequest,
  AppUrlDefaults,
  AppUrlValuePreprocessor,
  BeforeAppRequest,
  BeforeFirstRequest,
  BeforeRequest,
  Blueprint,
  Get,
  TeardownAppRequest,
  TeardownRequest,
  UrlDefaults,
  UrlValuePreprocessor,
  g,
  urlFor,
  type Response,
} from 'flaskoa'
import { clientOf } from '../support/client'
import { log, note } from '../support/log'

/** Flask's tests of a blueprint's hooks. */
const testing = { testing: true }

test("[1.1] a blueprint's own hooks around its own view (test_blueprints.py::test_request_processing)", async () => {
  @Blueprint()
  class Users {
    @BeforeRequest
    before() {
      note('before')
    }

    @AfterRequest
    after(response: Response) {
      response.body = `${String(response.body)}, then after`
      return note('after', response)
    }

    @TeardownRequest
    teardown() {
      note('teardown')
    }

    @Get('/users')
    index() {
      return 'users'
    }
  }
  class App {
    @Get('/')
    index() {
      return 'index'
    }
  }
  const client = clientOf(App, { ...testing, blueprints: [Users] })
  expect(log).toEqual([])
  expect((await client.get('/users')).text).toBe('users, then after')
  expect(log).toEqual(['before', 'after', 'teardown'])
})

test("[1.5] a blueprint's hooks for the application (test_blueprints.py::test_app_request_processing)", async () => {
  @Blueprint()
  class Watcher {
    @BeforeFirstRequest
    first() {
      note('first')
    }

    @BeforeAppRequest
    before() {
      note('before')
    }

    @AfterAppRequest
    after(response: Response) {
      response.body = `${String(response.body)}, then after`
      return note('after', response)
    }

    @TeardownAppRequest
    teardown() {
      note('teardown')
    }
  }
  class App {
    @Get('/')
    index() {
      return 'index'
    }
  }
  const client = clientOf(App, { ...testing, blueprints: [Watcher] })
  const each = ['before', 'after', 'teardown']
  expect(log).toEqual([])
  expect((await client.get('/')).text).toBe('index, then after')
  expect(log).toEqual(['first', ...each])
  expect((await client.get('/')).text).toBe('index, then after')
  expect(log).toEqual(['first', ...each, ...each])
})

test('[1.3, 7.1] teardown undoes before, nested (test_blueprints.py::test_nested_callback_order)', async () => {
  /** Each before method puts its name on a pile in g, and each teardown takes the topmost off. */
  abstract class Piling {
    #push = (what: string) => void (g.pile ??= []).push(`${this.constructor.name} ${what}`)
    #pop = (what: string) => note(`${this.constructor.name} ${what} took ${g.pile?.pop()}`)

    @BeforeRequest
    before1() {
      this.#push('1')
    }

    @TeardownRequest
    teardown1() {
      this.#pop('1')
    }

    @BeforeRequest
    before2() {
      this.#push('2')
    }

    @TeardownRequest
    teardown2() {
      this.#pop('2')
    }
  }

  @Blueprint()
  class Child extends Piling {
    @Get('/pile')
    show() {
      return (g.pile ?? []).join(', ')
    }
  }
  @Blueprint('', { blueprints: [Child] })
  class Parent extends Piling {}
  class App extends Piling {}

  const { text } = await clientOf(App, { ...testing, blueprints: [Parent] }).get('/pile')
  expect(text).toBe('App 1, App 2, Parent 1, Parent 2, Child 1, Child 2')
  expect(log).toEqual(
    text
      .split(', ')
      .reverse()
      .map(name => `${name} took ${name}`),
  )
})

/** Takes the language out of the URL, and puts it into each URL that is built. */
abstract class InLanguage {
  @UrlDefaults
  addLanguage(_: string, values: Record<string, unknown>) {
    values.lang ??= g.lang
  }

  @UrlValuePreprocessor
  takeLanguage(_: string | undefined, values: Record<string, unknown> = {}) {
    g.lang = String(values.lang)
    delete values.lang
  }
}

test('[1.5, 2.7] the language in every URL of the application (test_blueprints.py::test_app_url_processors)', async () => {
  @Blueprint('', { name: 'languages' })
  class Languages {
    @AppUrlDefaults
    addLanguage(_: string, values: Record<string, unknown>) {
      values.lang ??= g.lang
    }

    @AppUrlValuePreprocessor
    takeLanguage(_: string | undefined, values: Record<string, unknown> = {}) {
      g.lang = String(values.lang)
      delete values.lang
    }

    @Get('/<lang>/')
    index(values: { lang?: string }) {
      return `${urlFor('.about')} ${urlFor('about')} ${JSON.stringify(values)}`
    }

    @Get('/<lang>/about')
    about(values: { lang?: string }) {
      return `${urlFor('.index')} ${JSON.stringify(values)}`
    }
  }
  class App {
    @Get('/<lang>/app')
    about(values: { lang?: string }) {
      return `${urlFor('languages.index')} ${JSON.stringify(values)}`
    }
  }
  const client = clientOf(App, { ...testing, blueprints: [Languages] })
  expect((await client.get('/de/')).text).toBe('/de/about /de/app {}')
  expect((await client.get('/de/about')).text).toBe('/de/ {}')
  expect((await client.get('/de/app')).text).toBe('/de/ {}')
})

test('[2.7] the language in the prefix of a blueprint (test_blueprints.py::test_blueprint_url_processors)', async () => {
  @Blueprint('/<lang>', { name: 'frontend' })
  class Frontend extends InLanguage {
    @Get('/')
    index() {
      return urlFor('.about')
    }

    @Get('/about')
    about() {
      return urlFor('.index')
    }
  }
  class App {
    @Get('/')
    index() {
      return 'no language'
    }
  }
  const client = clientOf(App, { ...testing, blueprints: [Frontend] })
  expect((await client.get('/de/')).text).toBe('/de/about')
  expect((await client.get('/de/about')).text).toBe('/de/')
})
