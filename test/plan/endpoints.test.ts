import { Blueprint, bootstrap, Get, request, Route, urlFor, UrlDefaults } from 'flaskoa'
import { clientOf } from '../support/client'
import { setupError } from '../support/setup-error'

describe('[11.3] two endpoints for one rule', () => {
  test('the same rule of one method: the first answers, and urlFor knows both', async () => {
    class App {
      @Get('/', { endpoint: 'home' })
      @Get('/')
      index() {
        return [request.endpoint, urlFor('home'), urlFor('index')]
      }

      @Route('/pages/<int:page>', { endpoint: 'page', methods: ['POST'] })
      @Route('/pages/<int:page>', { methods: ['GET', 'POST'] })
      pages({ page }: { page: number }) {
        return [request.endpoint, urlFor('pages', { page }), urlFor('page', { page: page + 1 })]
      }
    }
    const client = clientOf(App)
    expect((await client.get('/')).json()).toEqual(['index', '/', '/'])
    expect((await client.post('/pages/1')).json()).toEqual(['pages', '/pages/1', '/pages/2'])
  })

  test('an alias has no blueprint, as with app.add_url_rule("/", endpoint="index")', async () => {
    @Blueprint('/<lang>', { name: 'blog' })
    class Blog {
      @UrlDefaults addLanguage(_endpoint: string, values: Record<string, unknown>) {
        values.lang ??= 'en'
      }
      @Get('/', { alias: 'index' }) index() {
        return [request.endpoint, urlFor('index'), urlFor('blog.index', { lang: 'de' }), urlFor('.index')]
      }
      @Get('/<int:year>', { alias: 'archive' })
      @Get('/archive', { alias: 'archive' })
      archive() {
        return [urlFor('archive'), urlFor('archive', { year: 2026 })]
      }
    }
    const client = clientOf(class {}, { blueprints: [Blog] })
    expect((await client.get('/fr/')).json()).toEqual(['blog.index', '/en/', '/de/', '/en/'])
    expect((await client.get('/fr/archive')).json()).toEqual(['/en/archive', '/en/2026'])
  })

  test('of a blueprint that is registered twice, the alias is the first one', async () => {
    @Blueprint('/first', { name: 'first' })
    class Twice {
      @Get('/', { alias: 'index' }) index() {
        return urlFor('index')
      }
    }
    const client = clientOf(class {}, { blueprints: [Twice, { blueprint: Twice, name: 'second', prefix: '/second' }] })
    expect((await client.get('/second/')).text).toBe('/first/')
  })

  const taken = (name: string, by: string) =>
    `FLASKOA_DUPLICATE_ENDPOINT App.other: the endpoint '${name}' is already in use by ${by}. Give one of them another: ` +
    "{ endpoint: '…' }."

  test('a name that another method has is refused', () => {
    class App {
      @Get('/', { alias: 'home' }) index() {
        return ''
      }
      @Get('/other', { endpoint: 'home' }) other() {
        return ''
      }
    }
    expect(setupError(() => bootstrap(App))).toBe(taken('home', 'App.index'))
    class Swapped {
      @Get('/') index() {
        return ''
      }
      @Get('/other', { alias: 'index' }) other() {
        return ''
      }
    }
    expect(setupError(() => bootstrap(Swapped))).toBe(
      taken('index', 'Swapped.index').replace('App.other', 'Swapped.other'),
    )
  })

  test.each(['a.b', '', 5])('an alias is a name without dots: %p', alias => {
    class App {
      @Get('/', { alias: alias as string }) index() {
        return ''
      }
    }
    expect(setupError(() => bootstrap(App))).toMatch('FLASKOA_BAD_ENDPOINT App.index: the endpoint')
  })

  test('the same endpoint twice, or a method that the first rule does not take, is refused', () => {
    class Twice {
      @Get('/') @Get('/') index() {
        return ''
      }
    }
    expect(setupError(() => bootstrap(Twice))).toMatch('FLASKOA_DUPLICATE_RULE Twice.index: GET /')
    class More {
      @Route('/', { endpoint: 'more', methods: ['GET', 'POST'] })
      @Get('/')
      index() {
        return ''
      }
    }
    expect(setupError(() => bootstrap(More))).toMatch('FLASKOA_DUPLICATE_RULE More.index: GET /')
  })
})

test('[4.9] a blueprint may have options and no prefix', async () => {
  @Blueprint({ name: 'inner' })
  class Inner {
    @Get('/inner') index() {
      return [request.endpoint, request.urlRule]
    }
  }
  @Blueprint('/outer', { name: 'outer', blueprints: [Inner] })
  class Outer {}
  const client = clientOf(class {}, { blueprints: [Inner, Outer] })
  expect((await client.get('/inner')).json()).toEqual(['inner.index', '/inner'])
  expect((await client.get('/outer/inner')).json()).toEqual(['outer.inner.index', '/outer/inner'])
})

test('[2.7] a view whose own rule has variables gets those of its prefixes, whose types it may name', async () => {
  @Blueprint('/<int:year>', { name: 'inner' })
  class Inner {
    @Get('/<slug>') show({ lang, year, slug }: { slug: string; lang: string; year: number }) {
      return [lang, year, slug]
    }
    @Get('/') index({ params }: { params: object }) {
      return params
    }
  }
  @Blueprint('/<any(en, de):lang>', { name: 'outer', blueprints: [Inner] })
  class Outer {}
  const client = clientOf(class {}, { blueprints: [Outer] })
  expect((await client.get('/de/2026/news')).json()).toEqual(['de', 2026, 'news'])
  expect((await client.get('/de/2026/')).json()).toEqual({ lang: 'de', year: 2026 })
})
