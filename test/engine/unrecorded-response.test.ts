import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { Get, bootstrap } from 'flaskoa'
import { ask } from '../support/ask'
import { portOf } from '../support/serve'

test('a listener of the server may answer by hand, without the application', async () => {
  class App {
    @Get('/') index() {
      return 'by the view'
    }
  }
  const server = bootstrap(App, { logger: false }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  server.on('checkContinue', (_: unknown, res: ServerResponse) => {
    res.write('by ')
    res.end('hand')
  })
  const { text } = await ask(`http://127.0.0.1:${portOf(server)}/`, { headers: { Expect: '100-continue' } })
  expect(text).toBe('by hand')
  const closed = once(server, 'close')
  server.close()
  server.closeAllConnections()
  await closed
})
