// What the entries of the package share: the current context, the metadata, the classes.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'

const require = createRequire(import.meta.url)
const dist = dirname(require.resolve('flaskoa'))
const filesOf = kind => readdirSync(dist, { recursive: true }).filter(file => file.endsWith(kind))

// The main entry alone loads nothing of the subpaths.
const flaskoa = require('flaskoa')
const loaded = Object.keys(require.cache).filter(file => file.startsWith(dist))
assert.deepEqual(loaded.map(file => file.slice(dist.length + 1)).sort(), ['index.js', 'shared.js'])

const { bootstrap, currentContext, decorate, g, SetupError } = flaskoa
const contract = require('flaskoa/contract')
const { client } = require('flaskoa/client')
const { openapi, openapiBlueprint } = require('flaskoa/openapi')
const { redisSessionStore } = require('flaskoa/session-redis')
const { telemetry } = require('flaskoa/telemetry')
const { testClient, testRequestContext } = require('flaskoa/testing')

// Each module is in one file.
const sources = filesOf('.js.map').flatMap(file => {
  const { sources } = JSON.parse(readFileSync(join(dist, file), 'utf8'))
  return sources.filter(source => /^(?:\.\.\/)+src\//.test(source)).map(source => resolve(dist, dirname(file), source))
})
assert.ok(sources.length > 200 && sources.every(source => source.startsWith(resolve(dist, '../src'))))
assert.equal(new Set(sources).size, sources.length)

class AppController {
  async index() {
    g.user = 'ann'
    await undefined
    return { path: currentContext().path, user: g.user }
  }
}
const index = contract.Get('/')
decorate(AppController, { index })
const app = bootstrap(AppController, {
  blueprints: [openapiBlueprint({ info: { title: 'one', version: '1' }, docs: false })],
})

// Without the optional peer.
assert.throws(() => telemetry(), SetupError)

// One metadata: a route of `contract` and a blueprint of `openapi` are routes of the application.
assert.deepEqual(Object.keys(openapi(app, { info: { title: 'one', version: '1' } }).paths), ['/'])
// One context: that of `testing`, of a request, and of the main entry.
await testRequestContext(app, '/', ctx => assert.equal(currentContext(), ctx))
assert.deepEqual((await client(testClient(app), { index }).index()).body, { path: '/', user: 'ann' })
assert.deepEqual((await testClient(app).get('/openapi.json')).json().info, { title: 'one', version: '1' })

// The error page of debug mode is loaded with the first error, and has the lifecycle that index.js has recorded.
class Failing {
  broken() {
    throw new Error('broken on purpose')
  }
}
decorate(Failing, { broken: flaskoa.Get('/broken') })
const isPage = file => file.startsWith(join(dist, 'devtools'))
const failing = testClient(bootstrap(Failing, { debug: true, logger: false }), { propagateExceptions: false })
assert.deepEqual(Object.keys(require.cache).filter(isPage), [])
assert.match((await failing.get('/broken')).text, /Error: broken on purpose[^]*one-copy\.mjs[^]*view +Failing\.broken/)
// What the page shares with the command is in shared.js.
const pageFiles = ['page.js', 'shared.js'].map(file => join(dist, 'devtools', file))
assert.deepEqual(Object.keys(require.cache).filter(isPage), pageFiles)
await failing.close()

// One class of errors.
const mistakes = [() => contract.Get(), () => openapi(app, { unknown: 1 }), () => redisSessionStore()]
for (const mistake of mistakes) assert.throws(mistake, SetupError)

// Classes have the names that they are exported by, and those inside have the names of src/.
for (const [name, value] of Object.entries(flaskoa)) {
  if (typeof value === 'function' && String(value).startsWith('class')) assert.equal(value.name, name)
}
const renamed = /class (?:_|\w*\d )|\w\d = class .*/g
for (const file of filesOf('.js')) assert.deepEqual(readFileSync(join(dist, file), 'utf8').match(renamed), null, file)
