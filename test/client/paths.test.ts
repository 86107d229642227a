import { bootstrap, Get, urlFor, type ConverterDefinition } from 'flaskoa'
import { client } from 'flaskoa/client'
import { withPrefix } from 'flaskoa/contract'
import { testRequestContext } from 'flaskoa/testing'

const converters: Record<string, ConverterDefinition> = {
  month: { regex: /\d{4}-\d\d/, toUrl: (value: unknown) => (value as Date).toISOString().slice(0, 7) },
  words: { regex: '[a-z+]+', toUrl: (value: unknown) => (value as string[]).join('+') },
  plain: {},
  deep: { regex: '.+' },
  even: { regex: '\\d+', convert: text => (Number(text) % 2 === 0 ? Number(text) : undefined) },
  digits: ({ positional: [count = 1] }) => ({ regex: `\\d{${String(count)}}` }),
  strict: {
    convert: () => {
      throw new Error('not this one')
    },
  },
}

/** The path that a client requests for a rule, or the message of its TypeError. */
async function pathOf(rule: string, values: Record<string, unknown>, defaults?: Record<string, unknown>, base = '') {
  const urls: string[] = []
  const fetch = (url: string) => {
    urls.push(url)
    return Promise.resolve(new Response())
  }
  const show = Get(rule, defaults === undefined ? {} : { defaults })
  const api = client(base, { show }, { fetch, converters })
  try {
    await api.show(values)
  } catch (error) {
    expect(error).toBeInstanceOf(TypeError)
    expect(urls).toEqual([])
    return error as TypeError
  }
  return urls[0]
}

/** What `urlFor` makes of the same. */
async function urlOf(rule: string, values: Record<string, unknown>, defaults?: Record<string, unknown>) {
  class App {
    @Get(rule, defaults === undefined ? {} : { defaults }) show() {
      return ''
    }
    @Get('/home/of/urlFor') home() {
      return ''
    }
  }
  return testRequestContext(bootstrap(App, { converters }), '/home/of/urlFor', () => {
    try {
      return urlFor('show', values)
    } catch {
      return undefined
    }
  })
}

describe('a path is as urlFor makes it', () => {
  test.each<[string, unknown, string]>([
    ['/<x>', 'ann', '/ann'],
    ['/<x>', 'a b&ü?#%', '/a%20b%26%C3%BC%3F%23%25'],
    ['/<x>', '$,+:;@=', '/$,+:;%40%3D'],
    ['/<x>', '[object Object]', '/%5Bobject%20Object%5D'],
    ['/<x>', 5, '/5'],
    ['/<string(2, 3):x>', 'ab', '/ab'],
    ['/<int:x>', 7, '/7'],
    ['/<int(3):x>', 7, '/007'],
    ['/<int(fixed_digits=3, signed=True):x>', -7, '/-07'],
    ['/<float:x>', 1, '/1.0'],
    ['/<float:x>', 1e-7, '/0.0000001'],
    ['/<path:x>', 'a/b c/d', '/a/b%20c/d'],
    ['/<uuid:x>', '6F9619FF-8B86-D011-B42D-00CF4FC964FF', '/6F9619FF-8B86-D011-B42D-00CF4FC964FF'],
    ["/<any(about,'help me'):x>", 'help me', '/help%20me'],
    ['/<month:x>', new Date(0), '/1970-01'],
    ['/<words:x>', ['a', 'b'], '/a+b'],
    ['/<plain:x>', 'a', '/a'],
    ['/<deep:x>', 'a/b', '/a/b'],
    ['/<even:x>', 4, '/4'],
    ['/<digits(4):x>', '1234', '/1234'],
    ['/ü//<x>.json', 'a', '/%C3%BC/a.json'],
    ['/<x>/', '..a', '/..a/'],
  ])('%s with %p is %s', async (rule, x, expected) => {
    expect(await pathOf(rule, { x })).toBe(expected)
    expect(await urlOf(rule, { x })).toBe(expected)
  })

  test.each<[string, unknown, string]>([
    ['/<x>', '', '"" is not what <x> matches'],
    ['/<x>', 'a/b', '"a/b" is not what <x> matches'],
    ['/<x>', undefined, 'there is no value'],
    ['/<x>', null, 'there is no value'],
    ['/<x>', '.', "clients remove the segment '.' of '/.'"],
    ['/<x>', '..', "clients remove the segment '..' of '/..'"],
    ['/.<x>', '.', "clients remove the segment '..' of '/..'"],
    ['/<path:x>', 'a/../b', "clients remove the segment '..' of '/a/../b'"],
    ['/<path:x>', '/a', '"/a" is not what <path:x> matches'],
    ['/<x>', '\ud800', '"\\ud800" is not what <x> matches'],
    ['/<x>', {}, '"[object Object]" is not what <x> matches'],
    ['/<string(2):x>', 'a', '"a" is not what <string(2):x> matches'],
    ['/<int:x>', NaN, '"NaN" is not what <int:x> matches'],
    ['/<int:x>', 1.5, '"1.5" is not what <int:x> matches'],
    ['/<int:x>', -1, '"-1" is not what <int:x> matches'],
    ['/<int(max=5):x>', 6, '"6" is not what <int(max=5):x> matches'],
    ['/<int:x>', 2 ** 53, '"9007199254740992" is not what <int:x> matches'],
    ['/<float:x>', Infinity, '"Infinity" is not what <float:x> matches'],
    ['/<uuid:x>', 'x', '"x" is not what <uuid:x> matches'],
    ['/<any(a, b):x>', 'c', '"c" is not what <any(a, b):x> matches'],
    ['/<month:x>', 'May', 'its converter failed'],
    ['/<even:x>', 5, '"5" is not what <even:x> matches'],
    ['/<strict:x>', 'a', 'its converter failed'],
  ])('%s refuses %p before anything is sent', async (rule, x, problem) => {
    const error = await pathOf(rule, { x })
    expect(String(error)).toBe(`TypeError: the value of 'x' for the rule '${rule}': ${problem}`)
    expect(await urlOf(rule, { x })).toBeUndefined()
  })

  test('a variable with a default has only this value', async () => {
    const [rule, defaults] = ['/<lang>/<int:page>', { page: 1, sort: 'asc' }] as const
    expect(await pathOf(rule, { lang: 'en' }, defaults)).toBe('/en/1')
    expect(await urlOf(rule, { lang: 'en' }, defaults)).toBe('/en/1')
    expect(await pathOf(rule, { lang: 'en', page: 1 }, defaults)).toBe('/en/1')
    expect(String(await pathOf(rule, { lang: 'en', page: 2 }, defaults))).toMatch("'page' for the rule")
    expect(await urlOf(rule, { lang: 'en', page: 2 }, defaults)).toBeUndefined()
  })
})

test('the error of a converter is the cause', async () => {
  expect(((await pathOf('/<strict:x>', { x: 'a' })) as TypeError).cause).toEqual(new Error('not this one'))
})

test('a converter that the client does not know makes any text', async () => {
  expect(await pathOf('/<colour:x>', { x: 'dark/red' })).toBe('/dark/red')
  expect(await pathOf('/<toString:x>', { x: 'a' })).toBe('/a')
  expect(String(await pathOf('/<colour:x>', { x: '' }))).toMatch('"" is not what <colour:x> matches')
})

test('a variable may have the name of an input that the route does not declare', async () => {
  expect(await pathOf('/<query>/<form>', { query: 'a', form: 'b' })).toBe('/a/b')
})

test('a value that every object inherits is no value', async () => {
  expect(String(await pathOf('/<toString>', {}))).toMatch("'toString' for the rule '/<toString>': there is no value")
})

test('the base may have a path', async () => {
  expect(await pathOf('/<x>', { x: 'a' }, undefined, '/api/')).toBe('/api/a')
  expect(await pathOf('', {}, undefined, 'http://127.0.0.1/api')).toBe('http://127.0.0.1/api')
})

test('a prefix is joined as that of a blueprint', async () => {
  const urls: string[] = []
  const fetch = (url: string) => {
    urls.push(url)
    return Promise.resolve(new Response())
  }
  const [index, show] = [Get('/'), Get('/<int:id>')]
  const users = withPrefix('/users/', { index, show, root: Get('') })
  const api = client('', { users, orgs: withPrefix('/orgs/<org>', { users }), index }, { fetch })
  await api.users.index()
  await api.users.show({ id: 1 })
  await api.users.root()
  await api.orgs.users.show({ org: 'a b', id: 2 })
  await api.index()
  expect(urls).toEqual(['/users/', '/users/1', '/users/', '/orgs/a%20b/users/2', '/'])
})

test.each([
  ['/<x', "the rule '/<x' cannot be read from '<x'"],
  ['/<int(=):x>', "the rule '/<int(=):x>' cannot be read from '='"],
  ['/<int(1.5):x>', 'needs a whole number'],
])('the rule %s is refused when the client is made', (rule, message) => {
  expect(() => client('', { show: Get(rule as '/') })).toThrow(message)
})
