import { ErrorHandler, Route, bootstrap, session, type HttpError } from 'flaskoa'
import { testClient } from 'flaskoa/testing'
import { sessionClient, setCookies } from '../support/session'

/** A session with names that the type does not know. */
const anySession = () => session as unknown as Record<string | symbol, unknown>

describe('what it can hold', () => {
  test.each([
    ['a text', 'Ada'],
    ['an empty text', ''],
    ['letters of all kinds', '日本語 🎉 "\'\\\n'],
    ['a number', 0.5],
    ['true', true],
    ['false', false],
    ['null', null],
    ['a list', [1, [2, [3]]]],
    ['an object', { a: { b: [{ c: null }] } }],
  ])('%s', async (_, value) => {
    const client = sessionClient({ write: () => (session.value = value) && undefined, read: () => session.value })
    await client.get('/write')
    expect((await client.get('/read')).json()).toEqual([value])
  })

  test('a name that every object inherits', async () => {
    const names = ['constructor', 'toString', 'hasOwnProperty', 'valueOf', 'then', 'get', '0', 'a b', 'ä', 'inspect']
    const client = sessionClient({ write: () => Object.assign(session, Object.fromEntries(names.map(n => [n, n]))) })
    await client.get('/write')
    expect(await client.session()).toEqual(Object.fromEntries(names.map(name => [name, name])))
  })

  test('a date becomes a text, as in JSON', async () => {
    const client = sessionClient({ write: () => (session.value = new Date(0)) })
    await client.get('/write')
    expect(await client.session()).toEqual({ value: '1970-01-01T00:00:00.000Z' })
  })

  test.each([
    ['added to a list', () => void (session.items as number[]).push(2), { items: [1, 2] }],
    ['put into an object', () => void Object.assign(session.value as object, { b: 2 }), { value: { a: 1, b: 2 } }],
    ['set deep inside', () => ((session.value as { a: number }).a = 5), { value: { a: 5 } }],
    ['taken out', () => delete (session.value as { a?: number }).a, { value: {} }],
  ])('[13.3] a value %s is saved without session.modified = true, which Flask needs', async (_, change, changed) => {
    const client = sessionClient({ change })
    await client.session(stored => Object.assign(stored, { items: [1], value: { a: 1 } }))
    await client.get('/change')
    expect(await client.session()).toEqual({ items: [1], value: { a: 1 }, ...changed })
  })

  test('more than a cookie can hold is sent as it is: browsers keep or drop it, a store has no such limit', async () => {
    const client = sessionClient({ write: () => (session.value = 'x'.repeat(5000)) })
    expect(setCookies(await client.get('/write'))[0]?.length).toBeGreaterThan(4096)
  })
})

describe('reserved names', () => {
  test.each([
    ...['save', 'clear', 'isNew', 'modified', 'length', 'populated', 'toJSON', 'commit', 'regenerate', 'externalKey'],
    ...['manuallyCommit', '_expire', '_maxAge', '_session', '_own', '__proto__', '__defineGetter__'],
  ])('%s is refused, with the name', async name => {
    for (const write of [
      () => (anySession()[name] = 1),
      () => Object.defineProperty(session, name, { value: 1, enumerable: true, configurable: true, writable: true }),
    ]) {
      await expect(sessionClient({ write }, { testing: true }).get('/write')).rejects.toThrow(
        `session key ${name}: this name is reserved for the session itself`,
      )
    }
  })

  test('a symbol is refused', async () => {
    const client = sessionClient({ write: () => (anySession()[Symbol('own')] = 1) }, { testing: true })
    await expect(client.get('/write')).rejects.toThrow('session key Symbol(own): this name is reserved')
  })
})

describe('[13.8] what it cannot hold takes the 500 path when it is saved', () => {
  const circular: unknown[] = []
  circular.push(circular)
  const unserialisable: [string, unknown, string][] = [
    ['a BigInt', 1n, 'BigInt'],
    ['a circular list', circular, 'circular'],
    ['a function', () => 1, 'session value value is the function'],
    ['a function inside of a list', [() => 1], 'session value 0 is the function'],
    ['a class', class Own {}, 'session value value is the function Own'],
    ['a symbol', Symbol('own'), 'session value value is Symbol(own)'],
    ['an object whose toJSON throws', { toJSON: () => JSON.parse('{') as unknown }, 'JSON'],
  ]

  test.each(unserialisable)('%s', async (_, value, message) => {
    const reported: string[] = []
    const client = sessionClient(
      { write: () => (session.value = value) && 'written' },
      { logger: { error: ({ err }) => reported.push(String(err)) } },
    )
    const response = await client.get('/write')
    expect([response.status, setCookies(response), reported]).toEqual([500, [], [expect.stringContaining(message)]])
  })

  test.each(unserialisable)('%s inside of what was there', async (_, value, message) => {
    const client = sessionClient({ push: () => void session.items?.push(value) }, { testing: true })
    await client.session(stored => {
      stored.items = []
    })
    await expect(client.get('/push')).rejects.toThrow(message.replace('value value', 'value 0'))
  })

  test('a 500 handler answers, and can still empty the session', async () => {
    class App {
      @Route('/')
      index() {
        session.name = 'Ada'
        session.value = 1n
        return ''
      }
      @ErrorHandler(500)
      failed({ cause }: HttpError) {
        delete session.value
        return (cause as Error).message
      }
    }
    const client = testClient(bootstrap(App, { secretKey: 'secret', logger: false }))
    expect((await client.get('/')).text).toMatch('BigInt')
    expect(await client.session()).toEqual({ name: 'Ada' })
  })
})
