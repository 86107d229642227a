import { session } from 'flaskoa'
import { contentOf, sessionClient, sessionCookie, setCookies } from '../support/session'
import { AtomicStore, MemoryStore } from '../support/stores'

const DELETED = 'expires=Thu, 01 Jan 1970 00:00:00 GMT'

const actions = {
  write: () => (session.name = 'Ada'),
  start: () => (session.items = ['a']),
  push: () => [session.modified, session.items?.push('b'), session.modified],
  same: () => [session.items?.length, session.modified],
  modify: () => (session.modified = true),
  disown: () => {
    session.name = 'Bea'
    session.items?.push('c')
    session.modified = false
    return session.modified
  },
  disownEarly: () => {
    session.name = 'Bea'
    session.items?.push('c')
    session.modified = false
    session.count = 1
    return session.modified
  },
  saveTwice: async () => {
    session.name = 'Bea'
    session.modified = false
    session.count = 1
    await session.save()
    return session.modified
  },
  poison: () => {
    session.items = [new Map()] as never
    session.name = 'Ada'
    return session.modified
  },
  circle: () => {
    const items: unknown[] = (session.items ??= [])
    items.push(items)
    return session.modified
  },
}

const stores = [
  ['the cookie', () => ({})],
  ['a store', () => ({ session: { store: new MemoryStore() } })],
  ['an atomic store', () => ({ session: { store: new AtomicStore() } })],
] as const

describe.each(stores)('session.modified in %s', (where, options) => {
  test('[13.3] is true after a change inside of a value, which is saved', async () => {
    const client = sessionClient(actions, options())
    await client.get('/start')
    expect((await client.get('/push')).json()).toEqual([[false, 2, true]])
    expect((await client.get('/same')).json()).toEqual([[2, false]])
  })

  test('[13.2] = true saves the session', async () => {
    const client = sessionClient(actions, options())
    await client.get('/write')
    const response = await client.get('/modify')
    expect([setCookies(response).length, response.header('Vary')]).toEqual([2, 'Cookie'])
    if (where === 'the cookie') expect(contentOf(sessionCookie(response))).toMatchObject({ name: 'Ada' })
    expect(await client.session()).toEqual({ name: 'Ada' })
  })

  test('[13.2] = true deletes the cookie of an empty session', async () => {
    const response = await sessionClient(actions, options()).get('/modify')
    if (where === 'the cookie') expect(sessionCookie(response)?.attributes).toContain(DELETED)
    expect(response.status).toBe(200)
  })

  test('[13.2] = false: what was written before is not saved', async () => {
    const client = sessionClient(actions, options())
    await client.get('/write')
    await client.get('/start')
    const response = await client.get('/disown')
    expect([response.json(), setCookies(response)]).toEqual([[false], []])
    expect(await client.session()).toEqual({ name: 'Ada', items: ['a'] })
  })

  test('[13.2] = false and then a write: all is saved, as in Flask', async () => {
    const client = sessionClient(actions, options())
    await client.get('/start')
    expect((await client.get('/disownEarly')).json()).toEqual([true])
    expect(await client.session()).toEqual({ name: 'Bea', count: 1, items: ['a', 'c'] })
  })

  test('save() in between saves all, once', async () => {
    const client = sessionClient(actions, options())
    await client.get('/write')
    expect((await client.get('/saveTwice')).json()).toEqual([true])
    expect(await client.session()).toEqual({ name: 'Bea', count: 1 })
  })

  test('is true when the values cannot be saved', async () => {
    const reported = await sessionClient({ poison: actions.poison }, { ...options(), testing: true })
      .get('/poison')
      .catch((error: unknown) => (error as Error).message)
    expect(reported).toMatch('session value 0 is an object of class Map')
  })
})

const items = (): string[] => session.items as string[]

// Values are compared only if code of the user has got an object that is one, so each way to it counts.
describe.each(stores)('[13.3] a change inside of a value in %s', (_, options) => {
  test.each<[string, () => unknown]>([
    ['its name', () => items().push('b')],
    ['a variable that destructuring has made', () => (({ items: list }) => list?.push('b'))(session)],
    ['Object.values', () => (Object.values(session)[0] as string[]).push('b')],
    ['Object.entries', () => (Object.entries(session)[0]?.[1] as string[]).push('b')],
    ['a copy of the session', () => ({ ...session }).items?.push('b')],
    ['toJSON', () => (session.toJSON() as { items: string[] }).items.push('b')],
    ['the replacer of JSON.stringify', () => JSON.stringify(session, (__, v) => (Array.isArray(v) && v.push('b'), v))],
    ['its descriptor', () => (Object.getOwnPropertyDescriptor(session, 'items')?.value as string[]).push('b')],
    ['all descriptors', () => (Object.getOwnPropertyDescriptors(session).items?.value as string[]).push('b')],
    ['an object that inherits from the session', () => (Object.create(session) as typeof session).items?.push('b')],
    ['a read of session.modified before', () => [session.modified, items().push('b'), session.modified]],
    ['a list that was read before it was looked at', () => (list => [session.name, list.push('b')])(items())],
    ['a method that runs later', async () => (list => Promise.resolve().then(() => list.push('b')))(items())],
  ])('is saved that was made by %s', async (__, push) => {
    const client = sessionClient({ ...actions, reach: push }, options())
    await client.get('/start')
    expect((await client.get('/reach')).status).toBe(200)
    expect(await client.session()).toEqual({ items: ['a', 'b'] })
  })

  test('is none if values were only read', async () => {
    const reads = () => [Object.keys(session), 'items' in session, session.length, items().length, { ...session }]
    const client = sessionClient({ ...actions, reads, modified: () => session.modified }, options())
    await client.get('/start')
    expect(setCookies(await client.get('/reads'))).toEqual([])
    expect((await client.get('/modified')).json()).toEqual([false])
  })
})

test('session.modified is true when a change inside of a value cannot be saved', async () => {
  const seen: unknown[] = []
  const client = sessionClient({ ...actions, circle: () => seen.push(actions.circle()) })
  await client.get('/start')
  expect([(await client.get('/circle')).status, seen]).toEqual([500, [true]])
})

test('session.modified = true with a store that is changed elsewhere, and onConflict: reject', async () => {
  const store = new MemoryStore()
  const client = sessionClient(actions, { session: { store, onConflict: 'reject' } })
  await client.get('/start')
  expect((await client.get('/disownEarly')).status).toBe(200)
  expect(await client.session()).toMatchObject({ count: 1, name: 'Bea' })
})

test('session.modified of a session that could not be read', async () => {
  const store = new MemoryStore()
  const client = sessionClient(actions, { session: { store, onStoreFailure: 'anonymous' } })
  await client.get('/start')
  store.before = () => Promise.reject(new Error('down'))
  expect((await client.get('/same')).json()).toEqual([[null, false]])
  expect((await client.get('/disown')).json()).toEqual([false])
})
