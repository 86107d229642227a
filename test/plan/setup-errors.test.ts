import {
  AfterRequest,
  AppErrorHandler,
  BeforeRequest,
  Blueprint,
  bootstrap,
  HttpError,
  Delete,
  Patch,
  Put,
  ErrorHandler,
  Get,
  lifecycle,
  Post,
  Route,
  SetupError,
  UrlDefaults,
  urlFor,
  type BootstrapOptions,
  type Class,
  type RouteOptions,
} from 'flaskoa'
import { testClient } from 'flaskoa/testing'
import { setupError } from '../support/setup-error'

/** An application that is in order, for blueprints that are not. */
class Site {
  @Get('/') index() {
    return 'index'
  }
}
const index = Object.getOwnPropertyDescriptor(Site.prototype, 'index') as TypedPropertyDescriptor<() => string>

const ofApp = (controller: unknown, options?: BootstrapOptions) =>
  setupError(() => bootstrap(controller as Class, options))
const ofBlueprints = (...blueprints: unknown[]) => ofApp(Site, { blueprints: blueprints as Class[] })

/** A class with one view of a rule and options that may be wrong. */
function viewWith(rule: string, options: object = {}) {
  class Users {
    @Route(rule, options as RouteOptions) show(): string {
      return ''
    }
  }
  return Users
}

/** A class that is a blueprint with arguments that may be wrong. */
function blueprintWith(prefix: string, options: object = {}) {
  @Blueprint(prefix, options)
  class Users {
    @Get('/') index() {
      return ''
    }
  }
  return Users
}

test('a set-up error has a code and a name, and keeps its cause', () => {
  const cause = new RangeError('no database')
  class App {
    constructor() {
      throw cause
    }
    @Get('/') index() {
      return ''
    }
  }
  expect(() => bootstrap(App)).toThrow(
    expect.objectContaining({ name: 'SetupError', code: 'FLASKOA_BAD_INSTANCE', cause }),
  )
})

test('lifecycle(…) finds the same mistakes', () => {
  expect(() => lifecycle(class App {})).toThrow(SetupError)
})

test('NO_DECORATORS: a class on which nothing was decorated', () => {
  const fix = "has no decorated method: decorate one, for instance with @Route('/')."
  expect(ofApp(class App {})).toBe(`FLASKOA_NO_DECORATORS App ${fix}`)
  expect(ofApp(class {})).toBe(`FLASKOA_NO_DECORATORS (anonymous class) ${fix}`)
  @Blueprint('/users')
  class Users {}
  expect(ofBlueprints(Users)).toBe(`FLASKOA_NO_DECORATORS Users ${fix}`)
  @Blueprint('/admin', { blueprints: [Users] })
  class Admin {}
  expect(ofBlueprints(Admin)).toBe(`FLASKOA_NO_DECORATORS Users ${fix}`)
})

test.each([
  [undefined, 'undefined'],
  [null, 'null'],
  ['App', '"App"'],
  [new Site(), 'an object of class Site'],
  [{ default: Site }, 'an object of class Object'],
  [() => Site, 'the function (anonymous)'],
  [index.value, 'the function index'],
])('NOT_A_CLASS: %p instead of a controller', (value, described) => {
  expect(ofApp(value)).toBe(`FLASKOA_NOT_A_CLASS expected a class for the application, not ${described}`)
})

test('NOT_A_CLASS: a function instead of a blueprint', () => {
  const users = () => undefined
  expect(ofBlueprints(users)).toBe('FLASKOA_NOT_A_CLASS expected a class for a blueprint, not the function users')
})

describe('BAD_DECORATOR_CALL', () => {
  const Untyped = {
    AfterRequest,
    UrlDefaults,
    AppErrorHandler,
    BeforeRequest,
    Blueprint,
    ErrorHandler,
    Get,
    Route,
  } as unknown as Record<
    | 'AfterRequest'
    | 'AppErrorHandler'
    | 'BeforeRequest'
    | 'Blueprint'
    | 'ErrorHandler'
    | 'Get'
    | 'Route'
    | 'UrlDefaults',
    (...args: unknown[]) => (...args: unknown[]) => unknown
  >
  const method = [Site.prototype, 'index', index]
  const standardMethod = [index.value, { kind: 'method', name: 'index', metadata: {} }]
  const standardClass = [Site, { kind: 'class', name: 'Site', metadata: {} }]

  const wantsRule = "needs a URL rule, and an object if it has options: write @Route('/users/<int:id>')"
  const wantsError = 'needs an HTTP error code or an error class, and nothing else: write @ErrorHandler(404)'
  const wantsPrefix = "needs a prefix, and an object if it has options: write @Blueprint('/users', { name: 'people' })"
  const wantsNothing = 'needs no arguments: write @BeforeRequest or @BeforeRequest()'
  const wantsClass = "needs a class: write @Blueprint('/users') class Users"

  test.each<[string, () => unknown, string]>([
    ['@Route without brackets, legacy', () => Untyped.Route(...method), `@Route ${wantsRule}`],
    ['@Route without brackets, standard', () => Untyped.Route(...standardMethod), `@Route ${wantsRule}`],
    ['@Route()', () => Untyped.Route(), `@Route ${wantsRule}`],
    ['@Route with a list for options', () => Untyped.Route('/', ['POST']), `@Route ${wantsRule}`],
    ['@Route with null for options', () => Untyped.Route('/', null), `@Route ${wantsRule}`],
    ['@Get()', () => Untyped.Get(), `@Get ${wantsRule.replace('@Route', '@Get')}`],
    ['@Get with null for options', () => Untyped.Get('/', null), `@Get ${wantsRule.replace('@Route', '@Get')}`],
    ['@ErrorHandler without brackets, legacy', () => Untyped.ErrorHandler(...method), `@ErrorHandler ${wantsError}`],
    [
      '@ErrorHandler without brackets, standard',
      () => Untyped.ErrorHandler(...standardMethod),
      `@ErrorHandler ${wantsError}`,
    ],
    ['@ErrorHandler()', () => Untyped.ErrorHandler(), `@ErrorHandler ${wantsError}`],
    ['@ErrorHandler for two', () => Untyped.ErrorHandler(404, 405), `@ErrorHandler ${wantsError}`],
    ['@ErrorHandler for a list', () => Untyped.ErrorHandler([404, 405]), `@ErrorHandler ${wantsError}`],
    ['[11.5] @ErrorHandler for an instance', () => Untyped.ErrorHandler(new Error()), `@ErrorHandler ${wantsError}`],
    ['@AppErrorHandler()', () => Untyped.AppErrorHandler(), `@AppErrorHandler ${wantsError.replace('@E', '@AppE')}`],
    ['@Blueprint without brackets, legacy', () => Untyped.Blueprint(Site), `@Blueprint ${wantsPrefix}`],
    ['@Blueprint without brackets, standard', () => Untyped.Blueprint(...standardClass), `@Blueprint ${wantsPrefix}`],
    ['@Blueprint with options first and second', () => Untyped.Blueprint({}, {}), `@Blueprint ${wantsPrefix}`],
    [
      '@Blueprint with options and no prefix after them',
      () => Untyped.Blueprint({}, undefined),
      `@Blueprint ${wantsPrefix}`,
    ],
    ['@Blueprint with a name for options', () => Untyped.Blueprint('/users', 'users'), `@Blueprint ${wantsPrefix}`],
    ['@Blueprint with null for options', () => Untyped.Blueprint('/users', null), `@Blueprint ${wantsPrefix}`],
    ['@Blueprint on a method, legacy', () => Untyped.Blueprint('/users')(...method), `@Blueprint ${wantsClass}`],
    [
      '@Blueprint on a method, standard',
      () => Untyped.Blueprint('/users')(...standardMethod),
      `@Blueprint ${wantsClass}`,
    ],
    ['a hook with a text', () => Untyped.BeforeRequest('/users'), `@BeforeRequest ${wantsNothing}`],
    ['a hook with two', () => Untyped.BeforeRequest('/users', 'x'), `@BeforeRequest ${wantsNothing}`],
    [
      'a hook with options',
      () => Untyped.UrlDefaults({ order: 1 }),
      '@UrlDefaults needs no arguments: write @UrlDefaults or @UrlDefaults()',
    ],
    [
      'a hook with options, after a text',
      () => Untyped.BeforeRequest('x', { order: 1 }),
      `@BeforeRequest ${wantsNothing}`,
    ],
    ['a hook with a function', () => Untyped.BeforeRequest(() => true), `@BeforeRequest ${wantsNothing}`],
    ['a hook with undefined', () => Untyped.BeforeRequest(undefined), `@BeforeRequest ${wantsNothing}`],
    ['a hook with null', () => Untyped.BeforeRequest('x', null), `@BeforeRequest ${wantsNothing}`],
  ])('%s', (_, act, message) => {
    expect(setupError(act)).toBe(`FLASKOA_BAD_DECORATOR_CALL ${message}`)
  })

  test('a compiler that passes no metadata to standard decorators', () => {
    const standard = BeforeRequest as unknown as (method: unknown, context: object) => void
    expect(setupError(() => standard(() => undefined, { kind: 'method', name: 'index' }))).toBe(
      'FLASKOA_BAD_DECORATOR_CALL @BeforeRequest got no context.metadata, which standard decorators need. Compile with ' +
        'TypeScript 5.2 or newer, or with a version of esbuild, swc or Babel from that time on, or turn on ' +
        'experimentalDecorators.',
    )
  })
})

describe('rules', () => {
  test.each([
    ['users', "a rule starts with '/': write '/users'"],
    ['', "a rule starts with '/': write '/'"],
    ['/users?page=1', "a rule is a path only: leave out '?' and '#' and what follows them"],
    ['/<int:id>/<id>', "uses the variable 'id' twice, rename one of them"],
    ['/<int:1st>', '<int:1st> needs a name of letters, digits and _ for the variable'],
    ['/<int(min=x):id>', `<int(min=x):id>: the converter needs a number for 'min', not "x"`],
    [
      '/<int:id',
      "cannot be read from '<int:id': a variable is <name>, <converter:name> or <converter(arguments):name>, " +
        'each < closed by a >',
    ],
  ])('BAD_RULE: %p', (rule, problem) => {
    expect(ofApp(viewWith(rule))).toBe(`FLASKOA_BAD_RULE Users.show: in the rule '${rule}': ${problem}`)
  })

  test('BAD_RULE: the rule is named with the prefix in front of it', () => {
    @Blueprint('/<id>')
    class Users {
      @Get('/<id>') show() {
        return ''
      }
    }
    expect(ofBlueprints(Users)).toBe(
      "FLASKOA_BAD_RULE Users.show: in the rule '/<id>/<id>': uses the variable 'id' twice, rename one of them",
    )
  })

  test.each([
    ['users', '"users"'],
    [5, '5'],
  ])('BAD_RULE: the prefix %p', (prefix, described) => {
    const message = `FLASKOA_BAD_RULE Users: the prefix ${described} must start with '/', for instance '/users'.`
    expect(ofBlueprints(blueprintWith(prefix as string))).toBe(message)
    expect(ofBlueprints({ blueprint: blueprintWith('/users'), prefix })).toBe(message)
  })

  test('UNKNOWN_CONVERTER', () => {
    expect(ofApp(viewWith('/<hex:id>'))).toBe(
      "FLASKOA_UNKNOWN_CONVERTER Users.show: in the rule '/<hex:id>': there is no converter 'hex', only " +
        'string, int, float, path, uuid, any. Pass a converter of your own to bootstrap: ' +
        '{ converters: { hex: { regex, convert, toUrl } } }',
    )
  })

  test.each([
    [5, 'a converter is an object with regex, convert, toUrl and weight, all optional'],
    [{ regex: '(a)' }, '(a): has a capture group, write (?:…) instead of (…)'],
    [{ toUrl: 'x' }, 'toUrl is not a function'],
  ])('BAD_CONVERTER: %p', (hex, problem) => {
    expect(ofApp(viewWith('/<hex:id>'), { converters: { hex: hex as object } })).toBe(
      `FLASKOA_BAD_CONVERTER Users.show: in the rule '/<hex:id>': the converter 'hex' is not usable: ${problem}`,
    )
  })

  test('DUPLICATE_RULE: two views for one method and URL', () => {
    class Users {
      @Get('/users/<int:id>') show() {
        return ''
      }
      @Route('/users/<int:number>', { methods: ['POST', 'GET'] }) edit() {
        return ''
      }
    }
    expect(ofApp(Users)).toBe(
      'FLASKOA_DUPLICATE_RULE Users.edit: GET /users/<int:number> is already taken by Users.show (/users/<int:id>): ' +
        'the later one would never run for GET. Change a rule or the methods.',
    )
  })

  test('DUPLICATE_RULE: across classes, and when a blueprint is listed twice under one prefix', () => {
    const Users = blueprintWith('/')
    expect(ofBlueprints(Users)).toBe(
      'FLASKOA_DUPLICATE_RULE Users.index: GET / is already taken by Site.index (/): ' +
        'the later one would never run for GET. Change a rule or the methods.',
    )
    const People = blueprintWith('/people')
    expect(ofBlueprints(People, { blueprint: People, name: 'again' })).toBe(
      'FLASKOA_DUPLICATE_RULE Users.index: GET /people/ is already taken by Users.index (/people/): ' +
        'the later one would never run for GET. Change a rule or the methods.',
    )
  })
})

describe('BAD_METHODS', () => {
  const fix = "Write a list of HTTP methods, for instance ['GET', 'POST']."
  test.each([
    ['POST', 'methods is "POST"'],
    [null, 'methods is null'],
    [new Set(['POST']), 'methods is an object of class Set'],
    [[], 'methods is empty, so the view would never run'],
    [['GET', 'FETCH'], `methods has "FETCH" in it, which Node's HTTP server does not receive`],
    [['CONNECT'], `methods has "CONNECT" in it, which Node's HTTP server does not receive`],
    [['GET', 5], `methods has 5 in it, which Node's HTTP server does not receive`],
  ])('[4.1] methods %p', (methods, problem) => {
    expect(ofApp(viewWith('/', { methods }))).toBe(`FLASKOA_BAD_METHODS Users.show: ${problem}. ${fix}`)
  })

  test('methods beside the one that the decorator is for', () => {
    const options: object = { methods: ['GET'] }
    class Users {
      @Post('/', options) create() {
        return ''
      }
    }
    expect(ofApp(Users)).toBe(
      'FLASKOA_BAD_METHODS Users.create: @Post is for POST only. Leave out methods, or use @Route.',
    )
  })
})

describe('names', () => {
  test.each([
    ['users.show', '"users.show"'],
    ['', '""'],
    [5, '5'],
  ])('[11.4] BAD_ENDPOINT: %p', (name, described) => {
    expect(ofApp(viewWith('/', { endpoint: name }))).toBe(
      `FLASKOA_BAD_ENDPOINT Users.show: the endpoint ${described} must be a name without dots. ` +
        "Set one: { endpoint: '…' }.",
    )
    const message =
      `FLASKOA_BAD_ENDPOINT Users: the blueprint name ${described} must be a name without dots, ` +
      'since endpoints begin with it.'
    expect(ofBlueprints(blueprintWith('/users', { name }))).toBe(message)
    expect(ofBlueprints({ blueprint: blueprintWith('/users'), name })).toBe(message)
  })

  test.each([
    [Symbol.iterator, 'Symbol.iterator'],
    [Symbol('users.show'), 'users.show'],
    [Symbol(), ''],
  ])('BAD_ENDPOINT: a method named %p', (symbol, name) => {
    class Users {
      @Get('/') [symbol]() {
        return ''
      }
    }
    expect(ofApp(Users)).toBe(
      `FLASKOA_BAD_ENDPOINT Users.${name}: the endpoint "${name}" must be a name without dots. ` +
        "Set one: { endpoint: '…' }.",
    )
  })

  test('[11.4] BAD_ENDPOINT: a blueprint without a name', () => {
    const anonymous = Object.defineProperty(blueprintWith('/users'), 'name', { value: '' })
    expect(ofBlueprints(anonymous)).toBe(
      'FLASKOA_BAD_ENDPOINT (anonymous class): the blueprint name "" must be a name without dots, ' +
        'since endpoints begin with it.',
    )
  })

  test('[11.3] DUPLICATE_ENDPOINT', () => {
    class Users {
      @Get('/all') index() {
        return ''
      }
      @Get('/some', { endpoint: 'index' }) some() {
        return ''
      }
    }
    expect(ofApp(Users)).toBe(
      "FLASKOA_DUPLICATE_ENDPOINT Users.some: the endpoint 'index' is already in use by Users.index. " +
        "Give one of them another: { endpoint: '…' }.",
    )
  })

  test('[11.4] DUPLICATE_BLUEPRINT', () => {
    const message =
      "FLASKOA_DUPLICATE_BLUEPRINT Users: the blueprint name 'Users' is already in use. Give one of the two " +
      "another name: @Blueprint(prefix, { name: '…' }), or { blueprint, name } in the list of blueprints."
    const Users = blueprintWith('/users')
    expect(ofBlueprints(Users, Users)).toBe(message)
    expect(ofBlueprints(Users, blueprintWith('/other'))).toBe(message)
    @Blueprint('/outer', { name: 'outer', blueprints: [Users, { blueprint: Users, prefix: '/again' }] })
    class Outer {}
    expect(ofBlueprints(Outer)).toBe(message.replace("'Users'", "'outer.Users'"))
  })
})

describe('BAD_BLUEPRINT', () => {
  test('the application is a blueprint', () => {
    expect(ofApp(blueprintWith('/users'))).toBe(
      'FLASKOA_BAD_BLUEPRINT Users is a blueprint: pass it in the option blueprints of an application.',
    )
  })

  test('a class that is not a blueprint', () => {
    const message = "FLASKOA_BAD_BLUEPRINT Site is not a blueprint: put @Blueprint('/prefix') on the class."
    expect(ofBlueprints(Site)).toBe(message)
    expect(ofBlueprints({ blueprint: Site, prefix: '/site' })).toBe(message)
  })

  test.each([
    [null, 'null', ''],
    [undefined, 'undefined', ' A class is undefined while modules import each other in a circle.'],
    ['/users', '"/users"', ''],
    [new Site(), 'an object of class Site', ''],
    [{ blueprint: undefined, prefix: '/users' }, 'an object of class Object', ''],
  ])('%p in a list of blueprints', (entry, described, hint) => {
    const problem = `${described} is in its list of blueprints. List classes with @Blueprint, or { blueprint, prefix, name }.`
    expect(ofBlueprints(entry)).toBe(`FLASKOA_BAD_BLUEPRINT Site: ${problem}${hint}`)
    expect(ofBlueprints(blueprintWith('/users', { blueprints: [entry] }))).toBe(
      `FLASKOA_BAD_BLUEPRINT Users: ${problem}${hint}`,
    )
  })

  test('[11.4] a blueprint that contains itself', () => {
    const inner: Class[] = []
    @Blueprint('/outer', { blueprints: inner })
    class Outer {
      @Get('/') index() {
        return ''
      }
    }
    inner.push(Outer)
    expect(ofBlueprints(Outer)).toBe(
      'FLASKOA_BAD_BLUEPRINT Outer contains itself: remove it from its list of blueprints',
    )
    @Blueprint('/inner', { blueprints: [Outer] })
    class Inner {
      @Get('/') index() {
        return ''
      }
    }
    inner[0] = Inner
    expect(ofBlueprints(Outer)).toBe(
      'FLASKOA_BAD_BLUEPRINT Outer contains itself: remove it from its list of blueprints',
    )
  })

  test('@Blueprint twice on one class', () => {
    const decorate = Blueprint('/people')
    expect(setupError(() => decorate(blueprintWith('/users')))).toBe(
      'FLASKOA_BAD_BLUEPRINT Users has two @Blueprint decorators. Leave one out; for a second prefix, list the class twice ' +
        'in blueprints: { blueprint, prefix, name }.',
    )
  })
})

describe('[11.5] BAD_ERROR_HANDLER', () => {
  function handlerFor(key: unknown, decorator: typeof ErrorHandler = ErrorHandler) {
    class App {
      @decorator(key as number) failed() {
        return ''
      }
    }
    return App
  }

  test.each([200, 399, 499, 600, 40.4, NaN])('the code %p', code => {
    const message =
      `can never run: ${code} is not an HTTP error code. ` +
      'Use a code from 400 to 599 that HTTP names, or an error class.'
    expect(ofApp(handlerFor(code))).toBe(`FLASKOA_BAD_ERROR_HANDLER App.failed: @ErrorHandler(${code}) ${message}`)
    expect(ofApp(handlerFor(code, AppErrorHandler))).toBe(
      `FLASKOA_BAD_ERROR_HANDLER App.failed: @AppErrorHandler(${code}) ${message}`,
    )
  })

  test.each([200, 399, 499, '409', NaN])('a class with the static status %p', status => {
    class Odd extends HttpError {
      static status = status
    }
    class Odder extends Odd {}
    const described = typeof status === 'string' ? '"409"' : String(status)
    for (const key of [Odd, Odder])
      expect(ofApp(handlerFor(key))).toBe(
        `FLASKOA_BAD_ERROR_HANDLER App.failed: @ErrorHandler: static status of ${key.name}: ${described} is not an ` +
          'HTTP error status. Use one from 400 to 599 that HTTP names.',
      )
    class Good extends Odd {
      static override status = 409 as typeof status
    }
    class Unrelated extends Error {
      static status = status
    }
    for (const key of [Good, Unrelated]) expect(() => bootstrap(handlerFor(key))).not.toThrow()
  })

  test.each([
    ['404', '"404"'],
    [null, 'null'],
    [Site, 'the function Site'],
    [() => Error, 'the function (anonymous)'],
  ])('%p', (key, described) => {
    expect(ofApp(handlerFor(key))).toBe(
      'FLASKOA_BAD_ERROR_HANDLER App.failed: @ErrorHandler needs an HTTP error code or a class that extends Error, ' +
        `not ${described}. For instance 404, or DatabaseError.`,
    )
  })
})

describe('BAD_INSTANCE', () => {
  test.each([
    [new TypeError('no database'), 'TypeError: no database'],
    ['no database', '"no database"'],
  ])('a constructor that throws %p', (thrown, described) => {
    class App {
      constructor() {
        throw thrown
      }
      @Get('/') index() {
        return ''
      }
    }
    expect(ofApp(App)).toBe(
      `FLASKOA_BAD_INSTANCE App could not be constructed: ${described}. ` +
        'If the constructor needs arguments, call it in the option resolve.',
    )
  })

  test.each([
    [undefined, 'undefined'],
    [null, 'null'],
    [Site, 'the function Site'],
    [Promise.resolve(new Site()), 'an object of class Promise'],
  ])('resolve that returns %p', (instance, described) => {
    expect(ofApp(Site, { resolve: () => instance as object })).toBe(
      `FLASKOA_BAD_INSTANCE Site: the option resolve must return its instance, not ${described}. ` +
        'Await what the instance needs before you call bootstrap.',
    )
  })

  const thenProblem = (name: string) =>
    `FLASKOA_BAD_INSTANCE ${name}.then: an object with a member named then counts as a promise. Rename the member; ` +
    "a view keeps its endpoint with { endpoint: 'then' }."

  test('a view, a hook, another method or a field that is named then', () => {
    class View {
      @Get('/') then() {
        return ''
      }
    }
    class Hook extends Site {
      @BeforeRequest then() {}
    }
    class Method extends Site {
      then() {}
    }
    class Field extends Site {
      then = 1
    }
    class Sub extends Method {}
    const named = [View, Hook, Method, Field, Sub]
    expect(named.map(each => ofApp(each))).toEqual(named.map(each => thenProblem(each.name)))
  })

  test('a blueprint with a view that is named then', () => {
    @Blueprint('/jobs')
    class Jobs {
      @Get('/') then() {
        return ''
      }
    }
    expect(ofBlueprints(Jobs)).toBe(thenProblem('Jobs'))
  })

  test('the endpoint of a view may be named then', async () => {
    class App {
      @Get('/next', { endpoint: 'then' }) next() {
        return urlFor('then')
      }
    }
    expect((await testClient(bootstrap(App)).get('/next')).text).toBe('/next')
  })

  test('NOT_A_METHOD: resolve that returns something else', () => {
    expect(ofApp(Site, { resolve: () => ({ index: 5 }) })).toBe(
      'FLASKOA_NOT_A_METHOD Site.index: @Get is on a method, but the instance has 5 in its place. ' +
        'Rename the field of that name, or check what the option resolve returns.',
    )
  })
})

describe('BAD_OPTION of routes and blueprints', () => {
  const noContent =
    ': doc: the option requestBody must be an object of OpenAPI with the body by its media types, like ' +
    "{ content: { 'text/csv': {} } },"
  test.each([
    [
      { method: ['POST'] },
      " has no option 'method'. Did you mean 'methods'? It has: methods, endpoint, alias, strictSlashes, defaults, provideAutomaticOptions, limits, doc, body, form, query, headers, cookies, response.",
    ],
    [{ strictSlashes: 'no' }, ': the option strictSlashes must be true or false, not "no".'],
    [{ provideAutomaticOptions: null }, ': the option provideAutomaticOptions must be true or false, not null.'],
    [
      { doc: { sumary: 'All users' } },
      ": doc has no option 'sumary'. Did you mean 'summary'? It has: summary, description, tags, operationId, deprecated, security, examples, requestBody.",
    ],
    [{ doc: { deprecated: 'yes' } }, ': doc: the option deprecated must be true or false, not "yes".'],
    [{ doc: { requestBody: 'text' } }, `${noContent} not "text".`],
    [{ doc: { requestBody: {} } }, `${noContent} not an object of class Object.`],
    [{ doc: { requestBody: { content: [] } } }, `${noContent} not an object of class Object.`],
    [{ doc: { requestBody: { content: { 'text/csv': 'a,b' } } } }, `${noContent} not an object of class Object.`],
    [{ doc: true }, ': the option doc must be an object, or false, not true.'],
    [{ defaults: 'page' }, ': the option defaults must be an object, not "page".'],
    [{ defaults: ['page', 1] }, ': the option defaults must be an object, not ["page", 1].'],
  ])('a route with %p', (options, message) => {
    expect(ofApp(viewWith('/', options))).toBe(`FLASKOA_BAD_OPTION Users.show: @Route${message}`)
  })

  test.each<[object, string]>([
    [{ strict_slashes: false }, "'strict_slashes'. Did you mean 'strictSlashes'?"],
    [{ method: 'POST' }, "'method'."],
    [{ methods: undefined, method: 'POST' }, "'method'."],
  ])('a route of one method has no option methods: %p', (options, problem) => {
    class Users {
      @Delete('/', options) remove() {
        return ''
      }
    }
    expect(ofApp(Users)).toBe(
      `FLASKOA_BAD_OPTION Users.remove: @Delete has no option ${problem} It has: endpoint, alias, strictSlashes, ` +
        'defaults, provideAutomaticOptions, limits, doc, body, form, query, headers, cookies, response.',
    )
  })

  test.each([Get, Post, Put, Patch, Delete])('methods is refused before what else is wrong (%#)', Verb => {
    const options: object = { page: 1, methods: ['GET'] }
    class Users {
      @Verb('/', options) show() {
        return ''
      }
    }
    expect(ofApp(Users)).toMatch(/^FLASKOA_BAD_METHODS Users\.show: @(\w+) is for \w+ only\. Leave out methods/)
  })

  test.each([
    [{ prefix: '/people' }, " has no option 'prefix'. It has: name, blueprints, defaults."],
    [{ blueprints: Site }, ': the option blueprints must be a list, not the function Site.'],
    [{ blueprints: null }, ': the option blueprints must be a list, not null.'],
  ])('a blueprint with %p', (options, message) => {
    expect(ofBlueprints(blueprintWith('/users', options))).toBe(`FLASKOA_BAD_OPTION Users: @Blueprint${message}`)
  })

  test('an entry in a list of blueprints', () => {
    expect(ofBlueprints({ blueprint: blueprintWith('/users'), url_prefix: '/people' })).toBe(
      "FLASKOA_BAD_OPTION Site: an entry of its blueprints has no option 'url_prefix'. Did you mean 'prefix'? It has: blueprint, prefix, name, defaults.",
    )
  })
})

test('NOT_A_METHOD names the class, the method and the decorator (see decorators/placement.test.ts)', () => {
  class App {
    index() {
      return ''
    }
  }
  const onField = AfterRequest as unknown as (target: object, name: string) => void
  onField(App.prototype, 'after')
  expect(ofApp(App)).toBe(
    'FLASKOA_NOT_A_METHOD App.after: @AfterRequest is on a field. ' +
      'Only instance methods can run for a request: decorate one instead.',
  )
})

test('a long text is cut, and a class without a name is not named', () => {
  const unnamed = new (class {
    readonly [Symbol.toStringTag] = 'Odd'
  })()
  class App {
    @Route('/') index() {
      return ''
    }
  }
  const long = { blueprints: 'x'.repeat(70) } as unknown as BootstrapOptions
  expect(setupError(() => bootstrap(App, long))).toContain(`not "${'x'.repeat(60)}…".`)
  expect(setupError(() => bootstrap(App, { blueprints: unnamed } as unknown as BootstrapOptions))).toContain(
    'not an object.',
  )
})
