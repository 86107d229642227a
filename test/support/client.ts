import { bootstrap, type BootstrapOptions, type Class } from 'flaskoa'
import { testClient, type TestClient } from 'flaskoa/testing'

/** A client of an application that has sessions and writes no log. */
export function clientOf(controller: Class, options: BootstrapOptions = {}): TestClient {
  return testClient(bootstrap(controller, { secretKey: 'secret', logger: false, ...options }))
}

/** A `Cookie` header with all cookies of a client, for another client's request or for a later one of the same client. */
export function cookieHeader({ cookies }: TestClient): string {
  return Array.from(cookies, ({ name, value }) => `${name}=${value}`).join('; ')
}
