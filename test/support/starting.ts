import { Get, OnShutdown, OnStart, bootstrap, gracefulShutdown } from 'flaskoa'

/** A server whose start ends later, and fails in a process with the argument `fails` or `shutdown`; the latter shuts down gracefully. */
const [mode] = process.argv.slice(2)

class App {
  @OnStart() async connect() {
    // Nothing else keeps this process alive.
    await new Promise(resolve => setTimeout(resolve, 50).unref())
    if (mode !== 'starts' && mode !== 'unref') throw new Error('connection refused')
  }
  @OnShutdown() close() {
    console.log('shut down')
  }
  @Get('/') index() {
    return ''
  }
}

const server = bootstrap(App).listen(0, '127.0.0.1', () => {
  console.log('listening')
  server.close()
})
process.on('exit', () => {
  console.log(`bound: ${server.listening}`)
})
if (mode === 'shutdown') gracefulShutdown(server)
if (mode === 'unref') server.unref()
