import { Get, OnShutdown, TeardownRequest, bootstrap, gracefulShutdown } from 'flaskoa'
import type { AddressInfo } from 'node:net'

/** A server that its process's signals end: `/slow` is in flight when `slow` is printed, `/crash` throws an uncaught error. */
class App {
  @Get('/slow') async slow() {
    console.log('slow')
    await new Promise(resolve => setTimeout(resolve, 200)) // until the signal has come, which the test sends now
    return 'ended'
  }
  @Get('/crash') crash() {
    setImmediate(() => {
      throw new Error('thrown by /crash')
    })
    return ''
  }
  @TeardownRequest teardown() {
    console.log('torn down')
  }
  @OnShutdown close(signal?: string) {
    console.log(`shut down by ${signal}`)
  }
}

const server = bootstrap(App).listen(0, '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
})
gracefulShutdown(server)
