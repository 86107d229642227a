import { Blueprint, ErrorHandler, Get, Route, UrlValuePreprocessor, abort, bootstrap, g, makeResponse } from 'flaskoa'
import type { BlueprintEntry, Class } from 'flaskoa'
import { clientOf } from '../support/client'
import { setupError } from '../support/setup-error'

/** Flask's tests of blueprints: their prefixes, their names, their endpoints, the same one in two places. */
const testing = { testing: true }

/** An application whose views can answer with their endpoint, which is in `g.name`. */
class App {
  @UrlValuePreprocessor
  look(endpoint = 'none') {
    g.name = endpoint
  }
}

const endpoint = () => g.name as string

describe('prefixes', () => {
  test.each([
    ['', '/', '/'],
    ['/', '', '/'],
    ['/', '/', '/'],
    ['/foo', '', '/foo'],
    ['/foo/', '', '/foo/'],
    ['', '/bar', '/bar'],
    ['/foo/', '/bar', '/foo/bar'],
    ['/foo/', 'bar', '/foo/bar'],
    ['/foo', '/bar', '/foo/bar'],
    ['/foo/', '//bar', '/foo/bar'],
    ['/foo//', '/bar', '/foo/bar'],
  ])('[4.9] %j and the rule %j are %s (test_blueprints.py::test_blueprint_prefix_slash)', async (prefix, rule, url) => {
    @Blueprint(prefix, { name: 'test' })
    class Pages {
      @Route(rule)
      index() {
        return makeResponse('', 204)
      }
    }
    expect((await clientOf(App, { ...testing, blueprints: [Pages] }).get(url)).status).toBe(204)
  })

  const entry = (blueprint: Class, prefix: string | undefined): BlueprintEntry =>
    prefix === undefined ? blueprint : { blueprint, prefix }

  test.each([
    ['on both classes', '/parent', '/child', undefined, undefined],
    ['one in the list', '/parent', undefined, undefined, '/child'],
    ['both in lists', undefined, undefined, '/parent', '/child'],
    ['that of the list wins', '/other', '/something', '/parent', '/child'],
  ])(
    '[4.9] nest, %s (test_blueprints.py::test_nesting_url_prefixes)',
    async (_, ofParent, ofChild, parentListed, childListed) => {
      @Blueprint(ofChild)
      class Child {
        @Route('/')
        index() {
          return 'index'
        }
      }
      @Blueprint(ofParent, { blueprints: [entry(Child, childListed)] })
      class Parent {}
      const client = clientOf(App, { ...testing, blueprints: [entry(Parent, parentListed)] })
      expect((await client.get('/parent/child/')).status).toBe(200)
    },
  )
})

test('defaults fill in for a variable (test_blueprints.py::test_empty_url_defaults)', async () => {
  @Blueprint()
  class Pages {
    @Route('/', { defaults: { page: 1 } })
    @Route('/page/<int:page>')
    something({ page }: { page: number }) {
      return String(page)
    }
  }
  const client = clientOf(App, { ...testing, blueprints: [Pages] })
  expect((await client.get('/')).text).toBe('1')
  expect((await client.get('/page/2')).text).toBe('2')
})

describe('names', () => {
  test('[11.6] stand before the endpoint (test_blueprints.py::test_route_decorator_custom_endpoint)', async () => {
    @Blueprint('/py', { name: 'bp' })
    class Pages {
      @Route('/foo')
      foo() {
        return endpoint()
      }

      @Route('/bar', { endpoint: 'bar' })
      fooBar() {
        return endpoint()
      }

      @Route('/bar/123', { endpoint: '123' })
      fooBarFoo() {
        return endpoint()
      }

      @Route('/bar/foo')
      barFoo() {
        return endpoint()
      }
    }
    class Site extends App {
      @Route('/')
      index() {
        return endpoint()
      }
    }
    const client = clientOf(Site, { ...testing, blueprints: [Pages] })
    const endpoints: string[] = []
    for (const path of ['/', '/py/foo', '/py/bar', '/py/bar/123', '/py/bar/foo'])
      endpoints.push((await client.get(path)).text)
    expect(endpoints).toEqual(['index', 'bp.foo', 'bp.bar', 'bp.123', 'bp.barFoo'])
  })

  test('[11.4] endpoints have no dots (test_blueprints.py::test_route_decorator_custom_endpoint_with_dots)', () => {
    @Blueprint('/given')
    class Given {
      @Route('/', { endpoint: 'a.b' })
      index() {
        return ''
      }
    }
    @Blueprint('/named')
    class Named {
      @Route('/')
      ['a.b']() {
        return ''
      }
    }
    for (const pages of [Given, Named])
      expect(setupError(() => bootstrap(App, { blueprints: [pages] }))).toMatch(
        /^FLASKOA_BAD_ENDPOINT .*the endpoint "a\.b" must/,
      )
  })

  test.each([
    ['app.ui', '[11.4] have no dots (test_blueprints.py::test_dotted_name_not_allowed)'],
    ['', '[11.4] are not empty (test_blueprints.py::test_empty_name_not_allowed)'],
  ])('%j: %s', name => {
    @Blueprint('/', { name })
    class Pages {
      @Route('/')
      index() {
        return ''
      }
    }
    expect(setupError(() => bootstrap(App, { blueprints: [Pages] }))).toMatch(
      /^FLASKOA_BAD_ENDPOINT Pages: the blueprint name/,
    )
  })

  test('[11.4] are taken once (test_blueprints.py::test_unique_blueprint_names)', () => {
    @Blueprint('/1', { name: 'bp' })
    class Pages {
      @Route('/')
      index() {
        return ''
      }
    }
    @Blueprint('/2', { name: 'bp' })
    class Others extends Pages {}
    const register = (...blueprints: BlueprintEntry[]) => bootstrap(App, { blueprints })

    expect(setupError(() => register(Pages, Pages))).toMatch(
      /^FLASKOA_DUPLICATE_BLUEPRINT Pages: the blueprint name 'bp' is already in use/,
    )
    expect(setupError(() => register(Pages, { blueprint: Others, prefix: '/3' }))).toMatch(
      /^FLASKOA_DUPLICATE_BLUEPRINT Others/,
    )
    register(Pages, { blueprint: Pages, prefix: '/3', name: 'again' }, { blueprint: Others, name: 'alt' })
  })

  test('[11.4] a blueprint cannot contain itself (test_blueprints.py::test_self_registration)', () => {
    const inner: Class[] = []
    @Blueprint('/', { blueprints: inner })
    class Pages {}
    inner.push(Pages)
    expect(setupError(() => bootstrap(App, { blueprints: [Pages] }))).toMatch(
      /^FLASKOA_BAD_BLUEPRINT Pages contains itself/,
    )
  })

  test('[1.8] can be given where it is registered, twice too (test_blueprints.py::test_blueprint_renaming)', async () => {
    @Blueprint('', { name: 'bp2' })
    class Inner {
      @Get('/')
      index2() {
        return endpoint()
      }
    }
    @Blueprint('', { name: 'bp', blueprints: [{ blueprint: Inner, prefix: '/a', name: 'sub' }] })
    class Outer {
      @Get('/')
      index() {
        return endpoint()
      }

      @Get('/error')
      error(): never {
        abort(403)
      }

      @ErrorHandler(403)
      forbidden() {
        return makeResponse('Error', 403)
      }
    }
    const blueprints = [
      { blueprint: Outer, prefix: '/a' },
      { blueprint: Outer, prefix: '/b', name: 'alt' },
    ]
    const client = clientOf(App, { ...testing, blueprints })
    const answers: string[] = []
    for (const path of ['/a/', '/b/', '/a/a/', '/b/a/', '/a/error', '/b/error'])
      answers.push((await client.get(path)).text)
    expect(answers).toEqual(['bp.index', 'alt.index', 'bp.sub.index2', 'alt.sub.index2', 'Error', 'Error'])
  })
})
