// A first JSON answer over HTTP/1 needs neither fetch, web streams, HTTP/2 nor what parses forms: they take as long to load as Koa.
const assert = require('node:assert/strict')
const { connect } = require('node:net')
const { abort, bootstrap, decorate, ErrorHandler, Get } = require('flaskoa')

class AppController {
  index() {
    return { a: 1 }
  }
  missing() {
    abort(404)
  }
  onMissing() {
    return { missing: true }
  }
}
decorate(AppController, { index: Get('/'), missing: Get('/missing'), onMissing: ErrorHandler(404) })

const server = bootstrap(AppController, { logger: false }).listen(0, '127.0.0.1', () => {
  const socket = connect(server.address().port, '127.0.0.1').setEncoding('utf8')
  const request = (path, connection) => `GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: ${connection}\r\n\r\n`
  socket.end(request('/', 'keep-alive') + request('/missing', 'close'))
  let answers = ''
  socket.on('data', text => (answers += text))
  socket.on('end', () => {
    server.close()
    assert.match(answers, /\{"a":1\}[^]*\{"missing":true\}/)
    // Node has no documented list of its loaded modules. Without this one there is nothing to check.
    const { moduleLoadList = [] } = process
    const heavy = /undici|webstreams\/readablestream|http2\/core|worker_threads/
    assert.deepEqual(
      moduleLoadList.filter(name => heavy.test(name)),
      [],
    )
    const packages = ['@fastify/busboy', 'koa-session', 'close-with-grace', 'set-cookie-parser', 'secure-json-parse']
    const loaded = Object.keys(require.cache).join('\n').replaceAll('\\', '/')
    assert.ok(!loaded.includes('/devtools/'), 'the error page of debug mode')
    assert.deepEqual(
      packages.filter(name => loaded.includes(`node_modules/${name}/`)),
      [],
    )
  })
})
