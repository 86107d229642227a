import { bootstrap, type BootstrapOptions, type Class } from 'flaskoa'
import { testClient, type TestClient } from 'flaskoa/testing'

/** A client of an application that has sessions and writes no log. */
export function clientOf(controller: Class, options: BootstrapOptions = {}): TestClient {
  return testClient(bootstrap(controller, { secretKey: 'secret', logger: false, ...options }))
}
