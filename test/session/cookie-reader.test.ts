import Keygrip from 'keygrip'
import { Get, bootstrap, session, type SessionOptions } from 'flaskoa'
import { testClient } from 'flaskoa/testing'
import { setCookies } from '../support/session'

// A cookie is read without koa-session, unless an option has a function that expects koa-session's context. Both read the same.

const DAY = 86_400_000
const NOW = Date.UTC(2030, 0, 1)

beforeEach(() => {
  jest.spyOn(Date, 'now').mockReturnValue(NOW)
})
afterEach(() => {
  jest.restoreAllMocks()
})

class App {
  @Get('/read') read() {
    const { isNew, maxAge, permanent, length, modified } = session
    return { isNew, maxAge, permanent, length, modified, names: Object.keys(session), values: { ...session } }
  }
  @Get('/nothing') nothing() {
    return ''
  }
  @Get('/write') write() {
    session.name = 'Ada'
    return ''
  }
  @Get('/clear') clear() {
    session.clear()
    return ''
  }
  @Get('/save') async save() {
    await session.save()
    return { key: session.externalKey ?? null }
  }
}

const encode = (content: unknown) => Buffer.from(JSON.stringify(content)).toString('base64')
const signed = (value: string, key = 'new', name = 'koa.sess') =>
  `${name}=${value}; ${name}.sig=${new Keygrip([key]).sign(`${name}=${value}`)}`

/** The answers to all paths, and the events of koa-session. */
async function answersTo(cookie: string | undefined, options: SessionOptions) {
  const app = bootstrap(App, { secretKey: ['new', 'old'], logger: false, session: options })
  const events: string[] = []
  for (const name of ['session:missed', 'session:expired', 'session:invalid']) {
    app.on(name, (data: { value?: object; ctx: { path: string } }) => {
      events.push(`${name} ${data.ctx.path} ${JSON.stringify(data.value)}`)
    })
  }
  const answers: unknown[] = []
  for (const path of ['/read', '/nothing', '/write', '/clear', '/save']) {
    const response = await testClient(app).get(path, cookie === undefined ? {} : { headers: { cookie } })
    await new Promise(setImmediate)
    answers.push([path, response.status, response.text, response.header('Vary'), setCookies(response)])
  }
  return { answers, events }
}

const time = { _time: NOW - 1000 }
const cookies: [string, string | undefined][] = [
  ['no cookie', undefined],
  ['another cookie', 'id=5'],
  ['an empty cookie', 'koa.sess=; koa.sess.sig=x'],
  ['a cookie without a signature', `koa.sess=${encode({ ...time, name: 'Eve' })}`],
  ['a signature of another key', signed(encode({ ...time, name: 'Eve' }), 'other')],
  ['a session', signed(encode({ ...time, name: 'Ada', items: ['a'], count: 0, 7: 'seven' }))],
  ['an empty session', signed(encode(time))],
  ['a session that an older key has signed', signed(encode({ ...time, name: 'Ada' }), 'old')],
  ['a session in quotation marks', signed(encode({ ...time, name: 'Ada' })).replace(/=([^;.]+);/, '="$1";')],
  ['a permanent session', signed(encode({ ...time, name: 'Ada', _expire: NOW + DAY, _maxAge: 2 * DAY }))],
  ['a session of the browser', signed(encode({ ...time, name: 'Ada', _session: true }))],
  ['a session with both lifetimes', signed(encode({ ...time, _session: true, name: 'Ada', _maxAge: DAY }))],
  ['a session with a lifetime that is none', signed(encode({ ...time, name: 'Ada', _maxAge: 'x', _session: 1 }))],
  ['a session that ends now', signed(encode({ ...time, name: 'Ada', _expire: NOW, _maxAge: DAY }))],
  ['an expired session', signed(encode({ ...time, name: 'Ada', _expire: NOW - 1, _maxAge: DAY }))],
  ['a session that is too old', signed(encode({ name: 'Ada', _time: NOW - 40 * DAY }))],
  ['a session of the future', signed(encode({ name: 'Ada', _time: NOW + DAY }))],
  ['a session without a time', signed(encode({ name: 'Ada' }))],
  [
    'reserved names',
    signed('eyJfX3Byb3RvX18iOnsiYSI6MX0sImlzTmV3Ijp0cnVlLCJzYXZlIjoxLCJfdGltZSI6MTg5MzQ1NjAwMDAwMH0='),
  ],
  ['names of Object', signed(encode({ ...time, toString: 1, constructor: 2, hasOwnProperty: null }))],
  ['a text that is no JSON', signed('bm8ganNvbg==')],
  ['a list', signed(encode([1]))],
  ['null', signed(encode(null))],
]

describe.each(cookies)('%s', (_, cookie) => {
  test.each<[string, SessionOptions]>([
    ['by default', {}],
    ['with a lifetime', { maxAge: 3 * DAY }],
    ['with rolling', { rolling: true }],
    ['without rolling', { rolling: false }],
    ['without a time', { acceptUndated: true }],
    ['not signed', { signed: false }],
  ])('is what koa-session reads, %s', async (_name, options) => {
    const byKoaSession = await answersTo(cookie, { ...options, valid: () => true })
    expect(await answersTo(cookie, options)).toEqual(byKoaSession)
  })
})

test('a name with the signs of regular expressions', async () => {
  const options = { key: 'a$b^c+d.e|f*g' }
  const cookie = signed(encode({ ...time, name: 'Ada' }), 'new', options.key)
  const byKoaSession = await answersTo(cookie, { ...options, valid: () => true })
  expect(await answersTo(cookie, options)).toEqual(byKoaSession)
  expect(JSON.stringify(byKoaSession)).toContain('Ada')
})

test('the events of koa-session say why a session was refused', async () => {
  const { events } = await answersTo(signed(encode({ ...time, name: 'Ada', _expire: NOW - 1 })), {})
  expect(events[0]).toBe(`session:expired /read {"name":"Ada","_expire":${NOW - 1},"_time":${NOW - 1000}}`)
})

test('renew sends a session again when half of its lifetime is over', async () => {
  const old = { ...time, name: 'Ada', _expire: NOW + DAY / 4, _maxAge: DAY }
  const options: SessionOptions = { maxAge: DAY, renew: true, rolling: false }
  const [read] = (await answersTo(signed(encode(old)), options)).answers as [unknown[]]
  expect(read[4]).toHaveLength(2)
  const [later] = (await answersTo(signed(encode({ ...old, _expire: NOW + DAY })), options)).answers as [unknown[]]
  expect(later[4]).toEqual([])
})
