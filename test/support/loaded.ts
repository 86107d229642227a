import { createServer } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { Get, bootstrap, gracefulShutdown } from 'flaskoa'

/** Two servers of one application, with HTTP/1 and HTTP/2, that SIGTERM ends while clients send requests. */
class App {
  @Get('/') async index() {
    await sleep(Math.random() * 20)
    return 'answered'
  }
  @Get('/sync') sync() {
    return 'answered'
  }
}

const app = bootstrap(App)
const one = app.listen(0, '127.0.0.1')
const two = createServer(app.callback() as never).listen(0, '127.0.0.1', () => {
  console.log(JSON.stringify([one, two].map(server => (server.address() as AddressInfo).port)))
})
for (const server of [one, two]) gracefulShutdown(server, { app, grace: 3000, timeout: 60_000 })
