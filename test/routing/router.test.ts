import { builtInConverters } from '../../src/routing/built-in-converters'
import { Router, type RouteEntry } from '../../src/routing/router'
import { Rule } from '../../src/routing/rule'

type Options = Partial<Pick<RouteEntry<string>, 'methods' | 'strictSlashes' | 'defaults'>>
type Route = string | [rule: string, options: Options]

const custom = {
  hex: { regex: '[0-9a-f]+', weight: 60 },
  plain: {},
  odd: { regex: '\\d[\\P{P}\\-]' },
  deep: { regex: '[a-z]+/[a-z]+' },
}

/** Every rule is its own target, and takes GET, HEAD and OPTIONS by default. */
function routerOf(...routes: Route[]): Router<string> {
  const router = new Router<string>()
  for (const route of routes) {
    const [source, options] = typeof route === 'string' ? [route, {}] : route
    const rule = Rule.parse(source, { ...builtInConverters, ...custom }, `View.${source}`)
    const methods = ['GET', 'HEAD', 'OPTIONS']
    router.add({ rule, methods, strictSlashes: true, name: `View.${source}`, target: source, ...options })
  }
  return router
}

/** What became of a request in one line. */
function outcome(router: Router<string>, path: string, method = 'GET'): string {
  const match = router.match(method, path)
  if (match.kind === 'found') return [match.entry.target, JSON.stringify(match.values)].join(' ').replace(' {}', '')
  if (match.kind === 'redirect') return `308 ${match.path}`
  return match.kind === 'notAllowed' ? `405 ${match.allow.join()}` : match.kind
}

const post: Options = { methods: ['POST', 'OPTIONS'] }
const lenient: Options = { strictSlashes: false }

describe('which rule wins', () => {
  test('[4.6] static text before int before float-like weights before string before path, whatever the order', () => {
    const router = routerOf('/<path:p>', '/<s>', '/<hex:h>', '/<int:i>', '/me')
    expect(['/me', '/5', '/ff', '/you', '/a/b'].map(path => outcome(router, path))).toEqual([
      '/me',
      '/<int:i> {"i":5}',
      '/<hex:h> {"h":"ff"}',
      '/<s> {"s":"you"}',
      '/<path:p> {"p":"a/b"}',
    ])
  })

  test('[4.6] more and longer static text in a segment wins, then more variables', () => {
    const router = routerOf('/<a>', '/<a><plain:b>', '/v<a>', '/ver<a>', '/v<a>.<b>')
    expect(['/vx', '/verx', '/v1.2', '/xyz', '/x'].map(path => outcome(router, path))).toEqual([
      '/v<a> {"a":"x"}',
      '/ver<a> {"a":"x"}',
      '/v<a>.<b> {"a":"1","b":"2"}',
      '/<a><plain:b> {"a":"xy","b":"z"}',
      '/<a> {"a":"x"}',
    ])
  })

  test('[4.6] at equal weight the first added one wins', () => {
    expect(outcome(routerOf('/<a>', '/<plain:b>'), '/x')).toBe('/<a> {"a":"x"}')
    expect(outcome(routerOf('/<plain:b>', '/<a>'), '/x')).toBe('/<plain:b> {"b":"x"}')
  })

  test('[4.6] the search backtracks from a path without a match', () => {
    const router = routerOf('/a/b/c', '/a/<x>/d', '/<x>/b/e')
    expect(['/a/b/c', '/a/b/d', '/a/b/e', '/a/b/f'].map(path => outcome(router, path))).toEqual([
      '/a/b/c',
      '/a/<x>/d {"x":"b"}',
      '/<x>/b/e {"x":"a"}',
      'notFound',
    ])
  })

  test('[4.6] rules share what they have in common', () => {
    const router = routerOf('/<user>/posts', '/<name>/likes')
    expect(outcome(router, '/ann/likes')).toBe('/<name>/likes {"name":"ann"}')
  })

  test('[4.6] a value that the converter refuses is a 404, other rules are not tried', () => {
    expect(outcome(routerOf('/<int(max=9):n>', '/<s>'), '/10')).toBe('notFound')
    expect(outcome(routerOf('/<int(max=9):n>', ['/10', post]), '/10')).toBe('405 OPTIONS,POST')
  })

  test('[4.6] a path in the middle of a rule', () => {
    const router = routerOf('/<path:page>/edit', '/<path:page>')
    expect(outcome(router, '/a/b/edit')).toBe('/<path:page>/edit {"page":"a/b"}')
    expect(outcome(router, '/a/b/edit/')).toBe('/<path:page> {"page":"a/b/edit/"}')
    expect(outcome(router, '/a%2Fedit')).toBe('/<path:page> {"page":"a/edit"}')
  })
})

describe('methods', () => {
  const router = routerOf('/x', ['/x', post], ['/<y>', { methods: ['PUT'] }])

  test('[4.4] a wrong method is a 405 with the methods of all matching rules', () => {
    expect(outcome(router, '/x', 'POST')).toBe('/x')
    expect(outcome(router, '/x', 'PUT')).toBe('/<y> {"y":"x"}')
    expect(outcome(router, '/x', 'DELETE')).toBe('405 GET,HEAD,OPTIONS,POST,PUT')
    expect(outcome(router, '/none/x', 'DELETE')).toBe('notFound')
  })

  test('[4.2] the first added rule answers OPTIONS', () => {
    const match = routerOf(['/x', post], '/x').match('OPTIONS', '/x')
    expect(match).toMatchObject({ kind: 'found', entry: { methods: ['POST', 'OPTIONS'] } })
  })
})

describe('[4.4] a number that is too large for JavaScript is a 404 for every method', () => {
  const large = '9007199254740993'
  const huge = `${'9'.repeat(400)}.0`

  test.each<[Route, string]>([
    ['/<int:n>', `/${large}`],
    ['/<int:n>/', `/${large}`],
    ['/<int:n>/', `/${large}/`],
    [['/<int:n>', lenient], `/${large}/`],
    [['/<int:n>/', lenient], `/${large}`],
    ['/<float:x>', `/${huge}`],
    ['/<int(signed=True):n>', `/-${large}`],
    ['/v<int:n>.<s>', `/v${large}.x`],
    ['/<path:p>/<int:n>/', `/a/${large}`],
  ])('%j with %s', (route, path) => {
    const router = routerOf(route)
    for (const method of ['GET', 'POST', 'PUT', 'OPTIONS']) expect(outcome(router, path, method)).toBe('notFound')
  })

  test('and another rule for the URL counts alone', () => {
    const router = routerOf('/<int:n>', ['/<s>', post])
    expect(outcome(router, `/${large}`, 'PUT')).toBe('405 OPTIONS,POST')
    expect(outcome(router, `/5`, 'PUT')).toBe('405 GET,HEAD,OPTIONS,POST')
  })

  test('a number that the rule refuses is a 405 for another method, as in Flask', () => {
    expect(outcome(routerOf('/<int(max=9):n>'), '/10', 'PUT')).toBe('405 GET,HEAD,OPTIONS')
    expect(outcome(routerOf('/<int(max=9):n>/'), '/10')).toBe('308 /10/')
  })
})

describe('the slash at the end', () => {
  test('[4.5] strict: /x/ redirects /x, /x does not take /x/', () => {
    expect(outcome(routerOf('/x/'), '/x')).toBe('308 /x/')
    expect(outcome(routerOf('/x/'), '/x/')).toBe('/x/')
    expect(outcome(routerOf('/x'), '/x/')).toBe('notFound')
    expect(outcome(routerOf('/<int:n>/'), '/5')).toBe('308 /5/')
  })

  test('[4.5] only a rule that allows the method redirects', () => {
    expect(outcome(routerOf('/x/'), '/x', 'POST')).toBe('notFound')
  })

  test('[4.5] a redirect beats a variable that would match', () => {
    expect(outcome(routerOf('/x/', '/<y>'), '/x')).toBe('308 /x/')
  })

  test('[4.5] not strict: both match', () => {
    expect(outcome(routerOf(['/x/', lenient]), '/x')).toBe('/x/')
    expect(outcome(routerOf(['/x', lenient]), '/x/')).toBe('/x')
    expect(outcome(routerOf(['/<y>', lenient]), '/x/')).toBe('/<y> {"y":"x"}')
    expect(outcome(routerOf(['/x', lenient]), '/x/y')).toBe('notFound')
  })

  test('[4.8] a rule that is not strict lists its methods for both forms', () => {
    expect(outcome(routerOf(['/x/', lenient]), '/x', 'POST')).toBe('405 GET,HEAD,OPTIONS')
    expect(outcome(routerOf(['/x', lenient]), '/x/', 'POST')).toBe('405 GET,HEAD,OPTIONS')
  })

  test.each([
    [true, true],
    [true, false],
    [false, true],
    [false, false],
  ])('[4.5] a leaf and a branch side by side have their own URLs: strict %p and %p', (leaf, branch) => {
    for (const name of ['x', '<int:x>', 'v<int:x>-<y>']) {
      const url = name.replace('<int:x>', '5').replace('<y>', 'b')
      const routes: Route[] = [
        [`/${name}`, { strictSlashes: leaf }],
        [`/${name}/`, { strictSlashes: branch }],
      ]
      for (const order of [routes, routes.toReversed()]) {
        const router = routerOf(...order)
        expect(outcome(router, `/${url}`).split(' ')[0]).toBe(`/${name}`)
        expect(outcome(router, `/${url}/`).split(' ')[0]).toBe(`/${name}/`)
      }
    }
  })

  test('[4.5] of a leaf and a branch, a lenient one takes the methods that the other one does not', () => {
    const router = routerOf(['/x', { ...post, ...lenient }], ['/x/', lenient])
    expect(['/x', '/x/'].map(path => outcome(router, path))).toEqual(['/x/', '/x/'])
    expect(['/x', '/x/'].map(path => outcome(router, path, 'POST'))).toEqual(['/x', '/x'])
  })

  test('[4.5] the redirect is percent-encoded', () => {
    expect(outcome(routerOf('/é x/<y>/'), '/%c3%a9%20x/a%2Fb')).toBe('notFound')
    expect(outcome(routerOf('/é x/<y>/'), '/%c3%a9%20x/a%3Fb;c')).toBe('308 /%C3%A9%20x/a%3Fb;c/')
  })
})

describe('[4.5] the slash at the end of a rule with a variable that takes slashes', () => {
  const deep = '/c/<deep:d>/'
  const router = routerOf('/p/<path:u>/', '/q/<path:u>/edit/', ['/l/<path:u>/', lenient], ['/m/<path:u>/', post], deep)

  test.each([
    ['/p/a/', '/p/<path:u>/ {"u":"a"}'],
    ['/p/a', '308 /p/a/'],
    ['/p/a/b', '308 /p/a/b/'],
    ['/p/a/b/', '/p/<path:u>/ {"u":"a/b"}'],
    ['/p/a%2F', '308 /p/a%2F/'],
    ['/p/a%2F/', '/p/<path:u>/ {"u":"a/"}'],
    ['/p/a//b', '308 /p/a//b/'],
    ['/p/a//', '308 /p/a/'],
    ['/p/a///', '308 /p/a/'],
    ['/p//a', '308 /p/a/'],
    ['/p/', 'notFound'],
    ['/p//', 'notFound'],
    ['/q/a/b/edit', '308 /q/a/b/edit/'],
    ['/q/a/b/edit/', '/q/<path:u>/edit/ {"u":"a/b"}'],
    ['/q/a', 'notFound'],
    ['/l/a', '/l/<path:u>/ {"u":"a"}'],
    ['/l/a/', '/l/<path:u>/ {"u":"a"}'],
    ['/m/a', 'notFound'],
    ['/m/a/', '405 OPTIONS,POST'],
    ['/c/a/b', '308 /c/a/b/'],
    ['/c/a/b/', '/c/<deep:d>/ {"d":"a/b"}'],
    ['/c/a/b/c', 'notFound'],
  ])('%s', (path, expected) => {
    expect(outcome(router, path)).toBe(expected)
  })

  test('of a leaf and a branch, the first added one is tried first, as in Flask', () => {
    const branchFirst = routerOf('/<path:p>/', '/<path:p>')
    expect(['/a', '/a/'].map(path => outcome(branchFirst, path))).toEqual(['308 /a/', '/<path:p>/ {"p":"a"}'])
    const leafFirst = routerOf('/<path:p>', '/<path:p>/')
    expect(['/a', '/a/'].map(path => outcome(leafFirst, path))).toEqual(['/<path:p> {"p":"a"}', '/<path:p> {"p":"a/"}'])
  })
})

describe('double slashes', () => {
  test('[4.5] runs of slashes are merged by a redirect when that leads somewhere', () => {
    const router = routerOf('/a/b', '/c/', ['/d', post])
    expect(['/a//b', '/a////b', '/c//', '/a//x'].map(path => outcome(router, path))).toEqual([
      '308 /a/b',
      '308 /a/b',
      '308 /c/',
      'notFound',
    ])
    expect(outcome(routerOf('/a/b/'), '/a//b')).toBe('308 /a/b/')
    expect(outcome(routerOf(['/a/b', post]), '/a//b')).toBe('405 OPTIONS,POST')
  })

  test('[4.5] slashes at the start are one slash, and no redirect leads to another host', () => {
    expect(outcome(routerOf('/a'), '//a')).toBe('/a')
    expect(outcome(routerOf('/<x>/'), '//evil.example')).toBe('308 /evil.example/')
    expect(outcome(routerOf('/<x>/'), '/%2Fevil.example')).toBe('notFound')
    expect(outcome(routerOf('/<path:x>'), '/a//b')).toBe('/<path:x> {"x":"a//b"}')
  })

  test.each(['GET', 'OPTIONS'])('[4.4] %s * is for the server, not for a rule', method => {
    const router = routerOf('/<x>', '/*')
    expect(router.match(method, '*', { path: '*' })).toEqual({ kind: 'notFound' })
    expect(outcome(router, '/*', method)).toBe('/*')
  })
})

describe('percent-encoding', () => {
  test.each([
    ['/<path:dir>/<name>', '/x/b', '{"dir":"x","name":"b"}'],
    ['/<path:dir>/<name>', '/a%2Fb/c', '{"dir":"a/b","name":"c"}'],
    ['/<path:dir>/<name>', '/x/..%2F..%2Fetc', undefined],
    ['/<path:dir>-<name>', '/p-q%2Fr-s', '{"dir":"p-q/r","name":"s"}'],
    ['/<string(length=2):a><path:b>', '/x%2Fy', undefined],
    ['/<string(length=2):a><path:b>', '/xyz%2F', '{"a":"xy","b":"z/"}'],
    ['/<path:a>/<odd:b>', '/x/1%2F', undefined],
    ['/<path:a>/<odd:b>', '/x/1-', '{"a":"x","b":"1-"}'],
  ])('[4.6] of %s only a path takes a slash that came as %%2F: %s', (rule, path, values) => {
    expect(outcome(routerOf(rule), path)).toBe(values === undefined ? 'notFound' : `${rule} ${values}`)
  })

  test('[4.4] is decoded after the path was split', () => {
    expect(outcome(routerOf('/a/b'), '/a%2Fb')).toBe('notFound')
    expect(outcome(routerOf('/café'), '/caf%C3%A9')).toBe('/café')
    expect(outcome(routerOf('/100%'), '/100%25')).toBe('/100%')
    expect(outcome(routerOf('/a%20b'), '/a%20b')).toBe('notFound')
  })

  test.each(['/%zz', '/a/%', '/%ff', '/x/%C3'])('[4.4] %s cannot be decoded', path => {
    expect(outcome(routerOf('/<path:p>'), path)).toBe('malformed')
  })
})

describe('values', () => {
  test('[2.7] are a new mutable object each time, the defaults last', () => {
    const router = routerOf(['/<a>', { defaults: { b: 1, a: 'always' } }], ['/x', { defaults: { b: 2 } }])
    const [first, second] = [router.match('GET', '/y'), router.match('GET', '/y')]
    expect(first).toMatchObject({ kind: 'found', values: { a: 'always', b: 1 } })
    expect(first).not.toBe(second)
    expect(outcome(router, '/x')).toBe('/x {"b":2}')
  })

  test('[2.7] names out of Object.prototype are ordinary, in rules and in URLs', () => {
    const router = routerOf('/<__proto__>/<constructor>', '/__proto__')
    const match = router.match('GET', '/__proto__/constructor')
    expect(match.kind === 'found' && Object.entries(match.values)).toEqual([
      ['__proto__', '__proto__'],
      ['constructor', 'constructor'],
    ])
    expect(outcome(router, '/constructor')).toBe('notFound')
  })
})

describe('duplicates', () => {
  const get: Options = { methods: ['GET', 'HEAD', 'OPTIONS'] }

  test.each<[Route, Route]>([
    ['/x', '/x'],
    ['/x', '//x'],
    ['/<int:a>/y', '/<int:b>/y'],
    ['/x', ['/x', { methods: ['POST', 'GET', 'HEAD'] }]],
    [
      ['/x', { methods: ['HEAD'] }],
      ['/x', { methods: ['HEAD', 'POST'] }],
    ],
    ['/<path:a>/', '/<path:b>/'],
    [
      ['/<path:a>/x/', lenient],
      ['/<path:b>/x/', lenient],
    ],
  ])('[4.6] %j and %j are for the same requests', (first, second) => {
    expect(() => routerOf(first, second)).toThrow(expect.objectContaining({ code: 'FLASKOA_DUPLICATE_RULE' }))
  })

  test('[4.6] the error names both views', () => {
    expect(() => routerOf('/<int:a>', '/<int:b>')).toThrow(
      'View./<int:b>: GET /<int:b> is already taken by View./<int:a> (/<int:a>): ' +
        'the later one would never run for GET. Change a rule or the methods.',
    )
  })

  test.each<[Route, Route]>([
    ['/x', ['/x', post]],
    ['/x', '/x/'],
    [['/x', lenient], '/x/'],
    ['/x/', ['/x', lenient]],
    ['/x', ['/x/', lenient]],
    [
      ['/<a>', lenient],
      ['/<b>/', lenient],
    ],
    ['/<path:a>', '/<path:a>/'],
    ['/<int:a>', '/<float:a>'],
    [
      ['/x', get],
      ['/x', { methods: ['HEAD'] }],
    ],
    [
      ['/x', { methods: ['HEAD'] }],
      ['/x', get],
    ],
    [
      ['/x', lenient],
      ['/x/', { ...post, ...lenient }],
    ],
    ['/', '/x'],
  ])('[4.6] %j and %j live side by side', (first, second) => {
    expect(routerOf(first, second)).toBeInstanceOf(Router)
  })
})
