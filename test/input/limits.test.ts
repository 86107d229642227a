import { once } from 'node:events'
import { request, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { gzipSync } from 'node:zlib'
import { bootstrap, Post, type BootstrapOptions, type Context } from 'flaskoa'
import { testClient } from 'flaskoa/testing'
import { BOUNDARY, disposition, MULTIPART, multipart, part, type RawPart } from '../support/multipart'
import { protocols, type Sent } from '../support/send'
import { serve } from '../support/serve'
import '../support/uploads'

class App {
  @Post('/form') async form({ request }: Context) {
    const form = await request.form()
    return { fields: [...form], files: [...form.files].map(([field, { name, size }]) => [field, name, size]) }
  }
  @Post('/parts') async parts({ request }: Context) {
    const seen: unknown[] = []
    for await (const { name, value, stream } of request.parts())
      seen.push([name, value ?? Buffer.concat((await stream?.toArray()) as Buffer[]).length])
    return seen
  }
}

const LIMITS = { body: 200, form: 5000, fileSize: 100, fieldSize: 50, files: 2, fields: 3 }
const URLENCODED = 'application/x-www-form-urlencoded'

/** What a client is answered: the status, and the message of an error. */
const messageOf = ([status, text]: readonly [number, string]) =>
  `${status} ${/<p>(.*)<\/p>/.exec(text)?.[1]?.replaceAll('&quot;', '"') ?? text}`

const many = (count: number, make: (index: number) => RawPart) =>
  multipart(Array.from({ length: count }, (_, i) => make(i)))

describe.each(protocols)('the limits, %s', (protocol, serving) => {
  const answers = async (sent: Sent, options: BootstrapOptions = { limits: LIMITS }) => {
    const all: string[] = []
    await serving(bootstrap(App, { logger: false, ...options }), async send => {
      for (const path of ['/form', '/parts']) all.push(messageOf(await send({ path, ...sent })))
      // The server is well: it answers the next request.
      expect((await send({ path: '/form' }))[0]).toBe(200)
    })
    return all
  }

  const cases: [string, Sent, string][] = [
    [
      'a large file',
      { body: multipart([part('f', 'x'.repeat(101), 'f')]) },
      '413 the file "f" is larger than 100 bytes',
    ],
    [
      'a large file in front of another',
      { body: multipart([part('f', 'x'.repeat(101), 'f'), part('g', 'x', 'g')]) },
      '413 the file "f" is larger than 100 bytes',
    ],
    ['a large field', { body: multipart([part('a', 'x'.repeat(51))]) }, '413 the field "a" is larger than 50 bytes'],
    [
      'a large field without a name',
      { body: multipart([['Content-Disposition: form-data', 'x'.repeat(51)]]) },
      '413 the field "" is larger than 50 bytes',
    ],
    ['many files', { body: many(3, i => part(`f${i}`, 'x', 'f')) }, '413 the form has more than 2 files'],
    ['many fields', { body: many(4, i => part(`f${i}`, 'x')) }, '413 the form has more than 3 fields'],
    ['many parts of no form', { body: many(6, () => ['X-Y: z', 'x']) }, '413 the form has more than 5 parts'],
    ['a large form', { body: multipart([part('f', 'x'.repeat(6000), 'f')]) }, '413 the form is larger than 5000 bytes'],
    [
      'a long name',
      { body: multipart([part('n'.repeat(1001), 'x')]) },
      '413 a name in the form is longer than 1000 characters',
    ],
    [
      'a head without an end',
      { body: multipart([[`X: ${'x'.repeat(20_000)}`, 'x']]) },
      '413 the form is larger than 5000 bytes',
    ],
    ['a name that is no name', { body: multipart([part('__proto__', 'x')]) }, '400 the name __proto__ is not allowed'],
    [
      'a part without a name',
      { body: multipart([['Content-Disposition: form-data', 'x']]) },
      '400 a part of the form has no name',
    ],
    [
      'a file without a name',
      { body: multipart([['Content-Disposition: form-data; filename="f"', 'x']]) },
      '400 a part of the form has no name',
    ],
  ]
  test.each(cases)('%s', async (_name, sent, expected) => {
    expect(await answers({ type: MULTIPART, ...sent })).toEqual([expected, expected])
  })

  test.each(cases.slice(0, 4))('%s, which arrives in pieces without a length', async (_name, { body }, expected) => {
    const headers = { 'content-encoding': 'gzip' }
    expect(await answers({ type: MULTIPART, headers, body: gzipSync(body as Buffer) })).toEqual([expected, expected])
  })

  test('up to the limits all is well', async () => {
    const body = multipart([
      part('f', 'x'.repeat(100), 'f'),
      part('a', 'x'.repeat(50)),
      ...['b', 'c'].map(name => part(name, '')),
    ])
    const [form, parts] = await answers({ type: MULTIPART, body })
    expect(form).toBe(`200 {"fields":[["a","${'x'.repeat(50)}"],["b",""],["c",""]],"files":[["f","f",100]]}`)
    expect(parts).toBe(`200 [["f",100],["a","${'x'.repeat(50)}"],["b",""],["c",""]]`)
  })

  test('a bomb', async () => {
    const body = gzipSync(multipart([part('f', Buffer.alloc(20_000_000), 'f')]))
    expect(body.length).toBeLessThan(LIMITS.form * 5)
    const headers = { 'content-encoding': 'gzip' }
    const limits = { form: 1_000_000 }
    const expected = '413 the form is larger than 1000000 bytes'
    expect(await answers({ type: MULTIPART, headers, body }, { limits })).toEqual([expected, expected])
  })

  test('a million fields', async () => {
    // Node's client of HTTP/2 keeps no more than 10 MB.
    const multi = Buffer.concat(Array.from({ length: protocol === 'HTTP/2' ? 40_000 : 1_000_000 }, () => FIELD))
    expect(await answers({ type: MULTIPART, body: Buffer.concat([multi, multipart([])]) }, {})).toEqual(
      Array.from({ length: 2 }, () => '413 the form has more than 1000 fields'),
    )
    await serving(bootstrap(App, { logger: false, limits: { body: 10_000_000 } }), async send => {
      const body = 'a=&'.repeat(1_000_000)
      expect(messageOf(await send({ path: '/form', type: URLENCODED, body }))).toBe(
        '413 the form has more than 1000 fields',
      )
      expect(messageOf(await send({ path: '/form', type: URLENCODED, body: '__proto__=x' }))).toBe(
        '400 the name __proto__ is not allowed',
      )
    })
  })
})

/** Each piece is an HTTP chunk, which Node passes on by itself. */
async function sendInPieces(url: string, body: Buffer, size: number): Promise<string> {
  const sent = request(url, { method: 'POST', headers: { 'content-type': MULTIPART }, agent: false })
  for (let at = 0; at < body.length; at += size) sent.write(body.subarray(at, at + size))
  const [response] = (await once(sent.end(), 'response')) as [IncomingMessage]
  return messageOf([response.statusCode as number, await text(response)])
}

const FIELD = multipart([part('a', '')], '')

test('a route has limits of its own; what it leaves out is as in the application', async () => {
  class Own {
    @Post('/', { limits: { fileSize: 5, body: undefined } as never }) async index({ request }: Context) {
      return [(await request.form()).files.size]
    }
    @Post('/text', { limits: { body: 2 } }) text({ request }: Context) {
      return request.text()
    }
  }
  const client = testClient(bootstrap(Own, { logger: false, limits: { fieldSize: 3, fileSize: 1 } }))
  const sent = (body: Buffer) => client.post('/', { body, headers: { 'content-type': MULTIPART } })
  expect((await sent(multipart([part('f', '12345', 'f')]))).status).toBe(200)
  expect((await sent(multipart([part('f', '123456', 'f')]))).status).toBe(413)
  expect((await sent(multipart([part('a', '1234')]))).status).toBe(413)
  expect((await client.post('/text', { body: '12' })).status).toBe(200)
  expect((await client.post('/text', { body: '123' })).status).toBe(413)
})

describe('strange forms', () => {
  const client = testClient(bootstrap(App, { logger: false }))
  const form = async (body: Buffer | string, type = MULTIPART, path = '/form') => {
    const { status, text } = await client.post(path, { body, headers: { 'content-type': type } })
    return messageOf([status, text])
  }
  const names = async (fields: string) => {
    const text = await form(multipart([[fields, 'x']]))
    return text.startsWith('200 ') ? (JSON.parse(text.slice(4)) as { files: string[][] }).files[0]?.[1] : text
  }

  test.each([
    ['../../etc/passwd', 'passwd'],
    ['/etc/passwd', 'passwd'],
    ['C:\\\\temp\\\\a.txt', 'a.txt'],
    ['..', ''],
    ['a/..', ''],
    ['.', ''],
    ['a\0b\x01.txt', 'ab.txt'],
    ['.hidden', '.hidden'],
    ['na\xc3\xafve.txt', 'naïve.txt'],
    ['with \\"quotes\\".txt', 'with "quotes".txt'],
    ['%2e%2e%2fa', '%2e%2e%2fa'],
  ])('the file name %j is %j', async (sent, expected) => {
    expect(await names(disposition('f', sent))).toBe(expected)
  })

  test('filename*', async () => {
    expect(await names('Content-Disposition: form-data; name="f"; filename*=UTF-8\'\'..%2f%e2%82%ac.txt')).toBe('€.txt')
  })

  const heads = Array.from({ length: 50 }, (_, index) => `X-${index}: x\r\n`).join('')
  describe.each(['/form', '/parts'])('parts without a Content-Disposition that can be used: %s', path => {
    test.each([
      ['another field', 'Content-Type: text/plain'],
      ['no field', 'X:'],
      ['no field at all', ''],
      ['an attachment', 'Content-Disposition: attachment; name="f"'],
      ['a file without a name', 'Content-Disposition: file; filename="f"'],
      ["a name with a line's end", 'Content-Disposition: form-data; name="a\nb"'],
      ["a file's name with a line's end", 'Content-Disposition: form-data; name="f"; filename="a\nb"'],
      ['a line that is no field', 'none\r\nContent-Disposition: form-data; name="f"'],
      ['behind more fields than are read', `${heads}Content-Disposition: form-data; name="f"`],
      ['behind more bytes than are read', `X: ${'x'.repeat(16 * 1024)}\r\nContent-Disposition: form-data; name="f"`],
    ])('%s', async (_, fields) => {
      const refused = '400 a part of the form has no Content-Disposition that is form-data with a name'
      const [before, behind] = [part('a', '1'), part('b', '2')]
      for (const parts of [[[fields, 'x']], [before, [fields, 'x'], behind], [before, [fields, '']]] as RawPart[][]) {
        expect(await form(multipart(parts), MULTIPART, path)).toBe(refused)
      }
    })

    test('a head that does not end', async () => {
      const refused = '400 a part of the form has no Content-Disposition that is form-data with a name'
      expect(await form(`--${BOUNDARY}\r\n--${BOUNDARY}--`, MULTIPART, path)).toBe(refused)
      const half = `--${BOUNDARY}\r\n${disposition('a')}\r\n--${BOUNDARY}--`
      expect(await form(half, MULTIPART, path)).toBe(refused)
    })
  })

  test('parts are counted as they arrive, however the bytes are cut', async () => {
    const good = multipart([part('a', `1\r\n--x-boundar\r\n--${BOUNDARY}`.slice(0, -1)), part('b', '')])
    const bad = multipart([part('a', '1'), ['', '--'], part('b', '2')])
    await serve(bootstrap(App, { logger: false }), async url => {
      for (let size = 1; size < 40; size += 3) {
        expect(await sendInPieces(`${url}/form`, good, size)).toMatch(/^200 /)
        expect(await sendInPieces(`${url}/parts`, bad, size)).toMatch(/^400 a part of the form has no Content-Disp/)
      }
    })
  })

  test('names that come several times, and those of Object.prototype', async () => {
    const body = multipart([part('a', '1'), part('constructor', '2'), part('a', '3'), part('', '4')])
    expect(await form(body)).toBe('200 {"fields":[["a","1"],["constructor","2"],["a","3"],["","4"]],"files":[]}')
  })

  test('the charset of a field', async () => {
    const fields = `${disposition('a')}\r\nContent-Type: text/plain; charset=iso-8859-1`
    expect(await form(multipart([[fields, '\xe4']]))).toContain('[["a","ä"]]')
    expect(await form(multipart([part('a', '\xc3\xa4')]))).toContain('[["a","ä"]]')
  })

  test('a multipart in a multipart is a field like any other', async () => {
    const inner = '--b\r\nContent-Disposition: file; filename="x"\r\n\r\nx\r\n--b--'
    const body = multipart([[`${disposition('a')}\r\nContent-Type: multipart/mixed; boundary=b`, inner]])
    expect((JSON.parse((await form(body)).slice(4)) as { fields: unknown }).fields).toEqual([['a', inner]])
  })

  test.each([
    ['no boundary', 'multipart/form-data', '400 the Content-Type of the form has no boundary'],
    ['an empty boundary', 'multipart/form-data; boundary=', '400 the Content-Type of the form has no boundary'],
    [
      'an empty boundary in quotes',
      'multipart/form-data; boundary=""',
      '400 the Content-Type of the form has no boundary',
    ],
    [
      'a long boundary',
      `multipart/form-data; boundary=${'b'.repeat(71)}`,
      '400 the boundary of the form is longer than 70 characters',
    ],
    [
      'another boundary',
      'multipart/form-data; boundary=other',
      '400 the body is not multipart/form-data, or it ends too early',
    ],
  ])('%s', async (_, type, expected) => {
    expect(await form(multipart([part('a', '1')]), type)).toBe(expected)
  })

  test('a boundary in quotes, with all that may be in it', async () => {
    const boundary = "a'()+_,-./:=? b"
    const body = multipart([part('a', '1')])
      .toString('latin1')
      .replaceAll('x-boundary', boundary)
    expect(await form(body, `multipart/form-data; boundary="${boundary}"`)).toContain('[["a","1"]]')
    expect(
      await form(
        body.replaceAll('?', '\\"'.slice(1)),
        `Multipart/Form-Data; charset=utf-8; Boundary="${boundary.replace('?', '\\"')}"`,
      ),
    ).toContain('[["a","1"]]')
  })

  test.each([
    ['nothing', ''],
    ['a half boundary', '--x-bound'],
    ['a half head', '--x-boundary\r\nContent-Disposition: form-d'],
    ['a half field', '--x-boundary\r\nContent-Disposition: form-data; name="a"\r\n\r\nx'],
    ['a half file', '--x-boundary\r\nContent-Disposition: form-data; name="a"; filename="f"\r\n\r\nx'],
    ['no end', '--x-boundary\r\nContent-Disposition: form-data; name="a"\r\n\r\nx\r\n--x-boundary'],
    ['text', 'a=1&b=2'],
  ])('%s is a 400', async (_, body) => {
    const { status } = await client.post('/form', {
      body,
      headers: { 'content-type': MULTIPART, 'transfer-encoding': 'chunked' },
    })
    expect(status).toBe(400)
  })

  test('what looks like a boundary in the middle of a line, and what is around the form, is no part', async () => {
    const body = multipart([part('a', 'x--x-boundary--x\r\n--x-boundar\r\n-x-boundary')])
    const around = Buffer.concat([Buffer.from('before\r\n'), body, Buffer.from('behind')])
    expect((JSON.parse((await form(around)).slice(4)) as { fields: unknown }).fields).toEqual([
      ['a', 'x--x-boundary--x\r\n--x-boundar\r\n-x-boundary'],
    ])
    expect(await form(multipart([]))).toBe('200 {"fields":[],"files":[]}')
  })
})
