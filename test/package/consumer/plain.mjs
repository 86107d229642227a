// JavaScript without a compiler, as an ES module: every name can be imported, and a CommonJS module beside it shares the
// one copy of flaskoa, so that they can work on the same controllers and in the same request.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import * as all from 'flaskoa'
import { AfterRequest, Get, bootstrap, decorate, g } from 'flaskoa'
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
decorate(Extended, { user: Get('/users/<name>'), tag: AfterRequest })

await commonjs.check()

const server = bootstrap(Extended).listen(0, '127.0.0.1')
await once(server, 'listening')
try {
  const response = await fetch(`http://127.0.0.1:${server.address().port}/users/ada`)
  assert.deepEqual([response.status, await response.text(), response.headers.get('x-user')], [200, 'root', 'root'])
  assert.deepEqual(commonjs.log, ['before', 'own view', 'own after', 'after', 'teardown undefined'])
} finally {
  server.close()
}
