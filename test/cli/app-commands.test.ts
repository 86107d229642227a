import { flaskoa, project, removeProjects } from './support'

afterAll(removeProjects)

const APP = `
const { bootstrap, decorate, Blueprint, Command, CommandError, OnStart, OnShutdown, TeardownAppContext } = require('flaskoa')
const { z } = require(${JSON.stringify(require.resolve('zod'))})
class Blog { load({ file }) { console.log('imports', file) } list() {} }
decorate(Blog, { load: Command('import', { args: ['file'], description: 'reads posts' }), list: Command('list') })
Blueprint('/blog', { name: 'blog' })(Blog)
const events = []
class App {
  open() { if (process.env.FLASKOA_TEST_FAILS === 'start') throw new Error('no database'); events.push('open') }
  close() { events.push('close'); if (process.env.FLASKOA_TEST_FAILS === 'shutdown') throw new Error('still in use') }
  release() { events.push('release'); if (process.env.FLASKOA_TEST_FAILS === 'teardown') throw new Error('no commit') }
  create(user) { events.push(user) }
  fail() { throw new RangeError('no space left') }
  refuse() { throw new CommandError('There is no such user.', 3) }
  bare() { events.push('bare') }
}
const args = z.object({
  name: z.string().describe('how to call it'),
  mode: z.enum(['fast', 'slow']).default('fast'),
  isAdmin: z.boolean().default(false).describe('may do all'),
  age: z.number(),
  tags: z.array(z.string()).optional(),
  more: z.array(z.string()).default([]).describe('others'),
})
decorate(App, {
  open: OnStart, close: OnShutdown, release: TeardownAppContext,
  create: Command('create-user', { args, positionals: ['name', 'more'], description: 'Creates a user.' }),
  fail: Command('fail'), refuse: Command('refuse'), bare: Command('bare', { start: false }),
})
module.exports = { app: Object.assign(bootstrap(App, { blueprints: [Blog], logger: { error: (entry, text) => events.push(text) } }), { events }) }
`
const cwd = project({ 'app.js': APP, 'package.json': '{ "name": "shop" }' })
const run = (...argv: string[]) => flaskoa(argv, { cwd })
/** What the application has noted. It is loaded once for all calls. */
const { app } = jest.requireActual<{ app: { events: unknown[]; callback: unknown } }>(`${cwd}/app.js`)
const noted = () => app.events.splice(0)

const failing = async (what: string, ...argv: string[]) => {
  process.env.FLASKOA_TEST_FAILS = what
  try {
    return await run(...argv)
  } finally {
    delete process.env.FLASKOA_TEST_FAILS
  }
}

describe('a command of the application', () => {
  test('runs between the @OnStart and the @OnShutdown methods', async () => {
    const printed = await run('create-user', 'ann', '--age', '40', 'bob', '--is-admin', '--tags=a', '--tags', 'b')
    expect(printed).toEqual({ code: 0, stdout: '', stderr: '' })
    const user = { name: 'ann', mode: 'fast', isAdmin: true, age: 40, tags: ['a', 'b'], more: ['bob'] }
    expect(noted()).toEqual(['open', 'release', user, 'release', 'close'])
  })

  test('of a blueprint has its name in front', async () => {
    const print = jest.spyOn(console, 'log').mockImplementation()
    expect(await run('blog', 'import', 'posts.json')).toMatchObject({ code: 0 })
    expect(print).toHaveBeenCalledWith('imports', 'posts.json')
    print.mockRestore()
    noted()
  })

  test('may have --app anywhere', async () => {
    for (const argv of [
      ['--app', 'app.js:app', 'bare'],
      ['bare', '--app=app.js'],
    ])
      expect(await run(...argv)).toMatchObject({ code: 0, stderr: '' })
    expect(noted()).toEqual(['bare', 'release', 'bare', 'release'])
    expect((await run('bare', '--app', 'other.js')).stderr).toContain("flaskoa itself has no command 'bare'.")
    expect(await run('bare', '--app')).toMatchObject({ code: 2 })
  })

  test('that throws is shown with its own stack, and ends with exit code 1', async () => {
    const { code, stderr } = await run('fail')
    expect(code).toBe(1)
    expect(stderr).toMatch(/^flaskoa fail failed:\n\nRangeError: no space left\n {4}at App\.fail \(.*app\.js:\d+:\d+\)/)
    expect(noted().slice(-2)).toEqual(['release', 'close'])
  })

  test('that throws a CommandError prints its message, and ends with its exit code', async () => {
    expect(await run('refuse')).toEqual({ code: 3, stdout: '', stderr: 'There is no such user.\n' })
    expect(noted().slice(-2)).toEqual(['release', 'close'])
  })

  test('that is called in a wrong way does not run', async () => {
    expect(await run('create-user', '--age', '1')).toEqual({
      code: 2,
      stdout: '',
      stderr: 'NAME is missing.\nSee flaskoa create-user --help.\n',
    })
    expect((await run('fail', '--frce')).stderr).toBe('There is no option --frce. See flaskoa fail --help.\n')
    expect(noted()).toEqual([])
  })

  test('ends with exit code 1 if what ends it fails', async () => {
    expect((await failing('teardown', 'create-user', 'ann', '--age', '1')).code).toBe(1)
    expect(noted()).toContain('Exception: no commit')
    expect((await failing('shutdown', 'create-user', 'ann', '--age', '1')).code).toBe(1)
    expect(noted()).toContain('Exception: still in use')
    expect((await failing('shutdown', 'bare')).code).toBe(0)
    noted()
  })
})

test('an application that does not start is shown as such', async () => {
  const broken = project({ 'app.js': APP })
  process.env.FLASKOA_TEST_FAILS = 'start'
  const { code, stderr } = await flaskoa(['fail'], { cwd: broken })
  delete process.env.FLASKOA_TEST_FAILS
  expect(code).toBe(1)
  expect(stderr).toContain('The application did not start:\n\nStartError: App.open')
  expect(stderr).toContain('no database')
})

describe('help', () => {
  test('lists the commands of the application', async () => {
    const { code, stdout } = await run('--help')
    expect(code).toBe(0)
    expect(stdout).toContain(
      [
        'Commands of the application:',
        '  create-user NAME [MORE…]  Creates a user.',
        '  fail',
        '  refuse',
        '  bare',
        '  blog import FILE          reads posts',
        '  blog list',
        '',
      ].join('\n'),
    )
  })

  test('of a command has its arguments and options', async () => {
    const { stdout } = await run('create-user', '--help')
    expect(stdout).toBe(
      [
        'flaskoa create-user NAME [MORE…] [options]',
        '',
        'Creates a user.',
        '',
        'Arguments:',
        '  NAME  how to call it',
        '  MORE  others; default: []',
        '',
        'Options:',
        '  --mode MODE                one of fast, slow; default: "fast"',
        '  --is-admin, --no-is-admin  may do all; default: false',
        '  --age AGE                  required',
        '  --tags TAGS                may be repeated',
        '  --app FILE:NAME            the application, for instance src/app.ts:createApp("test")',
        '  --help                     this text',
        '',
      ].join('\n'),
    )
    expect(await run('--help', 'create-user')).toMatchObject({ code: 0, stdout })
    expect((await run('fail', '-h')).stdout).toContain('flaskoa fail [options]\n\nRuns App.fail.\n\nOptions:\n')
    expect(noted()).toEqual([])
  })

  test('of a blueprint lists its commands', async () => {
    const { code, stdout } = await run('blog', '--help')
    expect(code).toBe(0)
    expect(stdout).toBe(
      'flaskoa blog COMMAND [options]\n\nCommands:\n  blog import FILE  reads posts\n  blog list\n\nSee flaskoa blog COMMAND --help.\n',
    )
    expect(await run('blog')).toEqual({ code: 2, stdout: '', stderr: stdout })
    expect(await run('blog', 'impotr', 'x')).toMatchObject({ code: 2, stdout: '' })
  })

  test('says why the commands of the application are not known, and lists those of flaskoa', async () => {
    const none = await flaskoa(['--help'], { cwd: project({ 'package.json': '{}' }) })
    expect(none).toMatchObject({ code: 0, stderr: '' })
    expect(none.stdout).toContain('Commands of the application are not known: There is no application in')
    const broken = project({ 'app.js': 'throw new Error("no database")' })
    const { code, stdout } = await flaskoa(['--help'], { cwd: broken })
    expect(code).toBe(0)
    expect(stdout).toContain('  routes ')
    expect(stdout).toContain("Commands of the application are not known: app.js can't be loaded: no database")
    expect(
      (
        await flaskoa(['--help'], {
          cwd: project({
            'app.js':
              'const { bootstrap, Get, decorate } = require("flaskoa"); class App { index() {} } decorate(App, { index: Get("/") }); module.exports = bootstrap(App)',
          }),
        })
      ).stdout,
    ).not.toContain('of the application:')
  })
})

describe('an unknown command', () => {
  test('is compared with those of flaskoa and of the application', async () => {
    expect(await run('create-usr')).toMatchObject({
      code: 2,
      stderr:
        "There is no command 'create-usr'. Did you mean 'create-user'? The commands are routes, explain, lock, openapi, shell, dev, " +
        'serve, create-user, fail, refuse, bare, blog import, blog list: see flaskoa --help.\n',
    })
  })

  test('of an application that can not be loaded is shown with its error', async () => {
    const broken = project({ 'app.js': 'throw new TypeError("no database")' })
    const { code, stderr } = await flaskoa(['rotes'], { cwd: broken })
    expect(code).toBe(1)
    expect(stderr).toMatch(
      /^flaskoa itself has no command 'rotes'\. Did you mean 'routes'\? The commands of the application are not known: app\.js can't be loaded:\n\nTypeError: no database\n/,
    )
  })

  test('without an application says that there is none', async () => {
    const { code, stderr } = await flaskoa(['rotes'], { cwd: project({ 'package.json': '{}' }) })
    expect(code).toBe(2)
    expect(stderr).toContain("flaskoa itself has no command 'rotes'. Did you mean 'routes'? It has routes, explain")
    expect(stderr).toContain('No application has further ones. There is no application in')
  })

  test('of an option --app that is wrong is a wrong call', async () => {
    expect(await flaskoa(['x', '--app', 'app.js:made(x)'], { cwd })).toMatchObject({
      code: 2,
      stderr:
        '--app: the arguments in app.js:made(x) must be JSON, for instance createApp("test", { "debug": true }).\n',
    })
  })
})
