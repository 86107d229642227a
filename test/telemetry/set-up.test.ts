import { Get, bootstrap } from 'flaskoa'
import { telemetry } from 'flaskoa/telemetry'
import { testClient } from 'flaskoa/testing'
import { setupError } from '../support/setup-error'

test.each([
  [
    { method: true },
    "telemetry: there is no option 'method'. Did you mean 'methods'? The options are methods, metrics and redact",
  ],
  [{ methods: 'yes' }, 'telemetry: methods must be true or false, not "yes"'],
  [{ redact: 'token' }, 'telemetry: redact must be a list of texts, not "token"'],
  [{ redact: [1] }, 'telemetry: redact must be a list of texts, not an object of class Array'],
])('options that are wrong are refused: %j', (options, message) => {
  expect(() => telemetry(options as never)).toThrow(new TypeError(message))
})

test('in a process without an SDK requests are answered as without telemetry', async () => {
  class App {
    @Get('/') index() {
      return 'fine'
    }
  }
  const app = bootstrap(App, { middleware: [telemetry({ methods: true })] })
  expect((await testClient(app).get('/')).text).toBe('fine')
})

test('without the package of the API an error says what to do', () => {
  jest.doMock('@opentelemetry/api', () => {
    throw new Error("Cannot find module '@opentelemetry/api'")
  })
  expect(setupError(() => telemetry())).toBe(
    'FLASKOA_BAD_OPTION telemetry() needs the package @opentelemetry/api, which is not installed. Run npm i @opentelemetry/api.',
  )
})
