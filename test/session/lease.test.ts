import { session } from 'flaskoa'
import { sessionClient } from '../support/session'
import { MemoryStore } from '../support/stores'

test('a write that the store never answers does not block later writes of that session for ever', async () => {
  const store = new MemoryStore()
  const write = (name: string) => () => {
    ;(session as unknown as Record<string, string>)[name] = 'written'
  }
  const asking = sessionClient(
    { first: write('first'), second: write('second') },
    { session: { store }, requestTimeout: 30_000 },
  )
  await asking.session(stored => Object.assign(stored, { begun: 1 }))
  let stuck = () => {}
  const isStuck = new Promise<void>(resolve => (stuck = resolve))
  store.before = command => {
    if (command !== 'set') return undefined
    store.before = () => undefined
    stuck()
    return new Promise(() => undefined)
  }
  jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask', 'Date', 'performance', 'hrtime'] })
  try {
    const first = asking.get('/first')
    await isStuck
    const second = asking.get('/second')
    await jest.advanceTimersByTimeAsync(10_000)
    expect((await second).status).toBe(200)
    await jest.advanceTimersByTimeAsync(30_000)
    expect((await first).status).toBe(503)
  } finally {
    jest.useRealTimers()
  }
  expect([...store.kept.values()].map(text => JSON.parse(text) as unknown)).toEqual([
    expect.objectContaining({ begun: 1, second: 'written' }),
  ])
})
