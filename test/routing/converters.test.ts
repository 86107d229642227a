import { builtInConverters } from '../../src/routing/built-in-converters'
import type { Converter, ConverterArgs } from '../../src/routing/converters'
import { Rule } from '../../src/routing/rule'
import { Router } from '../../src/routing/router'

const parse = (rule: string, custom: Record<string, unknown> = {}) =>
  Rule.parse(rule, { ...builtInConverters, ...(custom as Record<string, Converter>) }, 'Things.show')

/** What `/<variable>` makes of a path: the value, or the kind of failure. */
function value(variable: string, path: string, custom?: Record<string, unknown>): unknown {
  const router = new Router<null>()
  const rule = parse(`/<${variable}:x>`, custom)
  router.add({ rule, methods: ['GET'], strictSlashes: true, name: 'Things.show', target: null })
  const match = router.match('GET', path)
  return match.kind === 'found' ? match.values.x : match.kind
}

const toUrl = (variable: string, given: unknown) => parse(`/<${variable}:x>`).variables[0]?.converter.toUrl(given)

const failure = (act: () => unknown): unknown => {
  try {
    return act()
  } catch (error) {
    return error
  }
}

describe('string', () => {
  test.each([
    ['string', '/abc', 'abc'],
    ['string', '/%F0%9F%98%80', '😀'],
    ['string', '/a%0Ab', 'a\nb'],
    ['string', '/a%2Fb', 'notFound'],
    ['string(length=2)', '/ab', 'ab'],
    ['string(length=2)', '/%F0%9F%98%80b', '😀b'],
    ['string(length=2)', '/abc', 'notFound'],
    ['string(minlength=2)', '/a', 'notFound'],
    ['string(2, 3)', '/abc', 'abc'],
    ['string(2, maxlength=3)', '/abcd', 'notFound'],
    ['default', '/abc', 'abc'],
  ])('[4.6] <%s:x> takes %s as %j', (variable, path, expected) => expect(value(variable, path)).toBe(expected))
})

describe('int and float', () => {
  test.each([
    ['int', '/42', 42],
    ['int', '/007', 7],
    ['int', '/-1', 'notFound'],
    ['int', '/4.2', 'notFound'],
    ['int(signed=True)', '/-1', -1],
    ['int(signed=false)', '/-1', 'notFound'],
    ['int(signed=true, min=-5)', '/-6', 'notFound'],
    ['int(min=2, max=4)', '/1', 'notFound'],
    ['int(min=2, max=4)', '/4', 4],
    ['int(min=2, max=4)', '/5', 'notFound'],
    ['int(fixed_digits=3)', '/012', 12],
    ['int(fixedDigits=3)', '/12', 'notFound'],
    ['int(3)', '/12', 'notFound'],
    ['int()', '/12', 12],
    ['float', '/1.50', 1.5],
    ['float', '/1', 'notFound'],
    ['float(signed=True)', '/-1.5', -1.5],
    ['float(min=1.5, max=2)', '/1.4', 'notFound'],
    ['float(min=1.5, max=2)', '/2.0', 2],
    ['float', `/${'9'.repeat(400)}.0`, 'notFound'],
  ])('[4.6] <%s:x> takes %s as %j', (variable, path, expected) => expect(value(variable, path)).toBe(expected))

  test('[4.6] an integer that a number cannot hold is refused, not rounded', () => {
    expect(value('int', '/9007199254740991')).toBe(Number.MAX_SAFE_INTEGER)
    expect(value('int', '/9007199254740993')).toBe('notFound')
  })

  test.each([
    ['int', 7, '7'],
    ['int(fixed_digits=3)', 7, '007'],
    ['int(fixed_digits=3, signed=True)', -7, '-07'],
    ['float', 3, '3.0'],
    ['float', -3, '-3.0'],
    ['float', 2.5, '2.5'],
    ['string', 5, '5'],
  ])('[4.6] the URL of <%s:x> for %j has %j', (variable, given, text) => expect(toUrl(variable, given)).toBe(text))
})

describe('path, uuid and any', () => {
  test.each([
    ['path', '/a/b%20c/d', 'a/b c/d'],
    ['path', '/a%2Fb/c', 'a/b/c'],
    ['path', '/%2Fetc/passwd', 'notFound'],
    ['path', '/', 'notFound'],
    ['uuid', '/6BA7B810-9DAD-11D1-80B4-00C04FD430C8', '6ba7b810-9dad-11d1-80b4-00c04fd430c8'],
    ['uuid', '/6BA7B810', 'notFound'],
    ['any(about, "c.d", \'e,f\')', '/about', 'about'],
    ['any(about, "c.d", \'e,f\')', '/c.d', 'c.d'],
    ['any(about, "c.d", \'e,f\')', '/e,f', 'e,f'],
    ['any(about, "c.d", \'e,f\')', '/cxd', 'notFound'],
    ['any("1", größe)', '/1', '1'],
  ])('[4.6] <%s:x> takes %s as %j', (variable, path, expected) => expect(value(variable, path)).toBe(expected))
})

describe('a converter of the user', () => {
  test('[4.6] has defaults for everything', () => {
    expect(value('plain', '/abc', { plain: {} })).toBe('abc')
    expect(value('plain', '/a/b', { plain: {} })).toBe('notFound')
  })

  test('[4.6] converts with its own `this`', () => {
    class Base {
      readonly regex = /[0-9a-f]+/
      constructor(private readonly radix: number) {}
      convert(text: string): number {
        return parseInt(text, this.radix)
      }
    }
    expect(value('hex', '/ff', { hex: new Base(16) })).toBe(255)
    expect(value('base(16)', '/ff', { base: ({ positional }: ConverterArgs) => new Base(Number(positional[0])) })).toBe(
      255,
    )
  })

  test('[4.6] a factory gets the arguments as they stood in the rule', () => {
    const seen: ConverterArgs[] = []
    const factory = (args: ConverterArgs) => (seen.push(args), {})
    parse('/<f( 4 , -1.5, word, "q)", flag=True, text = \'<>\', last=no,):a>/<f:b>', { f: factory })
    expect(seen.map(({ positional, named }) => [positional, { ...named }])).toEqual([
      [[4, -1.5, 'word', 'q)'], { flag: true, text: '<>', last: 'no' }],
      [[], {}],
    ])
  })

  test.each([
    ['.+', '/a/b', 'a/b'],
    ['\\S+', '/a/b', 'a/b'],
    ['[^x]+', '/a/b', 'a/b'],
    ['[!-~]+', '/a/b', 'a/b'],
    ['[a-z]+(?:/[a-z]+)*', '/a/b', 'a/b'],
    ['\\w\\x2fb', '/a/b', 'a/b'],
    ['[^/]+', '/a/b', 'notFound'],
    ['\\w+\\.\\w{1,3}', '/a.b', 'a.b'],
    ['\\p{L}+|\\cA', '/é', 'é'],
    ['', '/', ''],
  ])('[4.6] the regex %s decides whether %s is one value', (regex, path, expected) => {
    expect(value('own', path, { own: { regex } })).toBe(expected)
  })

  test('[4.6] a %2F in the URL does not count as a slash for the regex, but the value contains a slash', () => {
    expect(value('own', '/a%2Fb', { own: { regex: '[a-z]+(?:/[a-z]+)?' } })).toBe('notFound')
    expect(value('own', '/a%2Fb', { own: { regex: '.+' } })).toBe('a/b')
  })

  test.each([
    ['no object', 3, 'a converter is an object'],
    ['null', null, 'a converter is an object'],
    ['what a factory returns', () => undefined, 'a converter is an object'],
    ['convert', { convert: 'x' }, 'convert is not a function'],
    ['toUrl', { toUrl: 1 }, 'toUrl is not a function'],
    ['convert', { convert: async () => {} }, 'convert is asynchronous: the router does not wait'],
    ['weight', { weight: NaN }, 'weight is not a finite number'],
    ['regex', { regex: 5 }, 'regex is not a string or a RegExp'],
    ['regex syntax', { regex: '(' }, 'Invalid regular expression'],
    ['a regex that only closes', { regex: 'a)|(?:b' }, 'Invalid regular expression'],
    ['a capture group', { regex: '(a|b)' }, 'write (?:…) instead of (…)'],
    ['flags', { regex: /a/i }, 'the flags i, m and v are not supported'],
    ['anchors', { regex: '^a$' }, 'leave out ^ and $'],
  ])('[11] is refused for its %s', (_, own, message) => {
    const error = failure(() => parse('/<own:x>', { own }))
    expect(error).toMatchObject({ code: 'FLASKOA_BAD_CONVERTER', message: expect.stringContaining(message) })
    expect(error).toMatchObject({ message: expect.stringContaining("Things.show: in the rule '/<own:x>'") })
  })
})

test.each([
  ['int(1, 2, 3, True, 5)', 'takes at most 4 arguments'],
  ['int(minimum=1)', "has no argument 'minimum', only fixedDigits, min, max, signed"],
  ['int(3, fixed_digits=3)', "gets the argument 'fixedDigits' twice"],
  ['int(min=low)', `needs a number for 'min', not "low"`],
  ['int(signed=1)', "needs True or False for 'signed', not 1"],
  ['string(length=-1)', "needs a whole number from 0 up for 'length', not -1"],
  ['string(length=1.5)', "needs a whole number from 0 up for 'length', not 1.5"],
  ['string(length="2")', `needs a whole number from 0 up for 'length', not "2"`],
  ['string(maxlength=0)', 'has a maxlength below its minlength'],
  ['any()', 'needs one or more words, as in any('],
  ['any(1, a)', 'put numbers in quotes'],
  ['any(a, b=c)', 'needs one or more words, as in any('],
  ['uuid(4)', 'this converter takes no arguments'],
  ['int(1 2)', "cannot read the arguments from '1 2', separate them with commas"],
  ['thrower', 'the converter no'],
])('[11] <%s:x> is refused: %s', (variable, message) => {
  const thrower = () => {
    throw 'no'
  }
  const error = failure(() => parse(`/<${variable}:x>`, { thrower }))
  expect(error).toMatchObject({ code: 'FLASKOA_BAD_RULE', message: expect.stringContaining(message) })
  expect(error).toMatchObject({ message: expect.stringContaining('Things.show') })
})

test('[4.6] no rule of the built-in converters takes exponential time', () => {
  const router = new Router<null>()
  const add = (rule: string) =>
    router.add({ rule: parse(rule), methods: ['GET'], strictSlashes: true, name: rule, target: null })
  add('/s/<a>-<b>-<c>')
  add('/p/<path:a>/x/<path:b>/y')
  add('/i/<int:a><int:b>.<float:c>')
  const started = performance.now()
  for (const path of [`/s/${'a-'.repeat(4000)}%2F`, `/p/${'x/'.repeat(400)}`, `/i/${'1'.repeat(300)}x`]) {
    expect(router.match('GET', path).kind).toBe('notFound')
  }
  expect(performance.now() - started).toBeLessThan(2000)
})
