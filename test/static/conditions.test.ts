import { join } from 'node:path'
import { ErrorHandler, Get, Post, bootstrap, makeResponse, type HttpError } from 'flaskoa'
import { sendFile, staticFiles } from 'flaskoa/static'
import { testClient } from 'flaskoa/testing'
import { CHANGED, folderWith, openFiles, put } from '../support/files'
import { until } from '../support/until'

const TEXT = '0123456789'
const root = folderWith({ 'static/ten.txt': TEXT, 'static/empty.txt': '' })

class App {
  @Post('/post') post() {
    return sendFile('static/ten.txt')
  }

  @Get('/unconditional') unconditional() {
    return sendFile('static/ten.txt', { conditional: false })
  }

  @Get('/own') own() {
    return sendFile('static/ten.txt', { etag: 'v1' })
  }

  @Get('/without') without() {
    return sendFile('static/ten.txt', { etag: false })
  }
}

const client = testClient(bootstrap(App, { root, logger: false, extensions: [staticFiles('static')] }))
const get = (headers: Record<string, string>, path = '/static/ten.txt') => client.get(path, { headers })
const DATE = CHANGED.toUTCString()
const [BEFORE, AFTER] = [-1, 1].map(seconds => new Date(CHANGED.getTime() + seconds * 1000).toUTCString()) as [
  string,
  string,
]
let tag = ''
beforeAll(async () => {
  tag = (await client.get('/static/ten.txt')).header('etag') as string
})
afterEach(() => until('all files are closed', () => openFiles(root).length === 0))

/** `TAG` stands for the file's own entity tag. */
const filled = (headers: Record<string, string>) =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value.replace('TAG', tag)]))

test.each<[number, Record<string, string>]>([
  [304, { 'if-none-match': 'TAG' }],
  [304, { 'if-none-match': 'W/TAG' }],
  [304, { 'if-none-match': '*' }],
  [304, { 'if-none-match': '"other", W/"an,other" , TAG' }],
  [304, { 'if-none-match': '"other",TAG,"third"' }],
  [200, { 'if-none-match': '"other"' }],
  [200, { 'if-none-match': 'nonsense' }],
  [200, { 'if-none-match': '' }],
  [200, { 'if-none-match': '"unclosed' }],
  // The tags count, if there are any.
  [200, { 'if-none-match': '"other"', 'if-modified-since': DATE }],
  [304, { 'if-none-match': 'TAG', 'if-modified-since': BEFORE }],
  [304, { 'if-modified-since': DATE }],
  [304, { 'if-modified-since': AFTER }],
  [200, { 'if-modified-since': BEFORE }],
  [304, { 'if-modified-since': 'Thursday, 02-Jan-20 03:04:05 GMT' }],
  [304, { 'if-modified-since': 'Thu Jan  2 03:04:05 2020' }],
  [200, { 'if-modified-since': 'Thu Jan  2 03:04:04 2020' }],
  [200, { 'if-modified-since': '2030' }],
  [200, { 'if-modified-since': 'Thu, 99 Foo 2030 99:99:99 GMT' }],
  [200, { 'if-match': 'TAG' }],
  [200, { 'if-match': '*' }],
  [200, { 'if-match': '"other", TAG' }],
  [412, { 'if-match': '"other"' }],
  [412, { 'if-match': 'W/TAG' }],
  [412, { 'if-match': '' }],
  [200, { 'if-unmodified-since': DATE }],
  [412, { 'if-unmodified-since': BEFORE }],
  [200, { 'if-unmodified-since': 'never' }],
  // If-Match counts, if it is there, and comes before all others.
  [200, { 'if-match': 'TAG', 'if-unmodified-since': BEFORE }],
  [412, { 'if-match': '"other"', 'if-none-match': 'TAG' }],
  [304, { 'if-match': 'TAG', 'if-none-match': 'TAG' }],
  [304, { 'if-none-match': 'TAG', range: 'bytes=0-1' }],
])('a %i for %j', async (status, headers) => {
  const response = await get(filled(headers))
  expect(response.status).toBe(status)
  expect((await client.head('/static/ten.txt', { headers: filled(headers) })).status).toBe(status)
})

test('a 304 has the fields that a cache renews, and none of a body', async () => {
  const response = await get({ 'if-none-match': tag })
  expect([response.status, response.text]).toEqual([304, ''])
  expect(response.headers).toMatchObject({ etag: tag, 'last-modified': DATE, 'cache-control': 'no-cache' })
  for (const name of ['content-type', 'content-length', 'content-range', 'accept-ranges'])
    expect(response.headers).not.toHaveProperty(name)
})

test.each<[string, string, string | undefined]>([
  ['bytes=0-0', '0', '0-0'],
  ['bytes=0-4', '01234', '0-4'],
  ['bytes=5-', '56789', '5-9'],
  ['bytes=9-9', '9', '9-9'],
  ['bytes=-3', '789', '7-9'],
  ['bytes=-10', TEXT, '0-9'],
  ['bytes=-99999999999999999999999', TEXT, '0-9'],
  ['bytes=8-99999999999999999999999', '89', '8-9'],
  ['BYTES=0-1', '01', '0-1'],
  [' bytes=0-1 ', '01', '0-1'],
])('Range: %s is a 206', async (range, text, content) => {
  const response = await get({ range })
  expect([response.status, response.text]).toEqual([206, text])
  expect(response.headers).toMatchObject({
    'content-range': `bytes ${content}/10`,
    'content-length': String(text.length),
    'content-type': 'text/plain; charset=utf-8',
    etag: tag,
    'accept-ranges': 'bytes',
  })
})

test.each([
  ...['bytes=0-0,2-3', 'bytes=0-1, -1', 'bytes=0-0,0-0,0-0', `bytes=${'0-,'.repeat(500)}0-`],
  ...['bytes=', 'bytes=-', 'bytes=5-2', 'bytes=a-b', 'bytes=--5', 'bytes=1.5-2', 'bytes=0x1-2', 'bytes 0-1', 'bytes'],
  ...['items=0-1', 'seconds=0-', '0-1', '', 'bytes=+1-2', 'bytes=99999999999999999999999-1', 'none'],
])('Range: %s is answered by the whole file', async range => {
  const response = await get({ range })
  expect([response.status, response.text, response.header('content-range')]).toEqual([200, TEXT, undefined])
})

test.each(['bytes=10-', 'bytes=10-20', 'bytes=-0', 'bytes=99999999999999999999999-', `bytes=${'9'.repeat(400)}-`])(
  'Range: %s is a 416 that has the length',
  async range => {
    const response = await get({ range })
    expect([response.status, response.header('content-range')]).toEqual([416, 'bytes */10'])
    expect(response.text).toContain('<h1>Range Not Satisfiable</h1>')
    for (const name of ['etag', 'last-modified', 'accept-ranges', 'cache-control'])
      expect(response.headers).not.toHaveProperty(name)
  },
)

test('no part of an empty file can be had', async () => {
  for (const range of ['bytes=0-', 'bytes=0-0', 'bytes=-1']) {
    const response = await get({ range }, '/static/empty.txt')
    expect([response.status, response.header('content-range')]).toEqual([416, 'bytes */0'])
  }
})

test('HEAD and POST have no parts', async () => {
  const head = await client.head('/static/ten.txt', { headers: { range: 'bytes=0-1' } })
  expect([head.status, head.header('content-length'), head.header('content-range')]).toEqual([200, '10', undefined])
  const post = await client.post('/post', { headers: { range: 'bytes=0-1', 'if-none-match': tag, 'if-match': '"x"' } })
  expect([post.status, post.text]).toEqual([200, TEXT])
})

test.each<[number, string]>([
  [206, 'TAG'],
  [206, ' TAG '],
  [200, 'W/TAG'],
  [200, '"other"'],
  [200, '*'],
  [206, DATE],
  [200, BEFORE],
  [200, AFTER],
  [200, 'yesterday'],
  [200, ''],
])('a %i for Range with If-Range: %s', async (status, value) => {
  const response = await get(filled({ range: 'bytes=0-1', 'if-range': value }))
  expect([response.status, response.text]).toEqual([status, status === 206 ? '01' : TEXT])
})

test('If-Range without Range, and with one that no file has', async () => {
  expect((await get({ 'if-range': tag })).status).toBe(200)
  expect((await get({ 'if-range': '"other"', range: 'bytes=99-' })).status).toBe(200)
  expect((await get({ 'if-range': tag, range: 'bytes=99-' })).status).toBe(416)
})

test('a file that was just changed has a weak tag, and its parts only without If-Range', async () => {
  put(join(root, 'static/new.txt'), TEXT, new Date())
  const { headers } = await client.get('/static/new.txt')
  const { etag = '', 'last-modified': date = '' } = headers as Record<string, string>
  expect(etag).toMatch(/^W\/"a-[\da-f]+"$/)
  expect((await get({ 'if-none-match': etag }, '/static/new.txt')).status).toBe(304)
  expect((await get({ range: 'bytes=0-1', 'if-range': etag }, '/static/new.txt')).status).toBe(200)
  expect((await get({ range: 'bytes=0-1', 'if-range': date }, '/static/new.txt')).status).toBe(200)
  expect((await get({ range: 'bytes=0-1' }, '/static/new.txt')).status).toBe(206)
})

test('a tag of your own, and none', async () => {
  const own = await client.get('/own')
  expect(own.header('etag')).toBe('"v1"')
  expect((await get({ 'if-none-match': '"v1"' }, '/own')).status).toBe(304)
  expect((await get({ range: 'bytes=0-1', 'if-range': '"v1"' }, '/own')).status).toBe(206)
  expect((await client.get('/without')).headers).not.toHaveProperty('etag')
  expect((await get({ 'if-none-match': tag }, '/without')).status).toBe(200)
  expect((await get({ 'if-none-match': '""' }, '/without')).status).toBe(200)
  expect((await get({ 'if-match': tag }, '/without')).status).toBe(412)
})

test('conditional: false answers with the file', async () => {
  const response = await get({ 'if-none-match': '*', 'if-match': '"x"', range: 'bytes=0-1' }, '/unconditional')
  expect([response.status, response.text, response.header('accept-ranges')]).toEqual([200, TEXT, undefined])
})

test('error handlers answer a 412 and a 416', async () => {
  class Handled extends App {
    @ErrorHandler(412) failed() {
      return makeResponse('not as you think', 412)
    }

    @ErrorHandler(416) unsatisfiable(error: HttpError) {
      return makeResponse(`no such part of ${String(error.headers?.['Content-Range'])}`, 416)
    }
  }
  const handled = testClient(bootstrap(Handled, { root, extensions: [staticFiles('static')] }))
  const failed = await handled.get('/static/ten.txt', { headers: { 'if-match': '"x"' } })
  expect([failed.status, failed.text]).toEqual([412, 'not as you think'])
  const part = await handled.get('/static/ten.txt', { headers: { range: 'bytes=10-' } })
  expect([part.status, part.text]).toEqual([416, 'no such part of bytes */10'])
})
