import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, sep } from 'node:path'
import { runInThisContext } from 'node:vm'
import { bootstrap, Get, type ExtensionHost } from 'flaskoa'
import { setEntryModule } from '../../src/plan/entry-folder'

class App {
  @Get('/') index() {
    return 'index'
  }
}

type Call = (make: () => void) => void

/** The default of the option `root`. */
function rootOf(caller: Call = make => make()): string | undefined {
  let root: string | undefined
  const extensions = [{ name: 'noted', initApp: (host: ExtensionHost) => void (root = host.root) }]
  caller(bootstrap.bind(undefined, App, { extensions }))
  return root
}

/** A function of a file of that name. */
const callerIn = (filename: string) => runInThisContext('make => make()', { filename }) as Call

const { argv } = process
beforeEach(() => (process.argv = [...argv]))
afterAll(() => (process.argv = argv))

test('is the folder of the entry module', () => {
  process.argv[1] = join(__dirname, 'server.js')
  expect(rootOf()).toBe(__dirname)
  // `node .`
  const folder = mkdtempSync(join(tmpdir(), 'root-'))
  process.argv[1] = folder
  expect(rootOf()).toBe(folder)
})

test('is the folder of the file that calls bootstrap under a test runner, and without an entry module', () => {
  expect(process.argv[1]).toContain(`${sep}node_modules${sep}`)
  expect(rootOf()).toBe(__dirname)
  expect(rootOf(callerIn('/srv/app/main.js'))).toBe('/srv/app')
  expect(rootOf(callerIn('file:///srv/my%20app/main.mjs'))).toBe('/srv/my app')
  process.argv.length = 1
  expect(rootOf(callerIn('/srv/app/main.js'))).toBe('/srv/app')
})

test('is the folder of the file that calls bootstrap in a test file of node --test', () => {
  process.argv[1] = '/srv/app/test/app.test.js'
  process.env.NODE_TEST_CONTEXT = 'child-v8'
  try {
    expect(rootOf(callerIn('/srv/app/app.js'))).toBe('/srv/app')
  } finally {
    delete process.env.NODE_TEST_CONTEXT
  }
})

test('is the working folder for code without a file', () => {
  const evaluated = new Function('make', 'make()') as Call // eslint-disable-line @typescript-eslint/no-implied-eval
  expect(rootOf(evaluated)).toBe(process.cwd())
})

test('is the folder of the module that a program has loaded', () => {
  try {
    setEntryModule('/srv/loaded/app.js')
    expect(rootOf()).toBe('/srv/loaded')
  } finally {
    setEntryModule(undefined)
  }
})
