import * as fc from 'fast-check'
import { session, type SessionOptions } from 'flaskoa'
import type { TestClient } from 'flaskoa/testing'
import { cookieHeader } from '../support/client'
import { Gate } from '../support/gate'
import { sessionClient } from '../support/session'
import { stores, type MemoryStore } from '../support/stores'

type Write = { readonly name: string; readonly value: number | undefined } | 'clear'

const names = fc.constantFrom('a', 'b', 'c', 'd')
const write: fc.Arbitrary<Write> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ name: names, value: fc.option(fc.nat(99), { nil: undefined }) }) },
  { weight: 1, arbitrary: fc.constant<Write>('clear') },
)

const values = () => session as unknown as Record<string, number | undefined>

function apply(each: Write): void {
  if (each === 'clear') return session.clear()
  if (each.value === undefined) delete values()[each.name]
  else values()[each.name] = each.value
}

/** Several requests that all load the session first and save it in an order of their own, in two applications. */
async function run(make: () => MemoryStore, requests: Write[][], order: number[]) {
  const store = make()
  const gates = requests.map(() => new Gate())
  const actions = Object.fromEntries(
    requests.map((writes, index) => [
      `r${index}`,
      async () => {
        await gates[index]?.pass()
        writes.forEach(apply)
      },
    ]),
  )
  const options: SessionOptions = { store }
  const clients = [1, 2].map(() => sessionClient(actions, { session: options }))
  const [first] = clients as [(typeof clients)[0], ...typeof clients]
  const begun = { a: 0, b: 0, keep: 1 }
  await first.session(stored => Object.assign(stored, begun))
  const headers = { cookie: cookieHeader(first) }
  const responses = requests.map((_, index) => clients[index % 2]?.get(`/r${index}`, { headers }))
  await Promise.all(gates.map(gate => gate.reached))
  for (const index of order) {
    gates[index]?.open()
    expect((await responses[index])?.status).toBe(200)
  }
  return { store, begun }
}

/** The same, one request after the other; what was there when a request began decides whether it deletes. */
function expected(requests: Write[][], order: number[], begun: Record<string, number>): Record<string, number>[] {
  let stored: Record<string, number> | undefined = { ...begun }
  for (const index of order) {
    const writes = requests[index] as Write[]
    const cleared = writes.lastIndexOf('clear')
    // What follows clear() is another session, which the client learns of and this cookie does not.
    if (cleared !== -1) stored = undefined
    const own: Record<string, number> = { ...begun }
    for (const each of cleared === -1 ? (writes as Exclude<Write, 'clear'>[]) : []) {
      if (stored === undefined) break
      if (each.value !== undefined) stored[each.name] = own[each.name] = each.value
      else if (Object.hasOwn(own, each.name)) {
        Reflect.deleteProperty(stored, each.name)
        Reflect.deleteProperty(own, each.name)
      }
    }
  }
  return stored === undefined ? [] : [stored]
}

const plans = fc
  .array(fc.array(write, { maxLength: 4 }), { minLength: 2, maxLength: 5 })
  .chain(requests =>
    fc.tuple(fc.constant(requests), fc.shuffledSubarray([...requests.keys()], { minLength: requests.length })),
  )

test.each(stores)('%s: parallel requests end as one after the other would have', async (_, make) => {
  await fc.assert(
    fc.asyncProperty(plans, async ([requests, order]) => {
      const { store, begun } = await run(make, requests, order)
      const rows = store.contents.filter(row => 'keep' in row)
      expect(rows).toEqual(expected(requests, order, begun))
    }),
    { numRuns: 150 },
  )
})

test.each(stores)('%s: as many increments of different names as there are requests', async (_, make) => {
  const count = 40
  const store = make()
  const actions = Object.fromEntries(
    Array.from({ length: count }, (_, index) => [
      `n${index}`,
      () => (values()[`n${index}`] = (values()[`n${index}`] ?? 0) + 1),
    ]),
  )
  const clients = [1, 2].map(() => sessionClient(actions, { session: { store } }))
  await clients[0]?.session(stored => (stored.count = 0))
  const headers = { cookie: cookieHeader(clients[0] as TestClient) }
  store.before = () => new Promise(resolve => setImmediate(resolve))
  const requests = Object.keys(actions).map((name, index) => clients[index % 2]?.get(`/${name}`, { headers }))
  for (const request of requests) expect((await request)?.status).toBe(200)
  expect(store.contents).toEqual([{ count: 0, ...Object.fromEntries(Object.keys(actions).map(name => [name, 1])) }])
})
