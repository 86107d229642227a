import { runningContext } from '../../src/request/storage'

/** No test may leave a request's context behind. */
afterEach(() => {
  expect(runningContext()).toBeUndefined()
})
