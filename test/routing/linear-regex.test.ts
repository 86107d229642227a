import fc from 'fast-check'
import { LinearRegex, matcherOf } from '../../src/routing/linear-regex'
import { treeOf, type Tree } from '../../src/routing/regex-tree'

/** What JavaScript itself makes of it. */
const native = (source: string, text: string) => new RegExp(`^(?:${source})$`, 'su').exec(text)?.slice(1)

const linear = (source: string) => new LinearRegex(source, treeOf(source))

const isNative = (source: string) => !(matcherOf(source) instanceof LinearRegex)

/** Whether something that can be empty is repeated: which of several readings is preferred then is not kept. */
function repeatsNothing(tree: Tree): boolean {
  if (tree.kind === 'repeat') return isEmptiable(tree.tree) || repeatsNothing(tree.tree)
  if (tree.kind === 'group') return repeatsNothing(tree.tree)
  return 'trees' in tree && tree.trees.some(repeatsNothing)
}

function isEmptiable(tree: Tree): boolean {
  if (tree.kind === 'group') return isEmptiable(tree.tree)
  if (tree.kind === 'repeat') return tree.min === 0 || isEmptiable(tree.tree)
  if (tree.kind === 'sequence') return tree.trees.every(isEmptiable)
  return tree.kind === 'assertion' || (tree.kind === 'choice' && tree.trees.some(isEmptiable))
}

const quantifiers = ['', '?', '*', '+', '??', '*?', '+?', '{2}', '{1,2}', '{0,2}?', '{2,}', '{1,}?']
const atoms = ['a', 'b', '-', '.', '\\d', '[^/]', '[ab]', '\\.', '\\u{1F600}', '😀', '(?:)', '\\b', '(?=a)', '(?<!b)']

const { regex } = fc.letrec<{ regex: string; part: string; group: string }>(tie => ({
  part: fc
    .tuple(fc.oneof({ maxDepth: 2 }, fc.constantFrom(...atoms), tie('group')), fc.constantFrom(...quantifiers))
    .map(([atom, quantifier]) => atom + (/^\(\?[=<]|^\\b/.test(atom) ? '' : quantifier)),
  group: fc.array(fc.array(tie('part'), { maxLength: 3 }), { minLength: 1, maxLength: 3 }).map(choices => {
    return `(?:${choices.map(parts => parts.join('')).join('|')})`
  }),
  regex: fc
    .array(fc.tuple(fc.boolean(), fc.array(tie('part'), { maxLength: 3 })), { minLength: 1, maxLength: 4 })
    .map(parts => parts.map(([isGroup, part]) => (isGroup ? `(${part.join('')})` : part.join(''))).join('')),
}))
const text = fc
  .array(fc.constantFrom('a', 'b', '-', '.', '1', '/', '\n', '😀'), { maxLength: 8 })
  .map(all => all.join(''))

describe('a regex that is matched without backtracking', () => {
  test('matches what JavaScript matches, with the same groups', () => {
    fc.assert(
      fc.property(regex, fc.array(text, { minLength: 1, maxLength: 8 }), (source, texts) => {
        const own = linear(source)
        const isExact = !repeatsNothing(treeOf(source))
        for (const each of texts) {
          const expected = native(source, each)
          expect([each, own.test(each)]).toEqual([each, expected !== undefined])
          if (isExact) expect([each, own.match(each)]).toEqual([each, expected])
        }
      }),
      { numRuns: 1000, seed: 7 },
    )
  })

  test.each([
    ['([^/]{1,})-([^/]{1,})-([^/]{1,})', 'a-b-c-d-e', ['a-b-c', 'd', 'e']],
    ['(.*?)x(.*)', 'axbxc', ['a', 'bxc']],
    ['(a|ab)(c|bcd)(d*)', 'abcd', ['a', 'bcd', '']],
    ['(ab|a)(bc)?', 'abc', ['a', 'bc']],
    ['((?:a*)*)', 'b', undefined],
    ['(\\ud83d\\ude00+)([^/]+)', '😀😀x', ['😀😀', 'x']],
    ['(a{2,3}?)(a+)', 'aaaaa', ['aa', 'aaa']],
  ])('%s on %s', (source, given, expected) => {
    expect(native(source, given)).toEqual(expected)
    expect(linear(source).match(given)).toEqual(expected)
  })
})

describe('a regex that would backtrack', () => {
  test.each([
    '[^/]{1,}',
    '\\d+',
    '-?\\d+\\.\\d+',
    '(\\d+)-(\\d+)-(\\d+)',
    'user-([^/]+)\\.json',
    '[^/].*?',
    '(?:en|de|fr)',
    '(?:en)-(?:us|uk)',
    '[a-f]{8}-[a-f]{4}',
    '(?!api)[a-z]+',
    '',
  ])('%s does not, and is left to JavaScript', source => expect(isNative(source)).toBe(true))

  test.each([
    '([^/]+)-([^/]+)',
    '([^/]+)-(\\d+)',
    '(?:a+)+',
    '(?:a|a)*',
    '(?:a|ab)',
    '(?:a|\\d)',
    'a*a*',
    'a*(?:)a*',
    '\\d*\\w*',
    '(.*?)x(.*?)y',
    '[a-z]+(?:-[a-z]+)*',
    'a?a?',
  ])('%s may', source => expect(isNative(source)).toBe(false))
})

/** How often a regex looks at a character of a text. */
function looksAt(source: string, given: string): number {
  let looks = 0
  const counting = (tree: Tree): Tree => {
    if (tree.kind === 'one') return { ...tree, accepts: code => (looks++, tree.accepts(code)) }
    if ('tree' in tree) return { ...tree, tree: counting(tree.tree) }
    return 'trees' in tree ? { ...tree, trees: tree.trees.map(counting) } : tree
  }
  new LinearRegex(source, counting(treeOf(source))).test(given)
  return looks
}

describe('the work', () => {
  test.each([
    ['([^/]+)-([^/]+)-([^/]+)', '-'],
    ['([^/]{1,})-([^/]{1,})-([^/]{1,})-([^/]{1,})x', '-'],
    ['(?:a+)+', 'a'],
    ['(?:a|a)*b', 'a'],
    ['(?:a?){20}a{20}', 'a'],
    ['(.*?)x(.*?)y', 'x'],
    ['(?:(?:a*)*)*b', 'a'],
  ])('of %s doubles when a hostile text is twice as long', (source, letter) => {
    const [once, twice, fourTimes] = [500, 1000, 2000].map(size => looksAt(source, `${letter.repeat(size)}/`)) as [
      number,
      number,
      number,
    ]
    expect(twice / once).toBeLessThan(2.1)
    expect(fourTimes / twice).toBeLessThan(2.1)
  })

  test('a regex that takes too many steps is refused', () => {
    expect(() => matcherOf('(?:(?:a{50}){50}b?)*')).toThrow(
      'it takes more than 2000 steps to match without backtracking',
    )
    expect(isNative('[^/]{5000}')).toBe(true)
  })
})

/** Short texts of them are looked up in a table. */
test.each([
  '\\d+',
  '(\\d+)',
  '[^/]+',
  '[a-zé]+',
  '[^a]+',
  '.+',
  '\\w+',
  '\\W+',
  '(?:ab)+',
  '😀+',
  '[😀a]+',
  '\\u{e9}+',
])('one thing after the other: %s', source => {
  const characters = ['a', 'b', 'z', '5', '-', '/', '\n', '\x00', '\x7f', '\x80', 'é', 'Ω', '😀', '\ud83d']
  const short = characters.flatMap(one => characters.map(other => one + other))
  const texts = [
    '',
    ...characters,
    ...short,
    ...short.flatMap(two => [two.repeat(4), `${two.repeat(4)}a`, 'a'.repeat(8) + two]),
  ]
  const matcher = matcherOf(source)
  for (const each of texts) expect([each, matcher.test(each)]).toEqual([each, native(source, each) !== undefined])
})
