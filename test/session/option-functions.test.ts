import { Get, session, type SessionOptions } from 'flaskoa'
import { clientOf } from '../support/client'
import { setCookies } from '../support/session'
import { MemoryStore } from '../support/stores'

// koa-session waits for none of the functions among its options, and takes each result as it is.

class App {
  @Get('/write') write() {
    session.name = 'Ada'
    return ''
  }
  @Get('/read') read() {
    return { name: session.name ?? null }
  }
}

const later = (value?: unknown) => () => Promise.resolve(value)
const failing = () => Promise.reject(new Error('unawaited'))
const stored = (options: object) => () => ({ store: new MemoryStore(), ...options }) as SessionOptions
const inCookie = (options: object) => () => options as SessionOptions

describe.each<[string, string, () => SessionOptions, string]>([
  [
    'an async genid',
    '/write',
    stored({ genid: later('key') }),
    'session: genid is asynchronous: koa-session does not wait',
  ],
  ['a genid that is rejected', '/write', stored({ genid: failing }), 'session: genid is asynchronous'],
  [
    'a genid of a number',
    '/write',
    stored({ genid: () => 5 }),
    'session: genid returned 5: expected a text that is not empty',
  ],
  ['an empty genid', '/write', stored({ genid: () => '' }), 'session: genid returned "": expected a text'],
  ['an async beforeSave', '/write', inCookie({ beforeSave: later() }), 'session: beforeSave is asynchronous'],
  ['a beforeSave that is rejected', '/write', inCookie({ beforeSave: failing }), 'session: beforeSave is asynchronous'],
  ['an async encode', '/write', inCookie({ encode: later('x') }), 'session: encode is asynchronous'],
  [
    'an encode of a number',
    '/write',
    inCookie({ encode: () => 5 }),
    'session: encode returned 5: expected a text that is not',
  ],
  ['an encode of nothing', '/write', inCookie({ encode: () => '' }), 'session: encode returned "": expected a text'],
  [
    'an async externalKey.get',
    '/read',
    stored({ externalKey: { get: later('key'), set: () => undefined } }),
    'session: externalKey.get is asynchronous',
  ],
  [
    'an externalKey.get of a number',
    '/read',
    stored({ externalKey: { get: () => 5, set: () => undefined } }),
    'session: externalKey.get returned 5: expected a text, or undefined',
  ],
  [
    'an async externalKey.set',
    '/write',
    stored({ externalKey: { get: () => undefined, set: failing } }),
    'session: externalKey.set is asynchronous',
  ],
  [
    'a genid of a number with an external key',
    '/write',
    stored({ genid: () => 5, externalKey: { get: () => null, set: () => undefined } }),
    'session: genid returned 5: expected a text that is not empty',
  ],
])('%s', (_, path, options, message) => {
  test('is a TypeError, and no unhandled rejection', async () => {
    await expect(clientOf(App, { session: options(), testing: true }).get(path)).rejects.toThrow(TypeError)
    await expect(clientOf(App, { session: options(), testing: true }).get(path)).rejects.toThrow(message)
  })
})

test.each<[string, object, string]>([
  ['valid', { valid: later(false) }, 'session: valid is asynchronous'],
  ['a valid that is rejected', { valid: failing }, 'session: valid is asynchronous'],
  ['decode', { decode: later({ name: 'Eve' }) }, 'session: decode is asynchronous'],
  ['a decode that is rejected', { decode: failing }, 'session: decode is asynchronous'],
])('an async %s accepts no session: a TypeError', async (_, options, message) => {
  const writer = clientOf(App)
  const cookie = setCookies(await writer.get('/write'))
    .map(each => each.split(';')[0])
    .join('; ')
  const client = clientOf(App, { session: options, testing: true })
  await expect(client.get('/read', { headers: { cookie } })).rejects.toThrow(message)
})

test('a decode whose result can not be read: an empty session', async () => {
  const decode = () => Object.defineProperty({}, 'name', { enumerable: true, get: () => JSON.parse('{') as unknown })
  const client = clientOf(App, { session: { decode } })
  await client.get('/write')
  expect((await client.get('/read')).json()).toEqual({ name: null })
})
