import crypto from 'node:crypto'
import Keygrip from 'keygrip'
import Koa from 'koa'
import { Get, bootstrap, lifecycle, session, type BootstrapOptions } from 'flaskoa'
import { testClient, type TestClient } from 'flaskoa/testing'
import { ask } from '../support/ask'
import { serve } from '../support/serve'
import { sessionClient, setCookies } from '../support/session'

// Signatures that keygrip has made of `koa.sess=` with this value, as text: cookies that are signed today stay valid.
const VALUE = 'eyJuYW1lIjoiQWRhIn0=' // {"name":"Ada"}
const EVE = 'eyJuYW1lIjoiRXZlIn0=' // {"name":"Eve"}
const SECRET = 'V61GpsbQwT5gFAYp0TT_KWMH0WM'
const NEW = 'OOsd1S5wMD_PKDkAPS3Xf3wQ4_k'
const OLD = 'NVeCMPLz1LQpdgKItMYe5Hx3Nls'
const NON_ASCII = 'S1thPMwR1gOglf3y6sF4M1uSEIg'
const SHA256 = '47SlijJR-qZ4C2NxchEk1nPCEyYjTJIR6oQx0C1uc34'

const actions = { read: () => session.name, write: () => (session.name = 'Ada') }

class App {
  @Get('/read') read() {
    return [session.name]
  }
  @Get('/write') write() {
    session.name = 'Ada'
    return []
  }
}

const clientWith = (options: BootstrapOptions) =>
  sessionClient(actions, { secretKey: 'secret', ...options, session: { acceptUndated: true, ...options.session } })

const read = async (client: TestClient, cookie: string) => {
  const response = await client.get('/read', { headers: { cookie } })
  return [response.status, response.json<unknown[]>()[0], setCookies(response).length]
}

const both = (value: string, signature: string) => `koa.sess=${value}; koa.sess.sig=${signature}`
const ACCEPTED = [200, 'Ada', 0]
const SIGNED_ANEW = [200, 'Ada', 2]
const REFUSED = [200, null, 0]

describe('a cookie that keygrip has signed', () => {
  test.each<[string, string | string[], string, unknown[]]>([
    ['is accepted', 'secret', SECRET, ACCEPTED],
    ['is accepted by the first of two keys', ['new', 'old'], NEW, ACCEPTED],
    ['is accepted by the second key, and signed anew', ['new', 'old'], OLD, SIGNED_ANEW],
    ['is refused after its key was removed', ['new'], OLD, REFUSED],
    ['is accepted by a key with other characters than ASCII', 'schlüssel 鍵 🔑', NON_ASCII, ACCEPTED],
  ])('[13.7] %s', async (_, secretKey, signature, expected) => {
    expect(await read(clientWith({ secretKey }), both(VALUE, signature))).toEqual(expected)
  })

  test('is accepted in quotation marks, and behind other cookies whose names end like its own', async () => {
    const client = clientWith({})
    expect(await read(client, `a.koa.sess=x; koa.sess="${VALUE}"; koa.sess.sig="${SECRET}"`)).toEqual(ACCEPTED)
    expect(await read(client, `koaXsess=x;koa.sess=${VALUE};koa.sess.sig=${SECRET}`)).toEqual(ACCEPTED)
  })

  test('the first of two cookies with its name counts', async () => {
    const client = clientWith({})
    expect(await read(client, `koa.sess=${VALUE}; koa.sess=${EVE}; koa.sess.sig=${SECRET}`)).toEqual(ACCEPTED)
    expect(await read(client, `koa.sess=${EVE}; koa.sess=${VALUE}; koa.sess.sig=${SECRET}`)).toEqual(REFUSED)
  })
})

describe('a cookie is refused', () => {
  test.each([
    ['for another value', both(EVE, SECRET)],
    ['without the = at its end, which belongs to the value', both(VALUE.slice(0, -1), SECRET)],
    ['with one character changed in its signature', both(VALUE, SECRET.replace('V', 'W'))],
    // The last of 27 characters has two bits that a decoder of base64 drops.
    ['with a signature of the same bytes in another text', both(VALUE, SECRET.replace(/M$/, 'N'))],
    ['with the letters of base64 in the place of those for URLs', both(VALUE, SECRET.replace('_', '/'))],
    ['with the = of base64 behind its signature', both(VALUE, `${SECRET}=`)],
    ['with a shorter signature', both(VALUE, SECRET.slice(0, -1))],
    ['with a longer signature', both(VALUE, `${SECRET}M`)],
    ['with a signature of 7,000 characters', both(VALUE, SECRET.repeat(260))],
    ['with an empty signature', both(VALUE, '')],
    ['with an empty signature in quotation marks', both(VALUE, '""')],
    ['with a signature that is no base64', both(VALUE, '%'.repeat(27))],
    ['with a signature of 27 characters beyond ASCII', both(VALUE, 'é'.repeat(27))],
    ['with a signature of 27 bytes beyond ASCII', both(VALUE, `${'é'.repeat(13)}M`)],
    ['with the signature that a longer hash has', both(VALUE, SHA256)],
    ['without a signature', `koa.sess=${VALUE}`],
    ['under another name', `id=${VALUE}; id.sig=${SECRET}`],
  ])('[13.7] %s', async (_, cookie) => {
    expect(await read(clientWith({}), cookie)).toEqual(REFUSED)
    const app = bootstrap(App, { secretKey: 'secret', logger: false, session: { acceptUndated: true } })
    await serve(app, async url => {
      const { status, text } = await ask(`${url}/read`, { headers: { cookie: Buffer.from(cookie).toString('latin1') } })
      expect([status, text]).toEqual([200, '[null]'])
    })
  })

  // Only middleware can put such a character there. U+0156 ends with the byte of V.
  test('[13.7] with characters whose last bytes are those of the signature', async () => {
    const changing = (signature: string) =>
      clientWith({
        middleware: [
          (ctx, next) => {
            ctx.req.headers.cookie = both(VALUE, signature)
            return next()
          },
        ],
      })
    expect(await read(changing(SECRET), '')).toEqual(ACCEPTED)
    expect(await read(changing(SECRET.replace('V', '\u0156')), '')).toEqual(REFUSED)
  })
})

test('the signatures of two texts are compared in constant time, and only if they have one length', async () => {
  const compare = jest.spyOn(crypto, 'timingSafeEqual')
  try {
    const client = clientWith({ secretKey: ['new', 'secret'] })
    await read(client, both(VALUE, SECRET))
    const texts = compare.mock.calls.map(call => call.map(each => Buffer.from(each as Buffer).toString()))
    expect(texts).toEqual([
      [NEW, SECRET],
      [SECRET, SECRET],
    ])
    compare.mockClear()
    await read(client, both(VALUE, SHA256))
    expect(compare).not.toHaveBeenCalled()
  } finally {
    compare.mockRestore()
  }
})

describe('what is written', () => {
  test.each<[string, string[]]>([
    ['a key', ['secret']],
    ['the first of two keys', ['new', 'old']],
    ['a key with other characters than ASCII', ['schlüssel 鍵 🔑']],
    ['a key with half of a surrogate pair', ['\ud800']],
    ['a key that is longer than a block of its hash', ['k'.repeat(100)]],
  ])('is signed as keygrip does, with %s', async (_, secretKey) => {
    const [cookie, signature] = setCookies(await clientWith({ secretKey }).get('/write'))
    const pair = cookie?.split(';')[0] as string
    expect(signature?.split(';')[0]).toBe(`koa.sess.sig=${new Keygrip(secretKey).sign(pair)}`)
  })

  test('keys may be bytes, in an application of Koa', async () => {
    const app = new Koa()
    app.keys = [Buffer.from('secret')] as unknown as string[]
    app.use(lifecycle(App, { session: { acceptUndated: true } }))
    expect(await read(testClient(app), both(VALUE, SECRET))).toEqual(ACCEPTED)
  })

  test('nothing can be with an empty list, and no signature is accepted', async () => {
    const app = new Koa()
    app.keys = []
    app.silent = true
    app.use(lifecycle(App, { session: { acceptUndated: true }, testing: true }))
    expect(await read(testClient(app), both(VALUE, SECRET))).toEqual(REFUSED)
    await expect(testClient(app).get('/write')).rejects.toThrow('because the list of keys is empty')
  })

  test('a key that is put in front of the others later signs from then on', async () => {
    const app = new Koa()
    app.keys = ['old']
    app.use(lifecycle(App, { session: { acceptUndated: true } }))
    const client = testClient(app)
    expect(await read(client, both(VALUE, OLD))).toEqual(ACCEPTED)
    app.keys.unshift('new')
    expect(await read(client, both(VALUE, OLD))).toEqual(SIGNED_ANEW)
    expect(await read(client, both(VALUE, NEW))).toEqual(ACCEPTED)
  })
})

describe('a Keygrip of the application', () => {
  const keysOf = (keys: Keygrip) => ({ secretKey: undefined, koa: { keys } }) as unknown as BootstrapOptions

  test('verifies with its own hash', async () => {
    const client = clientWith(keysOf(new Keygrip(['secret'], 'sha256')))
    expect(await read(client, both(VALUE, SHA256))).toEqual(ACCEPTED)
    expect(await read(client, both(VALUE, SECRET))).toEqual(REFUSED)
  })

  test('signs with its own hash', async () => {
    const keys = new Keygrip(['secret'], 'sha256')
    const [cookie, signature] = setCookies(await clientWith(keysOf(keys)).get('/write'))
    const pair = cookie?.split(';')[0] as string
    expect(signature?.split(';')[0]).toBe(`koa.sess.sig=${keys.sign(pair)}`)
  })

  test('has the session signed anew after its second key has verified', async () => {
    const client = clientWith(keysOf(new Keygrip(['other', 'secret'], 'sha256')))
    expect(await read(client, both(VALUE, SHA256))).toEqual(SIGNED_ANEW)
  })

  test('is asked by its own methods', async () => {
    const calls: unknown[] = []
    const keys = {
      sign: (text: string) => `signed${text.length}`,
      verify: () => false,
      index: (text: string, signature: string) => {
        calls.push(text, signature)
        return 0
      },
    }
    expect(await read(clientWith(keysOf(keys as unknown as Keygrip)), both(VALUE, 'any'))).toEqual(ACCEPTED)
    expect(calls).toEqual([`koa.sess=${VALUE}`, 'any'])
  })
})
