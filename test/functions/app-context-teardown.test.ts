import { setImmediate as turn } from 'node:timers/promises'
import { bootstrap, TeardownAppContext, withAppContext } from 'flaskoa'
import { log, note } from '../support/log'

test('withAppContext waits for each teardown method, also behind one that fails', async () => {
  class App {
    @TeardownAppContext async last() {
      await turn()
      note('last')
    }
    @TeardownAppContext async failing() {
      await turn()
      throw new Error('failing')
    }
    @TeardownAppContext first() {
      note('first')
    }
  }
  const app = bootstrap(App, { logger: false })
  app.on('error', (error: Error) => note(`reported: ${error.message}`))
  expect(await withAppContext(app, () => 'result')).toBe('result')
  expect(log).toEqual(['first', 'reported: failing', 'last'])
})
