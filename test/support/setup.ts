import { runningContext } from '../../src/context'

/** No test may leave a request's context behind. */
afterEach(() => {
  expect(runningContext()).toBeUndefined()
})
