import { EventEmitter } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { pathToFileURL } from 'node:url'
import * as flaskoaExports from 'flaskoa'
import { start } from '../../src/cli/main'
import { flaskoa, project, removeProjects } from './support'

/** Its path, since the projects have no packages. */
const KOA = JSON.stringify(require.resolve('koa'))

afterAll(removeProjects)

/** A CommonJS module with an application; jest resolves 'flaskoa' to its source. */
const app = (exported: string, more = '') => `
const { bootstrap, decorate, lifecycle, Get, Post, BeforeRequest, Blueprint, ErrorHandler, TeardownAppContext, HttpError } = require('flaskoa')
class App {
  load() {}
  index() { return 'index' }
  show() { return '' }
  failed() { return 'failed' }
  close() { console.log('closed') }
}
decorate(App, { load: BeforeRequest, index: Get('/'), show: [Get('/users/<int:id>'), Post('/users/<int:id>')], failed: ErrorHandler(500), close: TeardownAppContext })
${more}
const made = (...args) => bootstrap(App, { ...args[0] })
module.exports = ${exported}
`

const one = () => project({ 'package.json': '{ "name": "one", "version": "3.2.1" }', 'app.js': app('{ app: made() }') })

describe('the call', () => {
  test('--help lists the commands, and --version the version', async () => {
    const help = await flaskoa(['--help'])
    expect(help).toMatchObject({ code: 0, stderr: '' })
    for (const name of ['routes', 'explain METHOD PATH', 'lock', 'openapi', 'shell', 'dev [FILE]'])
      expect(help.stdout).toContain(`  ${name} `)
    expect(await flaskoa(['-h'])).toEqual(help)
    const { version } = JSON.parse(readFileSync(join(__dirname, '../../package.json'), 'utf8')) as { version: string }
    expect(await flaskoa(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' })
  })

  test('without a command it is a wrong call', async () => {
    expect(await flaskoa([])).toMatchObject({ code: 2, stdout: '', stderr: (await flaskoa(['--help'])).stdout })
  })

  test.each(['routes', 'explain', 'lock', 'openapi', 'shell', 'dev'])(
    '%s --help has its options and examples',
    async name => {
      const { code, stdout } = await flaskoa([name, '--help'])
      expect(code).toBe(0)
      expect(stdout).toContain(`flaskoa ${name}`)
      expect(stdout).toContain('Examples:\n')
      expect(stdout).toContain('  --app FILE:NAME')
      expect(await flaskoa([name, '-h'])).toMatchObject({ code: 0, stdout })
    },
  )

  test.each([
    [
      ['run'],
      "There is no command 'run'. flaskoa dev serves the application while you work on it, flaskoa serve in production. The ",
    ],
    [['rotes'], "There is no command 'rotes'. Did you mean 'routes'? The commands are routes, explain"],
    [['routes', '--jsn'], "There is no option --jsn. Did you mean '--json'? See flaskoa routes --help."],
    [['routes', '--größe'], 'There is no option --größe. See flaskoa routes --help.'],
    [['routes', '--sort'], "Option '--sort <value>' argument missing See flaskoa routes --help."],
    [['routes', '--sort', 'size'], "--sort must be one of endpoint, rule, methods, match, not 'size'."],
    [['routes', 'all'], 'The call is: flaskoa routes. See flaskoa routes --help.'],
    [['explain'], 'The call is: flaskoa explain METHOD PATH. See flaskoa explain --help.'],
    [['explain', 'GET', '/', '/x'], 'The call is: flaskoa explain METHOD PATH.'],
    [['dev', 'a.js', 'b.js'], 'The call is: flaskoa dev [FILE]. See flaskoa dev --help.'],
    [['dev', '--port', 'x'], 'The port must be a whole number from 0 to 65535, not x. See flaskoa dev --help.'],
    [['routes', '--app', 'app.js:made(x)'], '--app: the arguments in app.js:made(x) must be JSON'],
  ])('%j is a wrong call', async (argv, message) => {
    const { code, stderr } = await flaskoa(argv, { cwd: one() })
    expect(stderr).toContain(message)
    expect(code).toBe(2)
  })

  test('colours are for terminals, unless the environment says otherwise', async () => {
    const cwd = one()
    const bold = '\x1b[1mMethods'
    const head = async (given: object) => (await flaskoa(['routes'], { cwd, ...given })).stdout.split(' ')[0]
    expect(await head({})).toBe('Methods')
    expect(await head({ isTerminal: true })).toBe(bold)
    expect(await head({ isTerminal: true, env: { NO_COLOR: '1' } })).toBe('Methods')
    expect(await head({ isTerminal: true, env: { NO_COLOR: '' } })).toBe(bold)
    expect(await head({ env: { FORCE_COLOR: '1', NO_COLOR: '1' } })).toBe(bold)
    expect(await head({ isTerminal: true, env: { FORCE_COLOR: '0' } })).toBe('Methods')
  })

  test('the process of a command that did well ends with its own exit code, which is 0 unless it has set one', async () => {
    const stream = new PassThrough().resume()
    const ended = new Promise(resolve => {
      const fake = Object.assign(new EventEmitter(), {
        ...{ stdout: stream, stderr: stream, stdin: stream, env: {}, argv: ['node', 'flaskoa', '--version'] },
        ...{ cwd: () => '/', exit: resolve, setSourceMapsEnabled: () => undefined },
      })
      void start(fake as unknown as NodeJS.Process)
    })
    expect(await ended).toBeUndefined()
  })

  test('the process ends with the exit code of the command', async () => {
    const [stdout, stderr] = [new PassThrough(), new PassThrough()]
    const printed = Promise.all([text(stdout), text(stderr)])
    const file = join(project({ 'app.mjs': '' }), 'app.mjs')
    const sourceMaps: boolean[] = []
    const ended = new Promise<number>(resolve => {
      const fake = Object.assign(new EventEmitter(), {
        ...{ stdout, stderr, stdin: new PassThrough(), env: {}, argv: ['node', 'flaskoa', 'routes', '--app', file] },
        ...{ cwd: () => '/', setSourceMapsEnabled: (on: boolean) => sourceMaps.push(on) },
        exitCode: undefined as number | undefined,
        exit: () => resolve(fake.exitCode as number),
      })
      void start(fake as unknown as NodeJS.Process)
    })
    expect(await ended).toBe(1) // jest imports no ES modules
    stdout.end()
    stderr.end()
    expect((await printed)[1]).toContain("can't be loaded:")
    expect(sourceMaps).toEqual([true])
  })

  test.each([
    ['EPIPE', ''],
    ['ENOSPC', 'no space left on device\n'],
  ])('output that can not be written fails it: %s', async (code, printed) => {
    const [stdout, stderr] = [new PassThrough(), new PassThrough()]
    const ended = new Promise<number | undefined>(resolve => {
      const fake = Object.assign(new EventEmitter(), {
        ...{ stdout, stderr, stdin: new PassThrough(), env: {}, argv: ['node', 'flaskoa', '--version'] },
        ...{ cwd: () => '/', setSourceMapsEnabled: () => undefined },
        exitCode: undefined as number | undefined,
        exit: () => resolve(fake.exitCode),
      })
      void start(fake as unknown as NodeJS.Process)
      stdout.emit('error', Object.assign(new Error('no space left on device'), { code }))
    })
    expect(await ended).toBe(1)
    expect(stderr.setEncoding('utf8').read() ?? '').toBe(printed)
  })
})

describe('the application', () => {
  const routesIn = (files: Record<string, string>, argv: string[] = [], given = {}) =>
    flaskoa(['routes', ...argv], { cwd: project(files), ...given })
  const found = { code: 0, stderr: '', stdout: expect.stringContaining('App.index') as string }

  test.each([
    ['{ app: made() }'],
    ['{ application: Promise.resolve(made()) }'],
    ['{ default: made(), __esModule: true }'],
    ['made()'],
    ['{ shop: made(), App }'],
    ['{ createApp: () => made() }'],
    ['{ makeApp: async () => made() }'],
    ['{ default: { createApp: made } }'],
    ['made'],
    ['{ default: made }'],
    ['{ createApp: made, app: made() }'],
  ])('is found in a module that exports %s', async exported => {
    expect(await routesIn({ 'app.js': app(exported) })).toEqual(found)
  })

  test('is found in src before the folder itself, and there before dist', async () => {
    const other = app('{}')
    const files = { 'package.json': '{}', 'dist/app.js': other }
    expect((await routesIn({ ...files, 'app.cjs': other, 'src/app.js': app('made()') })).code).toBe(0)
    expect((await routesIn({ ...files, 'app.cjs': app('made()') })).code).toBe(0)
  })

  test('is the one that the option, the environment or package.json names', async () => {
    const files = { 'app.js': '', 'lib/shop.js': app('{ shop: made, other: made() }') }
    expect(await routesIn(files, ['--app', 'lib/shop.js:shop'])).toEqual(found)
    expect(await routesIn(files, ['--app', 'lib/shop:other'])).toEqual(found)
    expect(await routesIn(files, ['--app=lib/shop.js:shop({"secretKey": "a b", "debug": true})'])).toEqual(found)
    expect(await routesIn(files, [], { env: { FLASKOA_APP: 'lib/shop.js:shop()' } })).toEqual(found)
    const inPackage = { ...files, 'package.json': '{ "flaskoa": { "app": "lib/shop.js:shop" } }', 'deep/er/x.txt': '' }
    expect(await routesIn(inPackage, [], { env: { FLASKOA_APP: '' } })).toEqual(found)
    expect(await flaskoa(['routes'], { cwd: join(project(inPackage), 'deep/er') })).toEqual(found)
  })

  test('may come before the command', async () => {
    const cwd = project({ 'lib.js': app('made()') })
    expect(await flaskoa(['--app', 'lib.js', 'routes'], { cwd })).toEqual(found)
  })

  test.each([
    [{ 'package.json': '{}' }, [], 'There is no application in '],
    [{ 'package.json': '[]' }, [], 'There is no application in '],
    [{ 'package.json': '{ "flaskoa": { "app": 5 } }' }, [], 'package.json: "flaskoa": { "app": … } must be a text'],
    [{ 'package.json': '{ "flaskoa": 1 }' }, [], 'There is no application in '],
    [{ 'package.json': '{' }, [], "package.json can't be read: "],
    [{}, ['--app', 'nope.js'], '--app: there is no file '],
    [{ 'app.js': app('made()') }, ['--app', ''], '--app: there is no file '],
    [
      { 'app.js': '' },
      [],
      'app.js exports no application: no app, application or default, and no function createApp or makeApp. It exports nothing.',
    ],
    [{ 'app.js': 'exports.b = 1' }, [], 'It exports b. Name one: --app app.js:NAME.'],
    [
      { 'app.js': app('{ a: made(), b: made() }') },
      [],
      'app.js exports several applications: a, b. Choose one: --app app.js:a',
    ],
    [
      { 'app.js': app('{ createApp: made }') },
      ['--app', 'app.js:createAp'],
      "--app: app.js exports no createAp. It exports createApp. Did you mean 'createApp'?",
    ],
    [{ 'app.js': '' }, ['--app', 'app.js:x'], '--app: app.js exports no x. It exports nothing.'],
    [
      { 'app.js': 'exports.x = 5' },
      ['--app', 'app.js:x'],
      '--app: x of app.js is no application and no function that makes one, but ',
    ],
    [{ 'app.js': 'exports.createApp = () => 5' }, [], 'createApp() of app.js must return an application, not '],
    [
      { 'app.js': 'exports.createApp = () => { throw new Error("no database") }' },
      [],
      'createApp() of app.js failed:\n\nError: no database\n',
    ],
    [
      { 'app.js': 'exports.app = Promise.reject(new Error("no database"))' },
      [],
      'app of app.js failed:\n\nError: no database\n',
    ],
    [
      { 'app.js': 'throw Object.assign(new Error("broken"), { code: 7 })' },
      [],
      "app.js can't be loaded:\n\nError: broken\n",
    ],
    [
      { 'app.js': app(`new (require(${KOA}))()`) },
      [],
      'The application in app.js is a Koa application without a lifecycle',
    ],
  ])('is missing in %j', async (files, argv, message) => {
    const { code, stderr, stdout } = await routesIn(files, argv)
    expect(stderr).toContain(message)
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
  })

  test('of another copy of flaskoa is refused', async () => {
    const foreign = `const Koa = require(${KOA}); const app = new Koa(); app.use(Object.assign((ctx, next) => next(), { [Symbol.for("flaskoa:lifecycle")]: true })); module.exports = app`
    expect(await routesIn({ 'app.js': foreign })).toMatchObject({
      code: 1,
      stderr:
        'The application in app.js was made by another copy of flaskoa than that of this command. Run the one that the project has installed: npx flaskoa.\n',
    })
  })

  test('is a module with lifecycle(...) as well, with all of its lifecycles', async () => {
    const more = `
      const Koa = require(${KOA})
      class Other { other() { return '' } }
      decorate(Other, { other: Get('/other') })
      const both = new Koa().use(lifecycle(App)).use(lifecycle(Other))`
    const cwd = project({ 'app.js': app('both', more) })
    expect((await flaskoa(['routes'], { cwd })).stdout).toMatch(/App\.index[^]*Other\.other/)
    expect(await flaskoa(['explain', '/other'], { cwd })).toMatchObject({ code: 0 })
    expect(await flaskoa(['lock'], { cwd })).toMatchObject({ code: 0 })
    expect(readFileSync(join(cwd, 'lifecycle.lock'), 'utf8')).toContain('lifecycle 2: GET /other  other\n')
  })

  test('is imported if it is an ES module, and TypeScript comes after tsx', async () => {
    const imports: string[] = []
    const exports = flaskoaExports
    class App {
      index() {
        return ''
      }
    }
    exports.decorate(App, { index: exports.Get('/') })
    const importModule = (url: string) => {
      imports.push(url)
      return Promise.resolve({ app: exports.bootstrap(App) })
    }
    const files = { 'a/app.mjs': '', 'b/package.json': '{ "type": "module" }', 'b/app.ts': '', 'tsconfig.json': '{}' }
    const cwd = project({ ...files, 'node_modules/tsx/index.js': '', 'package.json': '{}' })
    for (const file of ['a/app.mjs', 'b/app.ts']) {
      expect(await flaskoa(['routes', '--app', file], { cwd, importModule })).toMatchObject({ code: 0, stderr: '' })
    }
    const url = (path: string) => pathToFileURL(join(cwd, path)).href
    expect(imports).toEqual(['a/app.mjs', 'node_modules/tsx/index.js', 'b/app.ts'].map(url))
  })

  test('is imported after all if Node finds out that it is an ES module', async () => {
    const code = 'throw Object.assign(new Error("import it"), { code: "ERR_REQUIRE_ASYNC_MODULE" })'
    const importModule = () => Promise.reject(new Error('it is imported'))
    const { stderr } = await routesIn({ 'app.js': code }, [], { importModule })
    expect(stderr).toContain("app.js can't be loaded:\n\nError: it is imported")
  })

  test('in TypeScript needs tsx', async () => {
    const { code, stderr } = await routesIn({ 'src/app.ts': '', 'package.json': '{}' })
    expect(code).toBe(1)
    expect(stderr).toContain('Run npm install -D tsx, or name the compiled file: --app dist/app.js.')
  })
})

describe('routes', () => {
  test('has HEAD and OPTIONS on request, and each order of Flask', async () => {
    const cwd = one()
    const rows = async (...argv: string[]) => {
      const { stdout } = await flaskoa(['routes', ...argv], { cwd })
      return stdout
        .split('\n')
        .slice(1, -1)
        .map(line => line.split(/ {2,}/).slice(0, 2).join(' '))
    }
    const [index, get, post] = ['GET /', 'GET /users/<int:id>', 'POST /users/<int:id>']
    expect(await rows()).toEqual([index, post, get])
    expect(await rows('--sort', 'rule')).toEqual([index, post, get])
    expect(await rows('--sort', 'methods')).toEqual([index, get, post])
    expect(await rows('--sort', 'match')).toEqual([index, post, get])
    expect(await rows('--all-methods')).toEqual([
      'GET, HEAD, OPTIONS /',
      'POST, OPTIONS /users/<int:id>',
      'GET, HEAD, OPTIONS /users/<int:id>',
    ])
    const { stdout } = await flaskoa(['routes', '--json'], { cwd })
    expect(JSON.parse(stdout)).toMatchObject([
      { rule: '/' },
      { methods: ['POST', 'OPTIONS'] },
      { view: { name: 'App.show' } },
    ])
  })

  test('says so if there is none', async () => {
    const empty =
      "const { bootstrap, decorate, BeforeRequest } = require('flaskoa'); class A { a() {} }; decorate(A, { a: BeforeRequest }); module.exports = bootstrap(A)"
    expect(await flaskoa(['routes'], { cwd: project({ 'app.js': empty }) })).toMatchObject({
      code: 0,
      stdout: 'The application has no routes.\n',
    })
  })
})

describe('explain', () => {
  test.each([
    [
      ['/users/7'],
      0,
      [
        'GET /users/<int:id>  show',
        '  id = 7',
        'before',
        'App.show',
        'also each error without a handler',
        'of the application context',
      ],
    ],
    [['options', 'http://x.example/users/7?a=1#b'], 0, ['the automatic answer to OPTIONS']],
    [
      ['PUT', '/users/7'],
      1,
      ['no route: 405, this path is for GET, HEAD, OPTIONS, POST', 'The nearest rules:', 'is for POST'],
    ],
    [
      ['GET', '/users/x'],
      1,
      ['no route: 404', "has <int:id>, which does not take 'x'", 'These methods run nevertheless:'],
    ],
    [['GET', '/nothing/at/all'], 1, ['no route: 404, no rule matches this path\n\nThese']],
    [['GET', '//users//7'], 1, ['no route: a redirect (308) to /users/7\n\nThese']],
    [['GET', '/users/%zz'], 1, ['no route: 400, the path has a broken percent escape']],
    [['/nothing'], 1, ['GET /nothing  no route: 404']],
  ])('%j', async (argv, code, texts) => {
    const printed = await flaskoa(['explain', ...argv], { cwd: one() })
    expect(printed).toMatchObject({ code, stderr: '' })
    for (const each of texts) expect(printed.stdout).toContain(each)
  })

  test('of an application without methods for all requests says that none runs', async () => {
    const bare = project({
      'app.js': app('bootstrap(Bare)', "class Bare { show() {} }\ndecorate(Bare, { show: Get('/a') })"),
    })
    const { stdout, code } = await flaskoa(['explain', '/nothing'], { cwd: bare })
    expect({ stdout, code }).toEqual({
      code: 1,
      stdout: 'GET /nothing  no route: 404, no rule matches this path\n\nNo method runs.\n',
    })
  })

  const SHOP = `
    const { z } = require(${JSON.stringify(require.resolve('zod'))})
    const { BeforeFirstRequest } = require('flaskoa')
    class Orders { check() {} add() { return '' } show() { return '' } missing() { return '' } }
    decorate(Orders, {
      check: BeforeRequest({ security: { bearer: [] }, response: { 401: 'No token.' } }),
      add: Post('/', { query: z.object({ page: z.int(), size: z.int() }), body: z.array(z.int()), response: { 200: z.int(), 204: null } }),
      show: Get('/<name>'),
      missing: ErrorHandler(418),
    })
    Blueprint('/orders', { name: 'orders' })(Orders)
    class Shop { connect() {} failed() { return '' } }
    Shop.prototype.made = new Function()
    decorate(Shop, { connect: BeforeFirstRequest, made: BeforeRequest, failed: ErrorHandler(Error) })`
  const shop = () => project({ 'app.js': app('bootstrap(Shop, { blueprints: [Orders] })', SHOP) })

  test('has the place and the declarations of each step, and the scope of each error handler', async () => {
    const { stdout } = await flaskoa(['explain', 'POST', '/orders/'], { cwd: shop() })
    const rows = stdout.split('\n').map(line =>
      line
        .replace(/app\.js:\d+/, 'PLACE')
        .trim()
        .split(/ {2,}/),
    )
    expect(rows).toEqual([
      ['POST /orders/', 'orders.add'],
      [''],
      ['1', 'before first', 'Shop.connect', 'PLACE', 'once, before the first request'],
      ['2', 'before', 'Shop.made'],
      ['3', 'before', 'Orders.check', 'PLACE', 'checks bearer, may answer 401'],
      ['4', 'input', 'query', 'page, size'],
      ['5', 'input', 'body'],
      ['6', 'view', 'Orders.add', 'PLACE', 'answers 200, 204 without a body'],
      [''],
      ['An error is answered by the first of these that it fits:'],
      ['418', 'Orders.missing', 'PLACE', 'of orders'],
      ['Error', 'Shop.failed', 'PLACE', 'each other error'],
      [''],
    ])
    expect((await flaskoa(['explain', '/orders/abc'], { cwd: shop() })).stdout).toContain("\n  name = 'abc'\n")
  })

  test('a method without a file has no place in the JSON', async () => {
    const { stdout } = await flaskoa(['explain', '--json', '/orders/abc'], { cwd: shop() })
    expect(JSON.parse(stdout)).toMatchObject({
      route: { before: [{ name: 'Shop.made', place: null }, { name: 'Orders.check' }] },
    })
  })

  test('gives the same as JSON', async () => {
    const cwd = one()
    const json = async (...argv: string[]) =>
      JSON.parse((await flaskoa(['explain', '--json', ...argv], { cwd })).stdout) as unknown
    expect(await json('/users/7')).toMatchObject({
      kind: 'found',
      values: { id: 7 },
      route: { endpoint: 'show' },
      teardownAppContext: [{ name: 'App.close' }],
    })
    expect(await json('PUT', '/users/7')).toMatchObject({
      kind: 'unmatched',
      reason: { kind: 'notAllowed', allow: ['GET', 'HEAD', 'OPTIONS', 'POST'] },
      near: [{ rule: '/users/<int:id>' }, { rule: '/users/<int:id>' }],
      runs: { before: [{ name: 'App.load' }] },
    })
  })
})

describe('lock', () => {
  test('writes the file, and finds what changed', async () => {
    const cwd = one()
    const file = join(cwd, 'lifecycle.lock')
    expect(await flaskoa(['lock', '--check'], { cwd })).toMatchObject({
      code: 1,
      stdout: '',
      stderr: 'lifecycle.lock does not exist: run flaskoa lock\n',
    })
    expect(await flaskoa(['lock'], { cwd })).toEqual({ code: 0, stdout: 'lifecycle.lock is written.\n', stderr: '' })
    expect(await flaskoa(['lock', '--check'], { cwd })).toEqual({
      code: 0,
      stdout: 'lifecycle.lock is up to date.\n',
      stderr: '',
    })
    writeFileSync(
      file,
      readFileSync(file, 'utf8').replace('  view: App.show', '  before: App.guard\r\n  view: App.show'),
    )
    const changed = await flaskoa(['lock', '--check'], { cwd })
    expect(changed).toMatchObject({ code: 1, stdout: '  GET /users/<int:id>  show\n-   before: App.guard\n' })
    expect(changed.stderr).toContain('lifecycle.lock does not fit the application.')
  })

  test('may have another file', async () => {
    const cwd = one()
    expect((await flaskoa(['lock', '--out', 'a.lock'], { cwd })).code).toBe(0)
    expect(existsSync(join(cwd, 'a.lock'))).toBe(true)
    expect(await flaskoa(['lock', '--out', 'no/a.lock'], { cwd })).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^no\/a\.lock can't be written: ENOENT/) as string,
    })
  })
})

describe('openapi', () => {
  test('has the title and version of the package, or those that are given', async () => {
    const cwd = one()
    const { code, stdout } = await flaskoa(['openapi'], { cwd })
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      openapi: '3.1.0',
      info: { title: 'one', version: '3.2.1' },
      paths: { '/users/{id}': {} },
    })
    const argv = ['openapi', '--out', 'openapi.json', '--title', 'Two', '--api-version', '4']
    expect(await flaskoa(argv, { cwd })).toEqual({ code: 0, stdout: 'openapi.json is written.\n', stderr: '' })
    expect(JSON.parse(readFileSync(join(cwd, 'openapi.json'), 'utf8'))).toMatchObject({
      info: { title: 'Two', version: '4' },
    })
    const bare = project({ 'app.js': app('made()') })
    expect(JSON.parse((await flaskoa(['openapi'], { cwd: bare })).stdout)).toMatchObject({
      info: { title: 'API', version: '0.0.0' },
    })
  })

  test('is the one that the application serves', async () => {
    const more = `
      const { openapiBlueprint } = require('flaskoa/openapi')
      const blueprint = openapiBlueprint({ info: { title: 'Served', version: '9' }, servers: [{ url: '/api' }] })`
    const cwd = project({ 'app.js': app('bootstrap(App, { blueprints: [blueprint] })', more) })
    expect(JSON.parse((await flaskoa(['openapi', '--title', 'Mine'], { cwd })).stdout)).toMatchObject({
      info: { title: 'Mine', version: '9' },
      servers: [{ url: '/api' }],
    })
  })

  test('says what is wrong with the application', async () => {
    const more =
      'class Safe { check() {} a() {} }; decorate(Safe, { check: BeforeRequest({ security: { bearer: [] } }), a: Get("/") })'
    const { code, stderr } = await flaskoa(['openapi'], { cwd: project({ 'app.js': app('bootstrap(Safe)', more) }) })
    expect(code).toBe(1)
    expect(stderr).toContain('bearer')
    expect(stderr).not.toContain('    at ')
  })

  test('an error of a schema has its own stack', async () => {
    const more = `
      const schema = { '~standard': { version: 1, vendor: 'x', validate: value => ({ value }) } }
      class Odd { a() {} }
      decorate(Odd, { a: Post('/', { body: schema }) })
      const toJsonSchema = () => { if (broken) throw new RangeError('odd schema'); return undefined }
      let broken = false
      const odd = () => { const app = bootstrap(Odd, { toJsonSchema }); broken = true; return app }`
    const { code, stderr } = await flaskoa(['openapi'], { cwd: project({ 'app.js': app('odd', more) }) })
    expect(code).toBe(1)
    expect(stderr).toContain('RangeError: odd schema')
  })
})

describe('a module that this Node does not have', () => {
  const noted = (where: string) =>
    `app.js can't be loaded, because Node.js ${process.version} has no module node:future${where}:\n\n`
  const missing = `Object.assign(new Error('No such built-in module: node:future'), { code: 'ERR_UNKNOWN_BUILTIN_MODULE' })`

  test.each<[string, Record<string, string>, string]>([
    ['the file that imports it', { 'lib/db.ts': `import 'node:future'` }, ', which lib/db.ts imports'],
    [
      'several files',
      { 'a.mjs': 'import("node:future")', 'b.cjs': `require('node:future')` },
      ', which a.mjs and b.cjs import',
    ],
    [
      'none, because a package imports it',
      {
        'node_modules/driver/index.js': `require('node:future')`,
        '.cache/x.js': `'node:future'`,
        'notes.md': `'node:future'`,
      },
      '',
    ],
  ])('is shown with %s', async (_, files, where) => {
    const cwd = project({ ...files, 'package.json': '{}', 'app.js': `throw ${missing}` })
    const { code, stderr } = await flaskoa(['routes'], { cwd })
    expect([code, stderr.slice(0, noted(where).length)]).toEqual([1, noted(where)])
  })

  test('is looked for in the project if it is not in the folder of the application', async () => {
    const files = { 'lib/db.js': `import 'node:future'`, 'src/app.js': `throw ${missing}`, 'package.json': '{}' }
    expect((await flaskoa(['routes'], { cwd: project(files) })).stderr).toContain(
      'node:future, which lib/db.js imports:',
    )
  })
})
