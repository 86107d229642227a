import createError from 'http-errors'
import { Get, HttpError, abort, bootstrap, withAppContext, type BootstrapOptions } from 'flaskoa'
import { testClient } from 'flaskoa/testing'

/** Flask's tests of what is written about an unhandled error, and of `abort` outside of requests. */

class Failing {
  @Get('/')
  index(): string {
    throw new Error('from the view')
  }
}

/** The response to a failing request, and all that was written to the console meanwhile. */
async function fail(options: BootstrapOptions) {
  const spy = jest.spyOn(console, 'error').mockImplementation(() => {})
  try {
    const response = await testClient(bootstrap(Failing, options)).get('/')
    return { response, written: spy.mock.calls.flat().join('\n') }
  } finally {
    spy.mockRestore()
  }
}

test('[6.2] the log names the request and the error (test_logging.py::test_log_view_exception)', async () => {
  const { response, written } = await fail({})
  expect(response.status).toBe(500)
  expect(response.text).not.toBe('')
  expect(written).toContain('Exception on / [GET]')
  expect(written).toContain('Error: from the view')
})

test.each([
  ['no logger', { logger: false }],
  ['a logger that does nothing', { logger: { error() {} } }],
] as const)(
  '[6.2] %s: nothing is written (test_subclassing.py::test_suppressed_exception_logging)',
  async (_, options) => {
    const { response, written } = await fail(options)
    expect(response.status).toBe(500)
    expect(response.text).toContain('Internal Server Error')
    expect(written).toBe('')
  },
)

test('abort outside of an application (test_helpers.py::test_abort_no_app)', () => {
  expect(() => abort(401)).toThrow(createError.Unauthorized)
  expect(() => abort(900)).toThrow(/abort\(900\): expected an HTTP error code/)
})

test('an application adds no codes: one throws its error (test_helpers.py::test_abort_with_app)', async () => {
  class Code900 extends Error {}
  const app = bootstrap(Failing)
  await expect(withAppContext(app, () => abort(401))).rejects.toBeInstanceOf(HttpError)
  await expect(withAppContext(app, () => abort(900))).rejects.toThrow(/abort\(900\)/)
  const ownError = withAppContext(app, () => {
    throw new Code900()
  })
  await expect(ownError).rejects.toBeInstanceOf(Code900)
})
