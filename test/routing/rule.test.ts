import { builtInConverters } from '../../src/routing/built-in-converters'
import { joinRules } from '../../src/routing/join-rules'
import { Rule } from '../../src/routing/rule'
import { SetupError } from '../../src/errors/setup-error'

const parse = (rule: string) => Rule.parse(rule, builtInConverters, 'Users.show')

/** `['/users/', 'id:int']` reads better than the objects. */
const pieces = (rule: string) => parse(rule).pieces.map(piece => (typeof piece === 'string' ? piece : piece.source))

test('[4.6] a rule is text and variables', () => {
  const rule = parse('/v<int:major>.<int:minor>/<name>/')
  expect(rule.source).toBe('/v<int:major>.<int:minor>/<name>/')
  expect(rule.variables.map(variable => variable.name)).toEqual(['major', 'minor', 'name'])
  expect(pieces('/v<int:major>.<int:minor>/<name>/')).toEqual([
    '/',
    'v',
    '<int:major>',
    '.',
    '<int:minor>',
    '/',
    '<name>',
    '/',
  ])
})

test('[4.6] runs of slashes are one slash', () => {
  expect(pieces('//a///b//')).toEqual(['/', 'a', '/', 'b', '/'])
})

test('[4.6] a quoted argument may contain characters that a URL segment cannot', () => {
  expect(pieces('/<any("a>b", \'c/d\', "(e)"):x>')).toEqual(['/', '<any("a>b", \'c/d\', "(e)"):x>'])
})

test.each([
  ['', "a rule starts with '/': write '/'"],
  ['users', "a rule starts with '/': write '/users'"],
  ['/a?b', "leave out '?' and '#'"],
  ['/a#b', "leave out '?' and '#'"],
  ['/a>b', "cannot be read from '>b'"],
  ['/a/<b', "cannot be read from '<b'"],
  ['/<a<b>>', "cannot be read from '<a<b>>'"],
  ['/<int(1>', "cannot be read from '<int(1>'"],
  ['/<>', '<> needs a name of letters, digits and _'],
  ['/<int:>', '<int:> needs a name of letters, digits and _'],
  ['/<1a>', '<1a> needs a name of letters, digits and _'],
  ['/<user-id>', '<user-id> needs a name of letters, digits and _'],
  ['/<id>/<int:id>', "uses the variable 'id' twice"],
])('[11] the rule %j is refused: %s', (rule, message) => {
  expect(() => parse(rule)).toThrow(SetupError)
  expect(() => parse(rule)).toThrow(
    expect.objectContaining({ code: 'FLASKOA_BAD_RULE', message: expect.stringContaining(message) }),
  )
  expect(() => parse(rule)).toThrow(`Users.show: in the rule '${rule}'`)
})

test.each(['hex', '__proto__', 'constructor', ''])('[11] the converter %j is not registered', converter => {
  expect(() => parse(`/<${converter}:id>`)).toThrow(
    expect.objectContaining({
      code: 'FLASKOA_UNKNOWN_CONVERTER',
      message:
        `Users.show: in the rule '/<${converter}:id>': there is no converter '${converter}', ` +
        'only string, int, float, path, uuid, any. Pass a converter of your own to bootstrap: ' +
        `{ converters: { ${converter}: { regex, convert, toUrl } } }`,
    }),
  )
})

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
  ['', '', ''],
])('[4.9] the prefix %j and the rule %j make %j', (prefix, rule, joined) => {
  expect(joinRules(prefix, rule)).toBe(joined)
})

test.each([
  ['/users/:id', ':id'],
  ['/users/{id}/edit', '{id}'],
])('a variable as other routers write it, %s, is not taken for plain text', (rule, written) => {
  expect(() => parse(rule)).toThrow(
    `in the rule '${rule}': '${written}' is plain text in a rule: write <id> for a variable`,
  )
  expect(parse('/items/<int:id>:archive').variables).toHaveLength(1)
})
