import { builtInConverters } from '../../src/routing/built-in-converters'
import { Router, type RouteEntry } from '../../src/routing/router'
import { Rule } from '../../src/routing/rule'
import { BuildError, buildUrl, type BuildOptions } from '../../src/routing/url'

type Route = string | [rule: string, options: Partial<RouteEntry<null>>]

const entriesOf = (routes: Route[]): RouteEntry<null>[] =>
  routes.map(route => {
    const [source, options] = typeof route === 'string' ? [route, {}] : route
    const rule = Rule.parse(source, builtInConverters, 'Users.show')
    return { rule, methods: ['GET'], strictSlashes: true, name: 'Users.show', target: null, ...options }
  })

const build = (routes: Route[], values: Record<string, unknown> = {}, options?: BuildOptions) =>
  buildUrl('users', entriesOf(routes), values, options)

const post = { methods: ['POST'] }

test('[11.6] variables go into the path, the other values into the query', () => {
  expect(build(['/users/<int:id>/'], { id: 3, q: 'a b', tag: ['x', 'é'], none: null, no: undefined, empty: [] })).toBe(
    '/users/3/?q=a+b&tag=x&tag=%C3%A9',
  )
  expect(build(['/'], {})).toBe('/')
})

test('[11.6] text is percent-encoded, the slashes of a path stay', () => {
  expect(build(['/ü/<s>/<path:p>'], { s: 'a?b#c%d;é😀', p: 'x y/z' })).toBe(
    '/%C3%BC/a%3Fb%23c%25d;%C3%A9%F0%9F%98%80/x%20y/z',
  )
  expect(build(["/a:b+c$d,e;f@g'(h)"])).toBe("/a:b+c$d,e;f%40g'(h)")
})

test('[11.6] the router matches each built URL with the same values', () => {
  const routes: Route[] = ['/<string:s>/<int:i>/<float:f>/<any(a, "b c"):w>/<path:p>']
  const values = { s: 'a%2F+&\n', i: 12, f: 3, w: 'b c', p: 'x//y?' }
  const router = new Router<null>()
  for (const entry of entriesOf(routes)) router.add(entry)
  expect(router.match('GET', build(routes, values))).toMatchObject({ kind: 'found', values })
})

test('[11.6] an anchor', () => {
  expect(build(['/'], { a: 1 }, { anchor: 'x y' })).toBe('/?a=1#x%20y')
  expect(build(['/'], {}, { anchor: '' })).toBe('/')
})

describe('which rule', () => {
  test('[11.6] the one that uses most of the values', () => {
    const routes: Route[] = ['/', '/<a>', '/<a>/<b>']
    expect(build(routes, { b: 2 })).toBe('/?b=2')
    expect(build(routes, { a: 1, b: 2 })).toBe('/1/2')
  })

  test('[11.6] with a default only for that value, which needs not be given', () => {
    const routes: Route[] = ['/page/<int:page>', ['/', { defaults: { page: 1 } }]]
    expect(build(routes, { page: 1 })).toBe('/')
    expect(build(routes, {})).toBe('/')
    expect(build(routes, { page: 2 })).toBe('/page/2')
  })

  test('[11.6] a default of a variable is written out', () => {
    expect(build([['/<int:page>/x', { defaults: { page: 1 } }]])).toBe('/1/x')
  })

  test('[4.1] the one for the method; without a method GET first, then the order', () => {
    const routes: Route[] = [['/make', post], '/show', ['/drop', { methods: ['DELETE'] }]]
    expect(build(routes)).toBe('/show')
    expect(build(routes, {}, { method: 'POST' })).toBe('/make')
    expect(build([['/make', post]])).toBe('/make')
  })

  test('[11.6] the next one when a value does not fit', () => {
    expect(build(['/<int:id>', '/<name>'], { id: 'x', name: 'ann' })).toBe('/ann?id=x')
  })
})

describe('errors', () => {
  function failure(act: () => unknown): BuildError {
    try {
      act()
    } catch (error) {
      if (error instanceof BuildError) return error
    }
    throw new Error('expected a BuildError')
  }

  test.each<[string, Route[], Record<string, unknown>, string]>([
    ['a missing value', ['/<a>/<b>/<c>'], { b: 1, c: null }, "no value for 'a', 'c' (rule '/<a>/<b>/<c>')"],
    ['an inherited value', ['/<toString>'], {}, "no value for 'toString' (rule '/<toString>')"],
    ['another default', [['/', { defaults: { n: 1 } }]], { n: 2 }, "'n' must be its default, 1 (rule '/')"],
    ['a slash', ['/<a>'], { a: 'x/y' }, `"x/y" for 'a' is not what <a> matches (rule '/<a>')`],
    ['a strange word', ['/<any(b,c):a>'], { a: 'x' }, `"x" for 'a' is not what <any(b,c):a> matches`],
    ['half a character', ['/<a>'], { a: '\ud800' }, `"\\ud800" for 'a' is not what <a> matches`],
    ['no rule that fits', ['/<a>', '/x/<b>'], {}, `no value for 'a' (rule '/<a>'); no value for 'b' (rule '/x/<b>')`],
  ])('[11.6] say %s', (_, routes, values, message) => {
    const error = failure(() => build(routes, values))
    expect(error.message).toContain(`Could not build a URL for the endpoint 'users': ${message}`)
    expect(error).toMatchObject({ name: 'BuildError', endpoint: 'users', values, method: undefined })
  })

  test('[11.6] say that the method has no rule', () => {
    const error = failure(() => build(['/'], {}, { method: 'PUT' }))
    expect(error).toMatchObject({ method: 'PUT', message: expect.stringContaining('none of its rules takes PUT') })
  })

  test('[11.6] say that the endpoint is unknown, and which one may be meant', () => {
    const message = (known?: string[]) => failure(() => buildUrl('user.indx', undefined, {}, { known })).message
    expect(message()).toMatch(/there is no such endpoint$/)
    expect(message(['show', 'user.index', 'user.edit'])).toMatch(/no such endpoint, did you mean 'user.index'\?$/)
    expect(failure(() => buildUrl('x', [], {})).message).toMatch(/there is no such endpoint$/)
  })
})
