import { storage } from '../../src/context'

/** No test may leave a request's context behind. */
afterEach(() => {
  expect(storage.getStore()).toBeUndefined()
})
