import { Readable } from 'node:stream'
import { Route, bootstrap, redirect, type Context } from 'flaskoa'
import { testClient, type RequestOptions } from 'flaskoa/testing'

// What the test client sends as a body: each value that its types allow.

class Echo {
  @Route('/', { methods: ['GET', 'POST'] })
  async echo({ req }: Context) {
    const { 'content-type': type, 'content-length': length } = req.headers
    return { type, length, ...(await read(req, type)) }
  }
}

/** A form with files is read by fetch's own parser, which is not the client's. */
async function read(req: Readable, type = '') {
  const body = Readable.toWeb(req) as unknown as ReadableStream
  const received = new Response(body, { headers: { 'content-type': type } })
  if (!type.startsWith('multipart/')) return { text: await received.text() }
  const fields: unknown[] = []
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- deprecated for large bodies only
  for (const [name, value] of (await received.formData()).entries()) {
    fields.push([name, typeof value === 'string' ? value : [value.name, value.type, await value.text()]])
  }
  return { fields }
}

interface Echoed {
  readonly type?: string
  readonly length: string
  readonly text?: string
  readonly fields?: unknown[]
}

const send = async (options: RequestOptions) => (await testClient(bootstrap(Echo)).post('/', options)).json<Echoed>()

test.each<[string, NonNullable<RequestOptions['body']>, string | undefined]>([
  ['a string', 'grüße', undefined],
  ['a Buffer', Buffer.from('grüße'), undefined],
  ['a Uint8Array that is a part of its memory', new TextEncoder().encode('-grüße-').subarray(1, 8), undefined],
  ['an ArrayBuffer', new Uint8Array(Buffer.from('grüße')).buffer, undefined],
  ['a Blob', new Blob(['grü', 'ße']), undefined],
  ['a Blob with a type', new Blob(['grüße'], { type: 'text/plain' }), 'text/plain'],
  ['a File', new File(['grüße'], 'a.csv', { type: 'text/csv' }), 'text/csv'],
])('%s', async (_, body, type) => {
  expect(await send({ body })).toEqual({ type, length: '7', text: 'grüße' })
})

test('an empty body, no body, and the body of a GET', async () => {
  expect([await send({ body: '' }), await send({})]).toEqual(Array(2).fill({ length: '0', text: '' }))
  const response = await testClient(bootstrap(Echo)).get('/', { body: 'text' })
  expect(response.json()).toEqual({ length: '4', text: 'text' })
})

test('URLSearchParams', async () => {
  const body = new URLSearchParams([
    ['a', '1'],
    ['a', 'ü'],
  ])
  expect(await send({ body })).toEqual({
    type: 'application/x-www-form-urlencoded',
    length: '12',
    text: 'a=1&a=%C3%BC',
  })
})

test('FormData, with a boundary of its own', async () => {
  const body = new FormData()
  body.append('name', 'Ada')
  body.append('photo', new File(['png'], 'ada.png', { type: 'image/png' }))
  const { type, fields } = await send({ body })
  expect(type).toMatch(/^multipart\/form-data; boundary=/)
  expect(fields).toEqual([
    ['name', 'Ada'],
    ['photo', ['ada.png', 'image/png', 'png']],
  ])
})

test('a form with lists, numbers and truth values', async () => {
  const { type, text } = await send({ form: { tags: ['a', 'b c'], page: 2, all: true, nothing: [] } })
  expect([type, text]).toEqual(['application/x-www-form-urlencoded', 'tags=a&tags=b+c&page=2&all=true'])
})

test('a form with files is multipart', async () => {
  const files = [new File(['1'], 'one.txt', { type: 'text/plain' }), new Blob(['2'])]
  const { type, fields } = await send({ form: { name: 'Ada', ids: [1, 2], files } })
  expect(type).toMatch(/^multipart\/form-data; boundary=/)
  expect(fields).toEqual([
    ['name', 'Ada'],
    ['ids', '1'],
    ['ids', '2'],
    ['files', ['one.txt', 'text/plain', '1']],
    ['files', ['blob', 'application/octet-stream', '2']],
  ])
})

test('a Content-Type that is given wins', async () => {
  const headers = { 'content-type': 'text/css' }
  expect((await send({ body: new Blob(['a'], { type: 'text/html' }), headers })).type).toBe('text/css')
  expect((await send({ form: { a: '1' }, headers })).type).toBe('text/css')
})

test('a body is repeated where a redirect asks for that', async () => {
  class App extends Echo {
    @Route('/old', { methods: ['POST'] })
    old() {
      return redirect('/', 307)
    }
  }
  const client = testClient(bootstrap(App))
  const response = await client.post('/old', { form: { file: new Blob(['x']) }, followRedirects: true })
  expect(response.json<Echoed>().fields).toEqual([['file', ['blob', 'application/octet-stream', 'x']]])
})

test('large bodies go both ways, also where the response begins before the request has ended', async () => {
  class App {
    @Route('/', { methods: ['POST'] })
    index({ req }: Context) {
      return Readable.from(req)
    }
  }
  const body = Buffer.alloc(5_000_000, 'x')
  expect((await testClient(bootstrap(App)).post('/', { body })).body.equals(body)).toBe(true)
})

test('a large body that the application does not read is no error', async () => {
  class App {
    @Route('/', { methods: ['POST'] })
    index() {
      return 'unread'
    }
    @Route('/closed', { methods: ['POST'] })
    closed(ctx: Context) {
      ctx.set('Connection', 'close')
      return 'closed'
    }
  }
  const client = testClient(bootstrap(App))
  const body = Buffer.alloc(5_000_000)
  expect((await client.post('/', { body })).text).toBe('unread')
  expect((await client.post('/closed', { body })).text).toBe('closed')
})

test.each<[string, unknown, string]>([
  ['FormData', new FormData(), 'not an object of class FormData'],
  ['URLSearchParams', new URLSearchParams(), 'not an object of class URLSearchParams'],
  [
    'bytes in a field',
    { f: Buffer.from('a') },
    "testClient: the field 'f' of form must be a text, a number, true, false",
  ],
  [
    'bytes in a list',
    { f: ['a', new Uint8Array(1)] },
    'not an object of class Uint8Array: give bytes as new Blob([bytes])',
  ],
  ['null in a field', { f: null }, 'not null: '],
])('form refuses %s, and says what to give', async (_, form, message) => {
  const sending = send({ form } as RequestOptions)
  await expect(sending).rejects.toThrow(TypeError)
  await expect(sending).rejects.toThrow(message)
})

test('a request without a path is refused', async () => {
  const client = testClient(bootstrap(Echo))
  const get = client.get as () => Promise<unknown>
  await expect(get()).rejects.toThrow(
    new TypeError("client.request('GET', …): the path must be a text, such as '/', not undefined"),
  )
})
