import { currentContext, session, type SessionOptions } from 'flaskoa'
import type { TestResponse } from 'flaskoa/testing'
import { contentOf, sessionClient, sessionCookie, setCookies } from '../support/session'

const DAY = 24 * 60 * 60 * 1000

const actions = {
  nothing: () => undefined,
  write: () => (session.name = 'Ada'),
  read: () => [session.permanent, session.maxAge, session.name],
  remember: () => {
    session.permanent = true
    session.name = 'Ada'
  },
  permanent: () => (session.permanent = true),
  forget: () => (session.permanent = false),
  remove: () => delete session.name,
  clear: () => session.clear(),
  anHour: () => {
    session.maxAge = 60 * 60 * 1000
    session.name = 'Ada'
  },
}

const clientWith = (options: SessionOptions = {}) => sessionClient(actions, { session: options, testing: true })

/** In how many days a response's session cookie expires, rounded; `undefined` when it has no such date. */
function daysLeft(response: TestResponse): number | undefined {
  const found = sessionCookie(response)?.attributes.find(attribute => attribute.startsWith('expires='))
  return found === undefined ? undefined : Math.round((Date.parse(found.slice('expires='.length)) - Date.now()) / DAY)
}

describe('session.permanent', () => {
  test('[13.5] false at first: the cookie has no date', async () => {
    const client = clientWith()
    expect(daysLeft(await client.get('/write'))).toBeUndefined()
    expect((await client.get('/read')).json()).toEqual([[false, 'session', 'Ada']])
  })

  test('[13.5] true: the cookie lasts 31 days, and the session says so from then on', async () => {
    const client = clientWith()
    expect(daysLeft(await client.get('/remember'))).toBe(31)
    expect((await client.get('/read')).json()).toEqual([[true, 31 * DAY, 'Ada']])
  })

  test('[13.5] the option maxAge makes it permanent from the start, for as long', async () => {
    const client = clientWith({ maxAge: 7 * DAY })
    expect(daysLeft(await client.get('/write'))).toBe(7)
    expect((await client.get('/read')).json()).toEqual([[true, 7 * DAY, 'Ada']])
  })

  test('[13.5] session.maxAge is a lifetime of its own', async () => {
    const client = clientWith()
    await client.get('/anHour')
    expect((await client.get('/read')).json()).toEqual([[true, 60 * 60 * 1000, 'Ada']])
  })

  test('[13.5] false again: the cookie loses its date, for good', async () => {
    const client = clientWith()
    await client.get('/remember')
    const response = await client.get('/forget')
    expect([sessionCookie(response)?.value, daysLeft(response)]).toEqual([expect.stringMatching(/./), undefined])
    expect(sessionCookie(await client.get('/nothing'))).toBeUndefined()
    expect((await client.get('/read')).json()).toEqual([[false, 'session', 'Ada']])
  })

  test('[13.5] false over the option maxAge, for good', async () => {
    const client = clientWith({ maxAge: 7 * DAY })
    await client.get('/write')
    expect(daysLeft(await client.get('/forget'))).toBeUndefined()
    expect((await client.get('/read')).json()).toEqual([[false, 'session', 'Ada']])
    expect(daysLeft(await client.get('/write'))).toBeUndefined()
  })

  test('[13.5] alone makes a session worth keeping, as it is a part of its content', async () => {
    const client = clientWith()
    expect(daysLeft(await client.get('/permanent'))).toBe(31)
    expect((await client.get('/read')).json()).toEqual([[true, 31 * DAY, null]])
    await client.get('/write')
    expect(daysLeft(await client.get('/remove'))).toBe(31)
  })

  test('[13.2] clear() forgets it as well', async () => {
    const client = clientWith()
    await client.get('/remember')
    expect(sessionCookie(await client.get('/clear'))?.value).toBe('')
    expect((await client.get('/read')).json()).toEqual([[false, 'session', null]])
  })

  test('is no value: the names and the content leave it out', async () => {
    const client = sessionClient({
      look: () => {
        session.permanent = true
        session.name = 'Ada'
        return [Object.keys(session), 'permanent' in session, { ...session }]
      },
    })
    const response = await client.get('/look')
    expect(response.json()).toEqual([[['name'], true, { name: 'Ada' }]])
    expect(contentOf(sessionCookie(response))).toEqual({
      name: 'Ada',
      _expire: expect.any(Number),
      _time: expect.any(Number),
      _maxAge: 31 * DAY,
    })
  })

  test.each([0, -1, 1.5, NaN, Infinity, '5', true])('session.maxAge = %p is refused', async maxAge => {
    const client = sessionClient({ set: () => (session.maxAge = maxAge as number) }, { testing: true })
    await expect(client.get('/set')).rejects.toThrow("expected milliseconds from 1 up, or 'session'")
  })
})

describe('a permanent session is refreshed', () => {
  test.each(['nothing', 'read'])('[13.2, 13.5] by every response: %s', async action => {
    const client = clientWith()
    await client.get('/remember')
    const response = await client.get(`/${action}`)
    expect([daysLeft(response), response.header('Vary')]).toEqual([31, 'Cookie'])
    expect(await client.session()).toEqual({ name: 'Ada' })
  })

  test('not by a response whose headers are out already, which is no error', async () => {
    const reported: unknown[] = []
    const byHand = () => {
      const { res } = Object.assign(currentContext(), { respond: false })
      res.writeHead(200)
      setImmediate(() => res.end('by hand'))
      return 'not sent'
    }
    const client = sessionClient({ ...actions, byHand }, { logger: { error: (_, message) => reported.push(message) } })
    await client.get('/remember')
    const response = await client.get('/byHand')
    expect([response.text, setCookies(response), reported]).toEqual(['by hand', [], []])
  })

  test('[13.2] not with rolling: false', async () => {
    const client = clientWith({ rolling: false })
    await client.get('/remember')
    for (const action of ['nothing', 'read']) expect(setCookies(await client.get(`/${action}`))).toEqual([])
    expect(daysLeft(await client.get('/write'))).toBe(31)
  })

  test('[13.2] with rolling: true, so is one that ends with the browser', async () => {
    const client = clientWith({ rolling: true })
    await client.get('/write')
    for (const action of ['nothing', 'read']) expect(setCookies(await client.get(`/${action}`))).toHaveLength(2)
  })

  test('[13.2] an empty one is never sent', async () => {
    for (const options of [{ rolling: true }, { maxAge: DAY }, { maxAge: DAY, rolling: true, renew: true }]) {
      const client = clientWith(options)
      for (const action of ['nothing', 'read']) expect(setCookies(await client.get(`/${action}`))).toEqual([])
    }
  })

  test("not by a response to a client that has none, nor for another application's cookies", async () => {
    const client = clientWith({ maxAge: DAY })
    const response = await client.get('/nothing', { headers: { cookie: 'other=1' } })
    expect([setCookies(response), response.header('Vary')]).toEqual([[], undefined])
  })

  test('with renew, only when half of its time is over', async () => {
    const client = clientWith({ maxAge: 100_000, rolling: false, renew: true })
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask', 'setTimeout'] })
    try {
      await client.get('/write')
      jest.advanceTimersByTime(40_000)
      expect(setCookies(await client.get('/read'))).toEqual([])
      jest.advanceTimersByTime(20_000)
      expect(setCookies(await client.get('/read'))).toHaveLength(2)
    } finally {
      jest.useRealTimers()
    }
  })

  test('[13.7] until its time is over', async () => {
    const client = clientWith({ maxAge: 1000 })
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask', 'setTimeout'] })
    try {
      const written = await client.get('/write')
      const cookie = setCookies(written)
        .map(each => each.split(';')[0])
        .join('; ')
      jest.advanceTimersByTime(1001)
      expect((await client.get('/read', { headers: { cookie } })).json()).toEqual([[true, 1000, null]])
    } finally {
      jest.useRealTimers()
    }
  })
})
