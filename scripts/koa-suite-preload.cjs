// Loaded before each of Koa's tests: has their servers make the engine's requests and responses, as `listen` does. Koa's
// tests pass `app.callback()` to http.createServer, or have supertest do so, and would meet Node's own classes there.
const { resolve } = require('node:path')
const http = require('node:http')

const engine = process.env.KOA_SUITE_ENGINE
const { Application } = require(resolve(engine, 'application.js'))
const { IncomingMessage } = require(resolve(engine, 'incoming-message.js'))
const { ServerResponse } = require(resolve(engine, 'server-response.js'))

/** The engine's own: a test's own listener gets what Node makes. */
const callbacks = new WeakSet()
const { callback } = Application.prototype
const { createServer } = http

Application.prototype.callback = function () {
  const made = callback.call(this)
  callbacks.add(made)
  return made
}

http.createServer = (...args) =>
  callbacks.has(args[0]) ? createServer({ IncomingMessage, ServerResponse }, args[0]) : createServer(...args)
