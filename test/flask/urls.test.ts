import { Blueprint, BuildError, Get, Post, Route, UrlDefaults, bootstrap, urlFor, withAppContext } from 'flaskoa'
import type { BootstrapOptions, Class } from 'flaskoa'
import { testRequestContext } from 'flaskoa/testing'
import { clientOf } from '../support/client'

/** Flask's tests of URLs that are built. */
const testing = { testing: true }

class Site {
  @Get('/')
  index() {
    return '42'
  }
}

/** What `build` gives in a request to the application's `path`. */
const inRequest = <T>(controller: Class, build: () => T, path = '/', options: BootstrapOptions = {}) =>
  testRequestContext(bootstrap(controller, { ...testing, ...options }), path, build)

test('of a rule and its values, whatever its method (test_basic.py::test_url_generation)', async () => {
  class App {
    @Post('/hello/<name>')
    hello() {
      return ''
    }
  }
  await inRequest(App, () => {
    expect(urlFor('hello', { name: 'test x' })).toBe('/hello/test%20x')
    expect(urlFor('hello', { name: 'test x' }, { external: true })).toBe('http://localhost/hello/test%20x')
  })
})

test('with an anchor (test_helpers.py::test_url_for_with_anchor)', async () => {
  expect(await inRequest(Site, () => urlFor('index', {}, { anchor: 'x y' }))).toBe('/#x%20y')
})

test('with a scheme (test_helpers.py::test_url_for_with_scheme)', async () => {
  const url = await inRequest(Site, () => urlFor('index', {}, { external: true, scheme: 'https' }))
  expect(url).toBe('https://localhost/')
})

test('only absolute ones have a scheme (test_helpers.py::test_url_for_with_scheme_not_external)', async () => {
  await inRequest(Site, () => {
    expect(urlFor('index', {}, { scheme: 'https' })).toBe('https://localhost/')
    expect(() => urlFor('index', {}, { scheme: 'https', external: false })).toThrow(TypeError)
  })
})

test('a scheme holds for one URL (test_helpers.py::test_url_for_with_alternating_schemes)', async () => {
  await inRequest(Site, () => {
    expect(urlFor('index', {}, { external: true })).toBe('http://localhost/')
    expect(urlFor('index', {}, { external: true, scheme: 'https' })).toBe('https://localhost/')
    expect(urlFor('index', {}, { external: true })).toBe('http://localhost/')
  })
})

test('for one HTTP method (test_helpers.py::test_url_with_method)', async () => {
  class App {
    @Get('/myview/')
    @Get('/myview/<int:id>')
    @Post('/myview/create')
    myview() {
      return ''
    }
  }
  await inRequest(App, () => {
    expect(urlFor('myview', {}, { method: 'GET' })).toBe('/myview/')
    expect(urlFor('myview', { id: 42 }, { method: 'GET' })).toBe('/myview/42')
    expect(urlFor('myview', {}, { method: 'POST' })).toBe('/myview/create')
  })
})

test('from the application into a blueprint and back (test_blueprints.py::test_dotted_names_from_app)', async () => {
  @Blueprint('', { name: 'test' })
  class Pages {
    @Get('/test/')
    index() {
      return urlFor('appIndex')
    }
  }
  class App {
    @Get('/')
    appIndex() {
      return urlFor('test.index')
    }
  }
  const client = clientOf(App, { ...testing, blueprints: [Pages] })
  expect((await client.get('/')).text).toBe('/test/')
  expect((await client.get('/test/')).text).toBe('/')
})

test("a blueprint's defaults fill in its variables (test_basic.py::test_inject_blueprint_url_defaults)", async () => {
  @Blueprint('', { name: 'foo' })
  class Pages {
    @UrlDefaults
    addPage(_: string, values: Record<string, unknown>) {
      values.page = 'login'
    }

    @Route('/<page>')
    view({ page }: { page: string }) {
      return page
    }
  }
  expect(await inRequest(Site, () => urlFor('foo.view'), '/somepage', { blueprints: [Pages] })).toBe('/login')
})

test('an endpoint that does not exist is a BuildError (test_basic.py::test_build_error_handler)', async () => {
  await inRequest(Site, () => expect(() => urlFor('spam')).toThrow(BuildError))
  await expect(inRequest(Site, () => urlFor('spam'))).rejects.toThrow(BuildError)
})

describe('not without a request', () => {
  const message = 'urlFor() was used outside of a request'

  test('in an application context (test_appctx.py::test_url_generation_requires_server_name)', async () => {
    await withAppContext(bootstrap(Site), () => {
      expect(() => urlFor('index')).toThrow('set the option baseUrl')
    })
  })

  test('nor without any (test_appctx.py::test_url_generation_without_context_fails)', () => {
    expect(() => urlFor('index')).toThrow(message)
  })
})
