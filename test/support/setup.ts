import { runningContext } from '../../src/request/storage'
import { patience } from './pace'

/** The longest test takes some seconds on an idle machine. */
jest.setTimeout(patience(5000))

/** No test may leave a request's context behind. */
afterEach(() => {
  expect(runningContext()).toBeUndefined()
})
