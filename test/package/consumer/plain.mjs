// JavaScript without a compiler, as an ES module: every name can be imported, and a CommonJS module beside it shares the
// one copy of flaskoa, so that they can work on the same controllers and in the same request.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import * as all from 'flaskoa'
import { AfterRequest, bootstrap, decorate, g } from 'flaskoa'
import { client } from 'flaskoa/client'
import * as contract from 'flaskoa/contract'
import { openapi } from 'flaskoa/openapi'
import { redisSessionStore } from 'flaskoa/session-redis'
import { testClient } from 'flaskoa/testing'
import commonjs from './plain.cjs'

const require = createRequire(import.meta.url)
const notExports = ['default', 'module.exports', '__esModule']
assert.deepEqual(
  Object.keys(all)
    .filter(name => !notExports.includes(name))
    .sort(),
  Object.keys(require('flaskoa')).sort(),
)
assert.equal(bootstrap, require('flaskoa').bootstrap)
assert.equal(testClient, require('flaskoa/testing').testClient)
assert.equal(openapi, require('flaskoa/openapi').openapi)
assert.equal(client, require('flaskoa/client').client)
for (const name of ['Route', 'Get', 'Post', 'Put', 'Patch', 'Delete']) {
  assert.equal(contract[name], require('flaskoa/contract')[name])
  assert.equal(contract[name], all[name])
}
assert.equal(redisSessionStore, require('flaskoa/session-redis').redisSessionStore)

/** Its base class, with the hooks, comes from CommonJS. */
class Extended extends commonjs.AppController {
  user() {
    commonjs.log.push('own view')
    return g.user
  }
  tag(response) {
    commonjs.log.push('own after')
    response.set('X-User', g.user)
    return response
  }
}
const showUser = contract.Get('/users/<name>')
decorate(Extended, { user: showUser, tag: AfterRequest })

await commonjs.check()

const server = bootstrap(Extended).listen(0, '127.0.0.1')
await once(server, 'listening')
try {
  const api = client(`http://127.0.0.1:${server.address().port}`, { showUser })
  const { status, body, headers } = await api.showUser({ name: 'ada' })
  assert.deepEqual([status, body, headers.get('x-user')], [200, 'root', 'root'])
  assert.deepEqual(commonjs.log, ['before', 'own view', 'own after', 'after', 'teardown undefined'])
} finally {
  server.close()
}
