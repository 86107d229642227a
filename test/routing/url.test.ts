import { builtInConverters } from '../../src/routing/built-in-converters'
import type { Converter } from '../../src/routing/converters'
import { Router, type RouteEntry } from '../../src/routing/router'
import { Rule } from '../../src/routing/rule'
import { BuildError, buildUrl, type BuildOptions } from '../../src/routing/url'

type Route = string | [rule: string, options: Partial<RouteEntry<null>>]

const own: Record<string, Converter> = {
  even: { convert: text => (Number(text) % 2 === 0 ? Number(text) : undefined) },
  date: {
    convert: text => {
      const date = new Date(text)
      if (Number.isNaN(date.valueOf())) throw new RangeError('no date')
      return date
    },
    toUrl: value => (value instanceof Date ? value.toISOString() : String(value)),
  },
  rest: { regex: '.*' },
}

const entriesOf = (routes: Route[]): RouteEntry<null>[] =>
  routes.map(route => {
    const [source, options] = typeof route === 'string' ? [route, {}] : route
    const rule = Rule.parse(source, { ...builtInConverters, ...own }, 'Users.show')
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

test.each([
  '1.5',
  '0.0',
  '0.0000001',
  '0.00000012345',
  '1000000000000000000000.0',
  '123456789012345680000000.0',
  '-0.0000005',
  `-0.${'0'.repeat(20)}7`,
  `15${'0'.repeat(299)}.5`,
  '-0.0',
])('[11.6] a float that the converter made of %s leads back to the same value', text => {
  const routes: Route[] = ['/<float(signed=True):x>']
  const router = new Router<null>()
  for (const entry of entriesOf(routes)) router.add(entry)
  const match = router.match('GET', `/${text}`)
  const values = match.kind === 'found' ? match.values : {}
  const again = router.match('GET', build(routes, values))
  expect(again).toMatchObject({ kind: 'found', values: { x: Number(text) } })
  expect(Object.is(values.x, Number(text))).toBe(true)
})

test('[11.6] text beside dots is no segment that clients remove', () => {
  expect(build(['/<a>.<b>', '/x'], { a: '.', b: '.' })).toBe('/...')
  expect(build(['/v<a>'], { a: '..' })).toBe('/v..')
  expect(build(['/<a>'], { a: '%2e%2e' })).toBe('/%252e%252e')
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
    ['a number out of range', ['/<int(max=9):n>'], { n: 10 }, `"10" for 'n' is not what <int(max=9):n> matches`],
    ['a number that JavaScript rounds', ['/<int:n>'], { n: 2 ** 53 }, `"9007199254740992" for 'n' is not what <int:n>`],
    ['a float out of range', ['/<float(min=1):n>'], { n: 0.5 }, `"0.5" for 'n' is not what <float(min=1):n> matches`],
    ['no number', ['/<float:n>'], { n: NaN }, `"NaN" for 'n' is not what <float:n> matches`],
    ['a value that the converter refuses', ['/<even:n>'], { n: 3 }, `"3" for 'n' is not what <even:n> matches`],
    ['a text on which convert throws', ['/<date:d>'], { d: 'x' }, "the converter of <date:d> failed for 'd': no date"],
    [
      'a value on which toUrl throws',
      ['/<date:d>'],
      { d: new Date(NaN) },
      "the converter of <date:d> failed for 'd': Inv",
    ],
    ['a segment with dots', ['/t/<a>/delete'], { a: '..' }, "clients remove the segment '..' of '/t/../delete'"],
    ['one dot', ['/<a>'], { a: '.' }, "clients remove the segment '.' of '/.' (rule '/<a>')"],
    ['dots of a path', ['/<path:p>'], { p: 'a/../../b' }, "clients remove the segment '..' of '/a/../../b'"],
    ['dots of the rule', ['/a/../<b>'], { b: 1 }, "clients remove the segment '..' of '/a/../1'"],
    ['a slash too many', ['/<path:p>/'], { p: 'a/' }, "the rule does not match '/a//' (rule '/<path:p>/')"],
    ['a path that is a host', ['/<rest:p>'], { p: '/evil.example' }, "the rule does not match '//evil.example'"],
    ['half a character', ['/<a>'], { a: '\ud800' }, `"\\ud800" for 'a' is not what <a> matches`],
    ['no rule that fits', ['/<a>', '/x/<b>'], {}, `no value for 'a' (rule '/<a>'); no value for 'b' (rule '/x/<b>')`],
  ])('[11.6] say %s', (_, routes, values, message) => {
    const error = failure(() => build(routes, values))
    expect(error.message).toContain(`Could not build a URL for the endpoint 'users': ${message}`)
    expect(error).toMatchObject({ name: 'BuildError', endpoint: 'users', values, method: undefined })
  })

  test('[11.6] have the error of the converter as their cause', () => {
    expect(failure(() => build(['/<int:n>', '/<date:d>'], { n: 'x', d: 'x' })).cause).toEqual(new RangeError('no date'))
    expect(failure(() => build(['/<int:n>'], { n: 'x' }))).not.toHaveProperty('cause')
  })

  test('[11.6] say that the method has no rule', () => {
    const error = failure(() => build(['/'], {}, { method: 'PUT' }))
    expect(error).toMatchObject({ method: 'PUT', message: expect.stringContaining('none of its rules takes PUT') })
  })

  test('[11.6] say that the endpoint is unknown, and which one may be meant', () => {
    const message = (known?: string[]) => failure(() => buildUrl('user.indx', undefined, {}, { known })).message
    expect(message()).toMatch(/there is no such endpoint$/)
    expect(message(['show', 'user.index', 'user.edit'])).toMatch(/no such endpoint, did you mean 'user.index'\?$/)
    expect(failure(() => buildUrl('static', [], {}, { known: ['blog.static'] })).message).toMatch(
      /did you mean 'blog.static'\?$/,
    )
    expect(failure(() => buildUrl('x', [], {})).message).toMatch(/there is no such endpoint$/)
  })
})
