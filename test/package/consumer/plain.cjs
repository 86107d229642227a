// JavaScript without a compiler, as CommonJS: `decorate` applies decorators.
const assert = require('node:assert/strict')
const { AfterRequest, BeforeRequest, Get, TeardownRequest, bootstrap, decorate, g } = require('flaskoa')
const { client } = require('flaskoa/client')
const contract = require('flaskoa/contract')
const { openapi } = require('flaskoa/openapi')
const { redisSessionStore } = require('flaskoa/session-redis')
const { testClient } = require('flaskoa/testing')

const log = []

class AppController {
  loadUser() {
    g.user = 'root'
    log.push('before')
  }
  index() {
    log.push('view')
    return `Hello ${g.user}`
  }
  seen(response) {
    log.push('after')
    return response
  }
  close(error) {
    log.push(`teardown ${error}`)
  }
}

decorate(AppController, {
  loadUser: BeforeRequest,
  index: Get('/'),
  seen: AfterRequest(),
  close: TeardownRequest(),
})

async function check() {
  const response = await testClient(bootstrap(AppController)).get('/')
  assert.deepEqual([response.status, response.text], [200, 'Hello root'])
  assert.deepEqual(log.splice(0), ['before', 'view', 'after', 'teardown undefined'])
  const index = contract.Get('/')
  assert.equal((await client(testClient(bootstrap(AppController)), { index }).index()).body, 'Hello root')
  log.length = 0
  const { paths } = openapi(bootstrap(AppController), { info: { title: 'plain', version: '1' } })
  assert.deepEqual(Object.keys(paths), ['/'])
  assert.throws(() => redisSessionStore(), { code: 'FLASKOA_BAD_OPTION' })
}

module.exports = { AppController, check, log }
if (require.main === module) check()
