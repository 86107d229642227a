import { Route, bootstrap, session, type BootstrapOptions } from 'flaskoa'
import { serve } from '../support/serve'
import { fields, raw, statuses, written } from './raw'

class App {
  @Route('/read') read() {
    return { name: session.name ?? null, keys: Object.keys(session) }
  }
  @Route('/write') write() {
    session.count = 1
    return 'written'
  }
  @Route('/clear') clear() {
    session.clear()
    return 'cleared'
  }
  @Route('/permanent') permanent() {
    session.permanent = true
    return 'permanent'
  }
  @Route('/large/<int:size>') large({ size }: { size: number }) {
    session.name = 'x'.repeat(size)
    return 'large'
  }
}

async function probe(
  options: BootstrapOptions,
  use: (send: (path: string, cookie: string) => Promise<string>) => Promise<void>,
) {
  const errors: string[] = []
  const app = bootstrap(App, { logger: false, ...options }).on('error', error => errors.push(String(error)))
  await serve(app, url => use((path, cookie) => raw(url, written(`GET ${path}`, [`Cookie: ${cookie}`]))))
  return errors
}

const encode = (text: string) => Buffer.from(text).toString('base64')
const signed = { secretKey: 'secret' }
const unsigned = { session: { signed: false } }
const PATHS = ['/read', '/write', '/clear', '/permanent']

describe('a hostile cookie', () => {
  const contents = [
    ...['', '=', '%', '%00', '\xff\xfe', 'a'.repeat(7000), '{"name":"Eve"}', '"', '__proto__', 'a b', '"quoted"'],
    ...[
      ...['null', '5', 'true', '"text"', '[]', '["name"]', '{', '{"a":', '{}', '[[[[', '{"name":null}'],
      ...['{"__proto__":{"name":"Eve"}}', '{"__proto__":null}', '{"constructor":{"prototype":{"x":1}}}'],
      ...[
        'toJSON',
        'save',
        'commit',
        'manuallyCommit',
        'regenerate',
        'length',
        'populated',
        'externalKey',
        'isNew',
      ].map(name => `{"${name}":5}`),
      ...[
        'inspect',
        'hasOwnProperty',
        'toString',
        'valueOf',
        'clear',
        'permanent',
        'maxAge',
        '_requireSave',
        '_ctx',
      ].map(name => `{"${name}":{"x":1}}`),
      ...['"x"', '{}', '[]', 'null', '-1', '0', '1.5', '1e300', 'true', '"session"'].flatMap(value => [
        `{"_expire":${value}}`,
        `{"_maxAge":${value}}`,
        `{"_session":${value}}`,
        `{"name":"Eve","_maxAge":${value},"_expire":${value}}`,
      ]),
      `{"name":${'['.repeat(500)}${']'.repeat(500)}}`,
    ].map(encode),
  ]

  test.each([
    ['unsigned sessions', unsigned],
    ['unsigned, rolling', { session: { signed: false, rolling: true } }],
    ['unsigned, renewed, with a lifetime', { session: { signed: false, renew: true, maxAge: 1000 } }],
    ['signed sessions', signed],
  ])('%s: it is answered, read or not', async (_, options: BootstrapOptions) => {
    const errors = await probe(options, async send => {
      for (const content of contents) {
        for (const path of PATHS) {
          const received = await send(path, `koa.sess=${content}; koa.sess.sig=${content}`)
          expect([content, path, statuses(received)]).toEqual([content, path, [200]])
          // What is in a cookie is chance: a signature may well spell it.
          expect(received.replace(/(koa\.sess[^=]*)=[^;]*/g, '$1')).not.toMatch(/Invalid Date|NaN/)
        }
      }
    })
    expect(errors).toEqual([])
    expect(({} as { x?: unknown }).x).toBeUndefined()
  })

  test('its values are read only if sessions are unsigned', async () => {
    const cookie = `koa.sess=${encode('{"name":"Eve","__proto__":{"x":1},"toJSON":1}')}`
    await probe(unsigned, async send => expect(await send('/read', cookie)).toMatch('{"name":"Eve","keys":["name"]}'))
    await probe(signed, async send => expect(await send('/read', cookie)).toMatch('{"name":null,"keys":[]}'))
  })

  test.each([
    ['a hundred of one name', 'koa.sess=e30=; '.repeat(100)],
    ['names that are none', '=; ==; ;;; a=b=c; =d; koa.sess; koa.sess =x; __proto__=1'],
    ['other separators', 'koa.sess=a,koa.sess=b\tkoa.sess=c'],
    ['8 KB in it', `koa.sess=${'a'.repeat(8000)}; koa.sess.sig=${'b'.repeat(4000)}`],
    ['two headers', 'koa.sess=a\r\nCookie: koa.sess=b'],
  ])('%s', async (_, cookie) => {
    for (const options of [signed, unsigned]) {
      const errors = await probe(options, async send => {
        for (const path of PATHS) expect(statuses(await send(path, cookie))).toEqual([200])
      })
      expect(errors).toEqual([])
    }
  })

  test('a cookie above Node’s limit is a 431', async () => {
    const errors = await probe(signed, async send => {
      expect(statuses(await send('/read', `koa.sess=${'a'.repeat(17_000)}`))).toEqual([431])
    })
    expect(errors).toEqual([])
  })
})

describe('a session that browsers would drop', () => {
  const sizeOf = (received: string) =>
    (fields(received).find(field => field.startsWith('set-cookie: koa.sess=')) as string).slice(12).split(';')[0]
      ?.length

  test('is an error with its size and the remedy, and the response is sent', async () => {
    const errors = await probe(signed, async send => {
      const received = await send('/large/4000', '')
      expect([statuses(received), received.slice(-5), sizeOf(received)]).toEqual([[200], 'large', 5409])
    })
    expect(errors).toEqual([
      'RangeError: The session cookie koa.sess has 5409 bytes, but browsers drop cookies of more than 4093 bytes: what was ' +
        'written to the session is lost. Keep less in the session, or keep its contents on the server: session: { store }.',
    ])
  })

  test('is sent without an error if browsers keep it', async () => {
    const errors = await probe(signed, async send => {
      const sizes: unknown[] = []
      for (const size of [3014, 3015]) sizes.push(sizeOf(await send(`/large/${size}`, '')))
      expect(sizes).toEqual([4093, 4097])
    })
    expect(errors).toHaveLength(1)
  })
})
