import { Get, bootstrap, makeResponse, type BootstrapOptions } from 'flaskoa'
import { testClient } from 'flaskoa/testing'
import { settled } from '../support/gate'

const later = () => Promise.resolve({ name: 'ann' })
const failing = () => Promise.reject(new Error('no database'))
const query = { then: (use: (rows: unknown[]) => unknown) => use([]) }

/** A view that returns `value`. */
function ask(make: () => object, options: BootstrapOptions) {
  class Users {
    @Get('/') show() {
      return make()
    }
    @Get('/later') async later() {
      return Promise.resolve(make())
    }
  }
  return testClient(bootstrap(Users, { logger: false, ...options }))
}

describe.each([{ testing: true }, { debug: true, propagateExceptions: true }])(
  'a promise in an answer, %j',
  options => {
    test.each([
      ['user', () => ({ id: 1, user: later() })],
      ['users.1', () => ({ users: [{ name: 'ann' }, later()] })],
      ['0.user', () => [{ user: later() }, later()]],
      ['a.b', () => ({ a: { toJSON: () => ({ b: later() }) } })],
      ['rows', () => ({ rows: query })],
      ['user', () => ({ user: failing() })],
    ])('is an error that names %s', async (path, make) => {
      const message = new RegExp(
        `^Users\\.(show|later) returned an object of class (Object|Array) that JSON cannot express: ${path} is a promise\\. Await it\\.$`,
      )
      await expect(ask(make, options).get('/')).rejects.toThrow(message)
      await expect(ask(make, options).get('/later')).rejects.toThrow(message)
      await settled()
    })

    test('what JSON has is sent, and other errors stay as they are', async () => {
      const shared = { a: 1 }
      const value = { list: [shared, shared, null, 'a'], when: new Date(0) }
      expect((await ask(() => value, options).get('/')).json()).toEqual(JSON.parse(JSON.stringify(value)))
      const circular: Record<string, unknown> = {}
      circular.self = circular
      await expect(ask(() => circular, options).get('/')).rejects.toThrow('Converting circular structure to JSON')
      expect((await ask(() => Buffer.from('bytes'), options).get('/')).text).toBe('bytes')
      expect((await ask(() => makeResponse({ a: 1 }, 201), options).get('/')).status).toBe(201)
    })
  },
)

test('other modes do not look for promises', async () => {
  expect((await ask(() => ({ user: later() }), {}).get('/')).json()).toEqual({ user: {} })
})

test('a promise whose then is another one is waited for as await does', async () => {
  class Users {
    @Get('/') show() {
      const promise = Promise.resolve({ name: 'ann' })
      return Object.assign(promise, { then: () => promise })
    }
  }
  expect((await testClient(bootstrap(Users, { testing: true })).get('/')).json()).toEqual({ name: 'ann' })
})

test('the error of a view stays as it is', async () => {
  class Users {
    @Get('/') show(): never {
      throw new Error('no users')
    }
  }
  await expect(testClient(bootstrap(Users, { testing: true, logger: false })).get('/')).rejects.toThrow('no users')
})
