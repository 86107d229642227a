import { Get, Post, Route, UrlDefaults, UrlValuePreprocessor, bootstrap, g, request, session, urlFor } from 'flaskoa'
import type { Context } from 'flaskoa'
import { testClient, testRequestContext } from 'flaskoa/testing'
import { formOf } from '../support/body'
import { clientOf } from '../support/client'

/** Flask's tests of rules: several for one view, endpoints, what is done to their values, converters. */
const testing = { testing: true }

test('one method may have several rules (test_basic.py::test_multi_route_rules)', async () => {
  class App {
    @Route('/', { defaults: { test: 'a' } })
    @Route('/<test>/')
    index({ test }: { test: string }) {
      return test
    }
  }
  const client = clientOf(App, testing)
  expect((await client.get('/')).text).toBe('a')
  expect((await client.get('/b/')).text).toBe('b')
})

test('and has its instance in each (test_basic.py::test_multi_route_class_views)', async () => {
  class App {
    readonly #end = '!'

    @Route('/', { defaults: { test: 'a' } })
    @Route('/<test>/')
    index({ test }: { test: string }) {
      return test + this.#end
    }
  }
  const client = clientOf(App, testing)
  expect((await client.get('/')).text).toBe('a!')
  expect((await client.get('/b/')).text).toBe('b!')
})

test('a rule may have any letters (test_basic.py::test_nonascii_pathinfo)', async () => {
  class App {
    @Route('/киртест')
    index() {
      return 'Hello World!'
    }
  }
  expect((await clientOf(App, testing).get('/киртест')).text).toBe('Hello World!')
})

test('[11.6] an endpoint is the method, or what the rule says (test_basic.py::test_route_decorator_custom_endpoint)', async () => {
  class App {
    #endpoint = ''

    @UrlValuePreprocessor
    look(endpoint = 'none') {
      this.#endpoint = endpoint
    }

    @Route('/foo/')
    foo() {
      return this.#endpoint
    }

    @Route('/bar/', { endpoint: 'bar' })
    forBar() {
      return this.#endpoint
    }

    @Route('/bar/123', { endpoint: '123' })
    forBarFoo() {
      return this.#endpoint
    }
  }
  const app = bootstrap(App, { debug: true })
  await testRequestContext(app, '/', () => {
    expect(['foo', 'bar', '123'].map(endpoint => urlFor(endpoint))).toEqual(['/foo/', '/bar/', '/bar/123'])
  })
  const client = testClient(app)
  expect((await client.get('/foo/')).text).toBe('foo')
  expect((await client.get('/bar/')).text).toBe('bar')
  expect((await client.get('/bar/123')).text).toBe('123')
})

test('[2.7] values taken from URLs, and put into them (test_basic.py::test_url_processors)', async () => {
  const inLanguages = ['index', 'about']
  class App {
    @UrlDefaults
    addLanguage(endpoint: string, values: Record<string, unknown>) {
      if (g.lang !== undefined && inLanguages.includes(endpoint)) values.lang ??= g.lang
    }

    @UrlValuePreprocessor
    pullLanguage(_: unknown, values: Record<string, unknown> = {}) {
      if (typeof values.lang === 'string') g.lang = values.lang
      delete values.lang
    }

    @Route('/<lang>/')
    index(values: object) {
      expect(values).toEqual({})
      return urlFor('about')
    }

    @Route('/<lang>/about')
    about() {
      return urlFor('somethingElse')
    }

    @Route('/foo')
    somethingElse() {
      return urlFor('about', { lang: 'en' })
    }
  }
  const client = clientOf(App, testing)
  expect((await client.get('/de/')).text).toBe('/de/about')
  expect((await client.get('/de/about')).text).toBe('/foo')
  expect((await client.get('/foo')).text).toBe('/en/about')
})

test('[4.5] a slash redirect keeps method and body (test_basic.py::test_routing_redirect_debugging)', async () => {
  class App {
    @Post('/user/')
    async user(ctx: Context) {
      return (await formOf(ctx)).status as string
    }
  }
  const client = clientOf(App, { debug: true })
  const response = await client.post('/user', { form: { status: 'success' }, followRedirects: true })
  expect([response.text, response.redirects]).toEqual(['success', ['http://localhost/user/']])
})

test('what urlFor builds leads to the view (test_testing.py::test_nosubdomain)', async () => {
  class App {
    @Get('/<company_id>')
    view({ company_id: id }: { company_id: string }) {
      return id
    }
  }
  const app = bootstrap(App, { testing: true })
  const url = await testRequestContext(app, '/', () => urlFor('view', { company_id: 'xxx' }), {
    baseUrl: 'http://example.com',
  })
  const response = await testClient(app, { baseUrl: 'http://example.com' }).get(url)
  expect([response.status, response.text]).toEqual([200, 'xxx'])
})

describe('converters', () => {
  test('of your own give the view values and build URLs of them (test_converters.py::test_custom_converters)', async () => {
    class App {
      @Route('/<list:args>')
      index({ args }: { args: string[] }) {
        return args.join('|')
      }
    }
    const list = { convert: (text: string) => text.split(','), toUrl: (values: unknown[]) => values.join(',') }
    const app = bootstrap(App, { testing: true, converters: { list } })
    expect((await testClient(app).get('/1,2,3')).text).toBe('1|2|3')
    await testRequestContext(app, '/', () => {
      expect(urlFor('index', { args: [4, 5, 6] })).toBe('/4,5,6')
    })
  })

  test('[1.2] run in the request, with its session (test_converters.py::test_context_available)', async () => {
    class App {
      @Get('/<list:names>')
      index({ names }: { names: string[] }) {
        return names
      }
    }
    const convert = (text: string) => [text, request.path, session.name]
    const client = clientOf(App, { ...testing, converters: { list: { convert } } })
    await client.session(stored => (stored.name = 'Ada'))
    expect((await client.get('/admin')).json()).toEqual(['admin', '/admin', 'Ada'])
  })
})
