// What the command `flaskoa` prints about examples/bookmarks, and writes.
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { check } from '../../scripts/checks.mjs'

const GUARD = '  before: Bookmarks.loadUser (security: session; answers: 401)\n'

/** How `npm start` is started, with the folder of its data, and what it answers. */
export const START = { variables: folder => ({ DATA: folder }), path: '/openapi.json' }

const COMMANDS = { routes, explain, lock, openapi }

/**
 * @param name of the checks
 * @param folder where the example is installed
 * @param call runs `npx flaskoa` with these words, and returns its output; throws with the output if it fails
 */
export async function testCommands(name, folder, call) {
  const flaskoa = (...words) => call(words)
  for (const [command, body] of Object.entries(COMMANDS))
    await check(`${name}: npx flaskoa ${command}`, () => body(flaskoa, folder))
}

function routes(flaskoa) {
  const rows = flaskoa('routes').trim().split('\n')
  assert.match(rows[0], /^Methods +Rule +Endpoint +View +Hooks$/)
  assert.equal(rows.length, 16)
  const row = /^PUT +\/bookmarks\/<int:id>\/picture +pictures\.replace +Pictures\.replace +1$/
  assert.equal(rows.filter(each => row.test(each)).length, 1)
  const facts = JSON.parse(flaskoa('routes', '--json'))
  assert.equal(facts.length, 15)
}

function explain(flaskoa, folder) {
  const explained = flaskoa('explain', 'GET', '/bookmarks/5')
  assert.match(explained, /^GET \/bookmarks\/<int:id> +bookmarks\.show\n +id = 5\n/)
  const guard = `src/users.ts:${lineOf(folder, 'src/users.ts', '@BeforeRequest(')}`
  assert.match(explained, new RegExp(` 1 +before +Bookmarks\\.loadUser +${guard} +checks session, may answer 401\n`))
  const view = `src/bookmarks.ts:${lineOf(folder, 'src/bookmarks.ts', "@Get('/<int:id>'")}`
  assert.match(explained, new RegExp(` 2 +view +Bookmarks\\.show +${view} +answers 200, 404\n`))
  assert.throws(
    () => flaskoa('explain', 'GET', '/bookmarks/abc'),
    /no route: 404[^]+does not take 'abc'[^]+exit code 1/,
  )
}

/** Where a method begins: at its name, below its decorator. */
function lineOf(folder, file, decorator) {
  const lines = readFileSync(join(folder, file), 'utf8').split('\n')
  return lines.findIndex(line => line.includes(decorator)) + 2
}

function lock(flaskoa, folder) {
  const file = join(folder, 'lifecycle.lock')
  assert.throws(() => flaskoa('lock', '--check'), /lifecycle\.lock does not exist: run flaskoa lock/)
  assert.equal(flaskoa('lock'), 'lifecycle.lock is written.\n')
  const text = readFileSync(file, 'utf8')
  assert.ok(text.includes('the application\n  on shutdown: App.close\n'))
  assert.ok(text.includes(`GET /bookmarks  bookmarks.list\n${GUARD}  input: query\n  view: Bookmarks.list\n`))
  assert.equal(flaskoa('lock', '--check'), 'lifecycle.lock is up to date.\n')
  // As if the guard had been added since.
  writeFileSync(file, text.replace(GUARD, ''))
  assert.throws(() => flaskoa('lock', '--check'), /\+ {3}before: Bookmarks\.loadUser[^]+does not fit the application/)
}

function openapi(flaskoa, folder) {
  assert.equal(flaskoa('openapi', '--out', 'openapi.json'), 'openapi.json is written.\n')
  const { info, paths } = JSON.parse(readFileSync(join(folder, 'openapi.json'), 'utf8'))
  assert.deepEqual(info, { title: 'Bookmarks', version: '1.0.0' })
  assert.deepEqual(Object.keys(paths['/bookmarks/{id}']).sort(), ['delete', 'get', 'put'])
  assert.deepEqual(paths['/bookmarks/{id}'].get.security, [{ session: [] }])
}
