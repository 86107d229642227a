import { symlinkSync } from 'node:fs'
import fs from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import {
  AfterRequest,
  BeforeRequest,
  ErrorHandler,
  Get,
  bootstrap,
  makeResponse,
  type BootstrapOptions,
  type Context,
  type Response,
} from 'flaskoa'
import { sendFile, sendFromDirectory, staticFiles, type SendFileOptions } from 'flaskoa/static'
import { testClient } from 'flaskoa/testing'
import { folderWith, openFiles } from '../support/files'
import { Gate } from '../support/gate'
import { until } from '../support/until'

const root = folderWith({
  'files/report.csv': 'a,b',
  'files/page.html': '<p>',
  'files/größe "50%".txt': 'x',
  'files/noext': '?',
})
afterEach(() => until('all files are closed', () => openFiles(root).length === 0))

/** A client of an application with one view. */
function clientOf(view: (ctx: Context) => unknown, options: BootstrapOptions = {}) {
  class App {
    @Get('/') index(ctx: Context) {
      return view(ctx) as Promise<Response>
    }
  }
  return testClient(bootstrap(App, { root, logger: false, ...options }), { propagateExceptions: false })
}

const sent = (options?: SendFileOptions, path = 'files/report.csv') => clientOf(() => sendFile(path, options)).get('/')

test('a path is relative to the root of the application, or absolute', async () => {
  for (const path of ['files/report.csv', join(root, 'files/report.csv')]) {
    const file = await sent({}, path)
    expect([file.status, file.text, file.header('content-type')]).toEqual([200, 'a,b', 'text/csv; charset=utf-8'])
  }
})

test('the options', async () => {
  const file = await sent({ mimetype: 'text/plain', maxAge: 3_600_000, etag: 'own' })
  expect(file.headers).toMatchObject({
    'content-type': 'text/plain; charset=utf-8',
    'cache-control': 'max-age=3600',
    etag: '"own"',
  })
  expect((await sent({ mimetype: 'text/csv; charset=latin1' })).header('content-type')).toBe('text/csv; charset=latin1')
  expect((await sent({ mimetype: 'application/x-own' })).header('content-type')).toBe('application/x-own')
})

test.each<[string | true, string]>([
  [true, 'attachment; filename="report.csv"'],
  ['plain name.csv', 'attachment; filename="plain name.csv"'],
  ["it's (1) [2] {3}; a=b, c&d.txt", `attachment; filename="it's (1) [2] {3}; a=b, c&d.txt"`],
  ['größe.txt', `attachment; filename="große.txt"; filename*=UTF-8''gr%C3%B6%C3%9Fe.txt`.replace('große', 'gro_e')],
  ['"quoted".txt', `attachment; filename="_quoted_.txt"; filename*=UTF-8''%22quoted%22.txt`],
  ['50%25.txt', `attachment; filename="50_25.txt"; filename*=UTF-8''50%2525.txt`],
  ["é'()*.txt", `attachment; filename="e'()*.txt"; filename*=UTF-8''%C3%A9%27%28%29%2a.txt`],
  ['a\r\nSet-Cookie: x=1.txt', 'attachment; filename="a__Set-Cookie: x=1.txt"'],
  ['../../etc/passwd', 'attachment; filename=".._.._etc_passwd"'],
  ['C:\\autoexec.bat', 'attachment; filename="C:_autoexec.bat"'],
  ['a\0b\u0085\x7f.txt', 'attachment; filename="a_b__.txt"'],
  ['資料.pdf', `attachment; filename="__.pdf"; filename*=UTF-8''%E8%B3%87%E6%96%99.pdf`],
  ['😀.pdf', `attachment; filename="__.pdf"; filename*=UTF-8''%F0%9F%98%80.pdf`],
  ['\ud800.pdf', `attachment; filename="_.pdf"; filename*=UTF-8''%EF%BF%BD.pdf`],
])('download: %j', async (download, field) => {
  expect((await sent({ download })).header('content-disposition')).toBe(field)
})

test('the type is that of the name under which a file is saved', async () => {
  expect((await sent({ download: 'report.txt' }, 'files/noext')).header('content-type')).toBe(
    'text/plain; charset=utf-8',
  )
  expect((await sent({ download: true }, 'files/noext')).header('content-type')).toBe('application/octet-stream')
  const odd = await sent({ download: true }, 'files/größe "50%".txt')
  expect(odd.header('content-disposition')).toBe(
    `attachment; filename="gro_e _50__.txt"; filename*=UTF-8''gr%C3%B6%C3%9Fe%20%2250%25%22.txt`,
  )
})

test('sendFromDirectory takes the same options', async () => {
  const client = clientOf(() => sendFromDirectory('files', 'report.csv', { download: 'r.csv', maxAge: 5000 }))
  expect((await client.get('/')).headers).toMatchObject({
    'content-disposition': 'attachment; filename="r.csv"',
    'cache-control': 'max-age=5',
  })
})

test('the type is that of the name that was asked for, wherever a link leads', async () => {
  symlinkSync('noext', join(root, 'files/link.csv'))
  for (const view of [
    () => sendFile('files/link.csv'),
    () => sendFromDirectory('files', 'link.csv', { download: true }),
  ])
    expect((await clientOf(view).get('/')).header('content-type')).toBe('text/csv; charset=utf-8')
})

test.each<[() => unknown, string]>([
  [() => sendFile(5 as never), 'sendFile needs the path of a file, a text, not 5'],
  [
    () => sendFromDirectory(undefined as never, 'x'),
    'sendFromDirectory needs the path of a file, a text, not undefined',
  ],
  [() => sendFromDirectory('files', null as never), 'sendFromDirectory needs the path of a file, a text, not null'],
  [() => sendFile('x', { maxage: 5 } as never), "sendFile: there is no option 'maxage'. Did you mean 'maxAge'?"],
  [() => sendFile('x', { maxAge: -1 }), 'sendFile: maxAge must be a number of milliseconds from 0 up, not -1'],
  [() => sendFile('x', { maxAge: NaN }), 'sendFile: maxAge must be a number of milliseconds from 0 up, not NaN'],
  [
    () => sendFile('x', { mimetype: 'csv' }),
    'sendFile: mimetype must be a media type, for instance text/csv, not "csv"',
  ],
  [() => sendFile('x', { mimetype: 'a/b\r\nX: y' }), 'sendFile: mimetype must be a media type'],
  [() => sendFile('x', { etag: '"x"' }), 'sendFile: etag must be true, false, or a text without quotes and spaces'],
  [() => sendFile('x', { download: '' }), 'sendFile: download must be true, false or the name of a file, not ""'],
  [() => sendFile('files'), 'sendFile: files is not a file'],
  [() => sendFile('files/missing.csv'), 'ENOENT'],
  [() => sendFile('files/report.csv/x'), 'ENOTDIR'],
])('%s is an error of the application', async (view, message) => {
  const errors: unknown[] = []
  class App {
    @Get('/') index() {
      return view() as Promise<Response>
    }

    @ErrorHandler(Error) failed(error: Error) {
      errors.push(error.message)
      return makeResponse('failed', 500)
    }
  }
  expect((await testClient(bootstrap(App, { root })).get('/')).status).toBe(500)
  expect(errors).toEqual([expect.stringContaining(message)])
})

test('outside of a request it is refused', async () => {
  await expect(sendFile('x')).rejects.toThrow('sendFile() was used outside of a request')
  await expect(sendFromDirectory('x', 'y')).rejects.toThrow('sendFromDirectory() was used outside of a request')
})

test('what the view and before methods wrote stays, and the type and the length are those of the file', async () => {
  class App {
    @BeforeRequest() before(ctx: Context) {
      ctx.set('X-Before', 'yes')
      ctx.type = 'json'
    }

    @Get('/') index(ctx: Context) {
      ctx.cookies.set('seen', '1')
      ctx.set('Content-Length', '99')
      ctx.status = 201
      return sendFile('files/report.csv')
    }
  }
  const file = await testClient(bootstrap(App, { root })).get('/')
  expect([file.status, file.text]).toEqual([200, 'a,b'])
  expect(file.headers).toMatchObject({
    'x-before': 'yes',
    'content-type': 'text/csv; charset=utf-8',
    'content-length': '3',
    'set-cookie': [expect.stringContaining('seen=1')],
  })
})

test('in a before method, an error handler and an after method', async () => {
  class App {
    @BeforeRequest() before(ctx: Context) {
      return ctx.path === '/before' ? sendFile('files/report.csv') : undefined
    }

    @Get('/after') index() {
      return 'index'
    }

    @ErrorHandler(404) missing() {
      return sendFile('files/page.html')
    }

    @AfterRequest() after(response: Response, ctx: Context) {
      response.set('Cache-Control', 'max-age=5')
      return ctx.path === '/after' ? sendFile('files/page.html') : response
    }
  }
  const client = testClient(bootstrap(App, { root }))
  expect((await client.get('/before')).text).toBe('a,b')
  const after = await client.get('/after')
  // What the after method itself has set goes, as with makeResponse.
  expect([after.text, after.header('cache-control')]).toEqual(['<p>', 'no-cache'])
  const missing = await client.get('/missing')
  expect([missing.text, missing.header('content-type')]).toEqual(['<p>', 'text/html; charset=utf-8'])
})

test('what was made and not returned is an error', async () => {
  class App {
    @Get('/') async index() {
      await sendFile('files/report.csv')
      return 'something else'
    }
  }
  await expect(testClient(bootstrap(App, { root, logger: false, testing: true })).get('/')).rejects.toThrow(
    'called sendFile() but did not return what it made',
  )
})

test('one that no method waits for closes its file', async () => {
  const made: unknown[] = []
  class App {
    @Get('/') index() {
      sendFile('files/report.csv').then(
        () => made.push('sent'),
        (error: unknown) => made.push(error),
      )
      return 'something else'
    }
  }
  expect((await testClient(bootstrap(App, { root, logger: false })).get('/')).text).toBe('something else')
  await until('the file was opened', () => made.length > 0)
})

test('a view with declared answers sends a file, a part of it and a 304', async () => {
  class App {
    @Get('/', { response: { 200: 'A file', 404: z.object({}) } }) index() {
      return sendFile('files/report.csv')
    }
  }
  const client = testClient(bootstrap(App, { root }))
  const file = await client.get('/')
  expect([file.status, file.text]).toEqual([200, 'a,b'])
  expect((await client.get('/', { headers: { range: 'bytes=0-0' } })).text).toBe('a')
  const same = await client.get('/', { headers: { 'if-none-match': String(file.header('etag')) } })
  expect([same.status, same.text]).toEqual([304, ''])
})

test('without an AsyncLocalStorage', async () => {
  class App {
    @Get('/') index() {
      return sendFile('files/report.csv')
    }
  }
  const client = testClient(bootstrap(App, { root, asyncContext: false, extensions: [staticFiles('files')] }))
  expect((await client.get('/')).text).toBe('a,b')
  expect((await client.get('/static/report.csv')).text).toBe('a,b')
  expect((await client.get('/static/missing')).status).toBe(404)
  expect((await client.get('/', { headers: { range: 'bytes=3-' } })).status).toBe(416)
})

test('a view that was interrupted closes the file', async () => {
  const gate = new Gate()
  const open = fs.open
  jest.spyOn(fs, 'open').mockImplementationOnce(async (...given) => {
    await gate.pass()
    return open(...given)
  })
  const errors: unknown[] = []
  class App {
    @Get('/') index() {
      const sending = sendFile('files/report.csv')
      sending.catch((error: unknown) => errors.push((error as Error).message))
      return sending
    }
  }
  const app = bootstrap(App, { root, logger: false, requestTimeout: 5 })
  const response = await testClient(app, { propagateExceptions: false }).get('/')
  expect(response.status).toBe(503)
  gate.open()
  await until('the view has ended', () => errors.length > 0)
  expect(errors).toEqual([expect.stringContaining('5 ms')])
})
