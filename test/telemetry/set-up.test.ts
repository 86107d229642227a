import { telemetry } from 'flaskoa/telemetry'
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

test('without the package of the API an error says what to do', () => {
  jest.doMock('@opentelemetry/api', () => {
    throw new Error("Cannot find module '@opentelemetry/api'")
  })
  expect(setupError(() => telemetry())).toBe(
    'FLASKOA_BAD_OPTION telemetry() needs the package @opentelemetry/api, which is not installed. Run npm i @opentelemetry/api.',
  )
})
