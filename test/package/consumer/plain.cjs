// JavaScript without a compiler, as CommonJS: decorators are functions, and can be called as the legacy dialect does.
const assert = require('node:assert/strict')
const { AfterRequest, BeforeRequest, Get, TeardownRequest, bootstrap, g } = require('flaskoa')
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

function decorate(cls, name, decorator) {
  decorator(cls.prototype, name, Object.getOwnPropertyDescriptor(cls.prototype, name))
}

decorate(AppController, 'loadUser', BeforeRequest)
decorate(AppController, 'index', Get('/'))
decorate(AppController, 'seen', AfterRequest())
decorate(AppController, 'close', TeardownRequest())

async function check() {
  const response = await testClient(bootstrap(AppController)).get('/')
  assert.deepEqual([response.status, response.text], [200, 'Hello root'])
  assert.deepEqual(log.splice(0), ['before', 'view', 'after', 'teardown undefined'])
  assert.throws(() => redisSessionStore(), { code: 'FLASKOA_BAD_OPTION' })
}

module.exports = { AppController, check, decorate, log }
if (require.main === module) check()
