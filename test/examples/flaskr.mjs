// examples/flaskr: what the command prints about it, the same requests to it and to Flask, and a visit in Chromium.
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { check, root, skip } from '../../scripts/checks.mjs'
import { inChromium } from '../openapi/chromium.mjs'
import { freePort } from './free-port.mjs'
import { visitInBrowser } from './flaskr-browser.mjs'
import { untilServed, visit } from './flaskr-requests.mjs'

const PYTHON = process.env.PYTHON ?? '/usr/bin/python3'

export const START = {
  variables: folder => ({ DATABASE: join(folder, 'flaskr.sqlite'), INIT_DB: '1' }),
  path: '/',
}

/** @param call runs `npx flaskoa` with these words, and returns its output */
export async function testCommands(name, folder, call) {
  await check(`${name}: npx flaskoa routes, explain, init-db, --help`, () => {
    assert.match(call(['routes']), /^GET +\/static\/<path:filename> +static +/m)
    const explained = call(['explain', 'POST', '/1/update'])
    assert.match(explained, /before +Auth\.loadLoggedInUser +src\/auth\.ts:\d+/)
    assert.match(explained, /teardown +Database\.close \(extension database\) +src\/db\.ts:\d+/)
    assert.match(call(['init-db']), /Initialized the database\./)
    assert.match(call(['--help']), /init-db +Deletes all data and makes the tables\./)
    assert.match(call(['lock']), /lifecycle\.lock is written/)
  })
}

/** Starts the example and Flask, and compares what is to be seen. */
export async function testServed(name, folder, scratch, node) {
  const hasFlask = spawnSync(PYTHON, ['-c', 'import flask']).status === 0
  const hasBrowser = spawnSync('chromium', ['--version']).error === undefined
  if (hasFlask) await check(`${name}: the answers are those of Flask`, () => compare(folder, scratch, node))
  else
    unavailable(`${name}: the answers are those of Flask`, 'it needs python3 with Flask: apt-get install python3-flask')
  if (hasBrowser) await check(`${name}: a visit in Chromium`, () => browse(folder, scratch, node))
  else unavailable(`${name}: a visit in Chromium`, 'it needs chromium in the PATH: apt-get install chromium')
}

function unavailable(name, reason) {
  skip(name, reason)
  if (process.env.CI) process.exitCode = 1
}

async function compare(folder, scratch, node) {
  const own = await served(node, ['dist/server.js'], folder, scratch, visit)
  const program = join(root, 'test/examples/flaskr.py')
  const flask = await served(PYTHON, [program, folder], folder, scratch, visit)
  assert.deepEqual(own.map(comparable), flask.map(comparable))
}

/** What Flask writes on the pages of errors besides their titles, and on those of redirects. */
const FLASK_TEXTS =
  /^(The requested URL was not found|The method is not allowed|The browser \(or proxy\)|You don&#39;t have the permission|You should be|\. If not|Redirecting to|\/|\.$)/

/** Of pages of errors and redirects the texts are compared, and of static files nothing that Flask adds for downloads. */
function comparable(answer) {
  const { page, ...rest } = { ...answer, disposition: undefined }
  if (rest.status === 200) return { ...rest, page }
  return { ...rest, page: page?.filter(each => !each.startsWith('<') && !FLASK_TEXTS.test(each)) }
}

const browse = (folder, scratch, node) =>
  served(node, ['dist/server.js'], folder, scratch, url => inChromium(scratch, page => visitInBrowser(page, url)))

/** Starts a server with an empty database, and ends it when `use` is done. */
async function served(program, args, folder, scratch, use) {
  const port = String(await freePort())
  const database = join(scratch, `flaskr-${port}.sqlite`)
  const more = program === PYTHON ? [database, port] : []
  const env = { ...process.env, PORT: port, DATABASE: database, INIT_DB: '1' }
  const server = spawn(program, [...args, ...more], { cwd: folder, env, stdio: 'ignore' })
  const ended = once(server, 'exit')
  try {
    const url = `http://127.0.0.1:${port}/`
    await untilServed(url)
    return await use(url)
  } finally {
    server.kill('SIGKILL')
    await ended
  }
}
