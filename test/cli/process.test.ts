import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { patience } from '../support/pace'
import { flaskoaProcess, project, removeProjects, root } from './support'

jest.setTimeout(patience(20_000))
afterAll(removeProjects)

const SHOP = ['--app', 'test/cli/fixtures/shop.ts']

/** `file:line` of a method of the fixture. */
const placeOf = (method: string, file = 'test/cli/fixtures/shop.ts') => {
  const lines = readFileSync(join(root, file), 'utf8').split('\n')
  return `${file}:${lines.findIndex(line => line.startsWith(`  ${method}(`)) + 1}`
}

test('routes lists the rules of the sample application', async () => {
  const printed = await flaskoaProcess(['routes', '--app', 'sample-app/app.ts'])
  expect(printed).toEqual({
    code: 0,
    stdout: [
      'Methods  Rule  Endpoint  View                 Hooks',
      'GET      /     index     AppController.index  3',
      '',
    ].join('\n'),
    stderr: '',
  })
})

test.each(['tsconfig.json', 'test/tsconfig.legacy.json'])(
  'explain names file and line of each step (%s)',
  async tsconfig => {
    const env = { TSX_TSCONFIG_PATH: join(root, tsconfig) }
    const { code, stdout } = await flaskoaProcess(['explain', 'GET', '/items/5', ...SHOP, '--json'], { env })
    const { route, values, beforeFirst } = JSON.parse(stdout) as Record<string, never> & {
      route: Record<string, unknown>
    }
    expect(code).toBe(0)
    expect(values).toEqual({ id: 5 })
    expect(beforeFirst).toEqual([{ name: 'Shop.connect', place: placeOf('connect') }])
    expect(route).toMatchObject({
      rule: '/items/<int:id>',
      preprocessors: [{ name: 'Items.values', place: placeOf('values') }],
      before: [
        { name: 'Shop.loadUser', place: placeOf('loadUser'), security: [], answers: [] },
        { name: 'Items.checkToken', place: placeOf('checkToken'), security: ['bearer'], answers: [401] },
      ],
      input: [{ location: 'query', fields: ['page'] }],
      view: { name: 'Items.show', place: placeOf('show') },
      after: [
        { name: 'Items.stamp', place: placeOf('stamp') },
        { name: 'Shop.addHeader', place: placeOf('addHeader') },
      ],
      errorHandlers: [
        { error: '404', name: 'Items.missing', place: placeOf('missing'), scope: 'items' },
        { error: 'HttpError', name: 'Shop.http', place: placeOf('http'), scope: '' },
        { error: 'Error', name: 'Shop.failed', place: placeOf('failed'), scope: '' },
      ],
    })
  },
)

test('the sample application is explained with its own lines', async () => {
  const { stdout } = await flaskoaProcess(['explain', '/', '--app', 'sample-app/app.ts'])
  for (const method of ['beforeFirstRequest', 'beforeRequest', 'index', 'afterRequest']) {
    expect(stdout).toContain(` ${placeOf(method, 'sample-app/app.ts')}`)
  }
})

test('shell evaluates lines in an application context, one after the other', async () => {
  const stdin = ["(await client.get('/')).text", 'g.x = 1', 'g', "urlFor('items.show', { id: 3 })", 'nope', ''].join(
    '\n',
  )
  const { code, stdout, stderr } = await flaskoaProcess(['shell', ...SHOP], { stdin })
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  const torn = 'the application context is torn down'
  const lines = stdout.replace(/(flaskoa> )+/g, '').split('\n')
  // One teardown for the request, one for the shell.
  expect(lines.filter(line => !line.startsWith('    at '))).toEqual([
    torn,
    "'shop'",
    '1',
    'g { x: 1 }',
    "'http://shop.example/items/3'",
    'Uncaught ReferenceError: nope is not defined',
    torn,
    '',
  ])
})

test('shell ends at .exit, reads statements of several lines, and keeps a history if it is asked to', async () => {
  const history = join(project({}), 'history')
  const stdin = 'await Promise.resolve(40)\nlet a = [\n7]\na\n.exit\n999\n'
  const { code, stdout } = await flaskoaProcess(['shell', ...SHOP], { stdin, env: { NODE_REPL_HISTORY: history } })
  expect(code).toBe(0)
  expect(stdout).toContain('flaskoa> 40\n')
  expect(stdout).toContain('[ 7 ]\n')
  expect(stdout).not.toContain('999')
  expect(stdout).toContain('the application context is torn down\n')
  expect(existsSync(history)).toBe(true)
})

test('an error of the application is shown with its own stack', async () => {
  const folder = project({
    'package.json': '{ "type": "module" }',
    'app.mjs':
      'export function createApp() {\n  throw new TypeError("no database", { cause: new Error("refused") })\n}\n',
  })
  const { code, stderr, stdout } = await flaskoaProcess(['routes'], { cwd: folder })
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
  expect(stderr.split('\n')).toEqual([
    'createApp() of app.mjs failed:',
    '',
    'TypeError: no database',
    expect.stringMatching(/^ {4}at createApp \(.*app\.mjs:2:9\) \{$/),
    '  [cause]: Error: refused',
    expect.stringMatching(/^ {6}at createApp \(.*app\.mjs:2:\d+\)$/),
    '}',
    '',
  ])
})

test('a command without an application says what was tried', async () => {
  const folder = project({ 'package.json': '{}' })
  const { code, stderr } = await flaskoaProcess(['routes'], { cwd: folder })
  expect(code).toBe(1)
  expect(stderr).toContain(
    'src/app.{ts,mts,cts,js,mjs,cjs}, app.{ts,mts,cts,js,mjs,cjs}, dist/app.{ts,mts,cts,js,mjs,cjs}',
  )
})
