import { join } from 'node:path'
import {
  AfterRequest,
  AfterResponse,
  BeforeRequest,
  Blueprint,
  ErrorHandler,
  Get,
  bootstrap,
  makeResponse,
  urlFor,
  type BootstrapOptions,
  type Outcome,
  type Response,
} from 'flaskoa'
import { openapi } from 'flaskoa/openapi'
import { staticFiles, type StaticOptions } from 'flaskoa/static'
import { testClient } from 'flaskoa/testing'
import { CHANGED, folderWith, put } from '../support/files'
import { log, note } from '../support/log'
import { setupError } from '../support/setup-error'

const root = folderWith({
  'static/style.css': 'a{}',
  'static/app.js': 'go()',
  'static/logo.svg': '<svg/>',
  'static/data.json': '{}',
  'static/odd.unknown-ending': '?',
  'static/plain': 'text',
  'static/empty.txt': '',
  'static/a b/ü.txt': 'unicode',
  'other/style.css': 'b{}',
})

class App {
  @Get('/url') url() {
    return urlFor('static', { filename: 'style.css' })
  }
}

const application = (options?: StaticOptions, controller = App, more: BootstrapOptions = {}) =>
  testClient(bootstrap(controller, { root, logger: false, extensions: [staticFiles('static', options)], ...more }))

test('a file under its URL, which urlFor knows', async () => {
  const client = application()
  const css = await client.get('/static/style.css')
  expect([css.status, css.text]).toEqual([200, 'a{}'])
  expect(css.headers).toMatchObject({
    'content-type': 'text/css; charset=utf-8',
    'content-length': '3',
    'cache-control': 'no-cache',
    'last-modified': CHANGED.toUTCString(),
    etag: expect.stringMatching(/^"3-[\da-f]+"$/),
    'accept-ranges': 'bytes',
    'x-content-type-options': 'nosniff',
  })
  expect(css.headers).not.toHaveProperty('content-disposition')
  expect((await client.get('/url')).text).toBe('/static/style.css')
})

test.each([
  ['app.js', 'text/javascript; charset=utf-8', 'go()'],
  ['logo.svg', 'image/svg+xml', '<svg/>'],
  ['data.json', 'application/json; charset=utf-8', '{}'],
  ['odd.unknown-ending', 'application/octet-stream', '?'],
  ['plain', 'application/octet-stream', 'text'],
  ['empty.txt', 'text/plain; charset=utf-8', ''],
  ['a%20b/%C3%BC.txt', 'text/plain; charset=utf-8', 'unicode'],
])('%s is %s', async (name, type, text) => {
  const file = await application().get(`/static/${name}`)
  expect([file.status, file.header('content-type'), file.text]).toEqual([200, type, text])
  expect(file.header('content-length')).toBe(String(text.length))
})

test('HEAD has the fields of GET, OPTIONS says what is allowed, and POST is a 405', async () => {
  const client = application()
  const [{ date: _, ...got }, head] = [
    (await client.get('/static/style.css')).headers,
    await client.head('/static/style.css'),
  ]
  expect([head.status, head.text]).toEqual([200, ''])
  expect(head.headers).toMatchObject(got)
  const options = await client.options('/static/style.css')
  expect([options.status, options.header('allow')]).toEqual([200, 'GET, HEAD, OPTIONS'])
  const post = await client.post('/static/style.css')
  expect([post.status, post.header('allow')]).toEqual([405, 'GET, HEAD, OPTIONS'])
})

class Hooked extends App {
  @BeforeRequest() before() {
    note('before')
  }

  @AfterRequest() after(response: Response) {
    note('after')
    response.set('X-After', response.get('ETag') || 'none')
    response.set('Cache-Control', 'no-store')
    return response
  }

  @AfterResponse() access({ status, route }: Outcome) {
    note(`${status} ${route}`)
  }

  @ErrorHandler(404) missing() {
    return makeResponse('nothing here', 404)
  }
}

test('all hooks run: after methods change fields, and a missing file is a 404 for the error handlers', async () => {
  const client = application({}, Hooked)
  const css = await client.get('/static/style.css')
  expect([css.text, css.header('x-after'), css.header('cache-control')]).toEqual([
    'a{}',
    css.header('etag'),
    'no-store',
  ])
  const missing = await client.get('/static/missing.css')
  expect([missing.status, missing.text]).toEqual([404, 'nothing here'])
  const route = '/static/<path:filename>'
  expect(log).toEqual(['before', 'after', `200 ${route}`, 'before', 'after', `404 ${route}`])
})

test.each([
  [{ maxAge: 90_500 }, 'max-age=90'],
  [{ maxAge: 999 }, 'no-cache'],
  [{ maxAge: 0 }, 'no-cache'],
])('%j is Cache-Control: %s', async (options, field) => {
  expect((await application(options).get('/static/style.css')).header('cache-control')).toBe(field)
})

class Private extends App {
  @BeforeRequest() before(ctx: { set(name: string, value: string): void }) {
    ctx.set('Cache-Control', 'private, max-age=5')
  }
}

test('a Cache-Control that was set before stays, unless maxAge is given', async () => {
  expect((await application({}, Private).get('/static/style.css')).header('cache-control')).toBe('private, max-age=5')
  const given = await application({ maxAge: 0 }, Private).get('/static/style.css')
  expect(given.header('cache-control')).toBe('no-cache')
})

describe('a prefix, an endpoint and several folders', () => {
  const extensions = [
    staticFiles('static', { prefix: '/assets' }),
    staticFiles(join(root, 'other'), { prefix: '', endpoint: 'files' }),
  ]
  class Two {
    @Get('/urls') urls() {
      return [urlFor('static', { filename: 'a/b.css' }), urlFor('files', { filename: 'style.css' })]
    }
  }

  test('are served side by side, and rules come before a folder without a prefix', async () => {
    const client = testClient(bootstrap(Two, { root, extensions }))
    expect((await client.get('/urls')).json()).toEqual(['/assets/a/b.css', '/style.css'])
    expect((await client.get('/assets/style.css')).text).toBe('a{}')
    expect((await client.get('/style.css')).text).toBe('b{}')
  })
})

test('a blueprint has files of its own, with its hooks', async () => {
  @Blueprint('/blog', { name: 'blog' })
  class Blog {
    @BeforeRequest() before() {
      note('blog')
    }

    @Get('/url') url() {
      return urlFor('.static', { filename: 'style.css' })
    }
  }
  const extensions = [staticFiles('static'), staticFiles('other', { blueprint: Blog })]
  const client = testClient(bootstrap(App, { root, extensions, blueprints: [Blog] }))
  expect((await client.get('/blog/url')).text).toBe('/blog/static/style.css')
  expect((await client.get('/blog/static/style.css')).text).toBe('b{}')
  expect((await client.get('/static/style.css')).text).toBe('a{}')
  expect(log).toEqual(['blog', 'blog'])
})

test('the OpenAPI document leaves the files out', () => {
  const app = bootstrap(App, { root, extensions: [staticFiles('static')] })
  expect(Object.keys(openapi(app, { info: { title: 'files', version: '1' } }).paths as object)).toEqual(['/url'])
})

describe('versions', () => {
  const folder = folderWith({ 'app.js': 'one', 'big.bin': Buffer.alloc(4 * 1024 * 1024 + 1), 'dir/inner.txt': '' })
  const inner = folderWith({ 'app.js': 'inner' })
  const sameLength = ['abc', 'def', 'abc'].map(text => folderWith({ 'x.txt': text }))
  const IMMUTABLE = 'public, max-age=31536000, immutable'
  class Urls {
    @Get('/url/<path:filename>') url({ filename }: { filename: string }) {
      return urlFor('static', { filename })
    }

    @Get('/old') old() {
      return urlFor('static', { filename: 'app.js', v: 'old' })
    }

    @Get('/other') other() {
      return urlFor('url', { filename: 'app.js' })
    }
  }
  const client = testClient(
    bootstrap(Urls, { logger: false, extensions: [staticFiles(folder, { versions: true, maxAge: 60_000 })] }),
  )
  const urlOf = async (name: string) => (await client.get(`/url/${name}`)).text

  test('urlFor adds the hash of the content, and a file under its version is kept for ever', async () => {
    const url = await urlOf('app.js')
    expect(url).toMatch(/^\/static\/app\.js\?v=[\w-]{12}$/)
    expect(await urlOf('app.js')).toBe(url)
    const file = await client.get(url)
    expect([file.text, file.header('cache-control')]).toEqual(['one', IMMUTABLE])
    expect((await client.get('/static/app.js')).header('cache-control')).toBe('max-age=60')
    expect((await client.get(`${url}&v=two`)).header('cache-control')).toBe('max-age=60')
  })

  test('the ETag is made of the content, so that equal sizes and times do not matter', async () => {
    const tags = []
    for (const folder of sameLength) {
      const files = bootstrap(App, { extensions: [staticFiles(folder, { versions: true })] })
      tags.push((await testClient(files).get('/static/x.txt')).header('etag'))
    }
    expect(tags[0]).toMatch(/^"[\w-]{12}"$/)
    expect([tags[1] === tags[0], tags[2] === tags[0]]).toEqual([false, true])
  })

  test('a changed file has another version, and is not kept under the old one', async () => {
    const url = await urlOf('app.js')
    put(join(folder, 'app.js'), 'two', new Date('2021-01-01'))
    const next = await urlOf('app.js')
    expect(next).not.toBe(url)
    const [old, current] = [await client.get(url), await client.get(next)]
    expect([old.text, old.header('cache-control')]).toEqual(['two', 'max-age=60'])
    expect([current.text, current.header('cache-control')]).toEqual(['two', IMMUTABLE])
  })

  test.each(['missing.js', 'big.bin', 'dir', '.hidden'])('%s has no version', async name => {
    const { text } = await client.get(`/url/${encodeURIComponent(name)}`)
    expect(text).toMatch(/^\/static\/[^?]*$/)
  })

  test('a version of your own, and other endpoints with a filename, stay as they are', async () => {
    expect((await client.get('/old')).text).toBe('/static/app.js?v=old')
    expect((await client.get('/other')).text).toBe('/url/app.js')
    expect((await client.get('/static/app.js?v=old')).header('cache-control')).toBe('max-age=60')
  })

  test('in a blueprint, and in one that is nested in it', async () => {
    @Blueprint('/inner', { name: 'inner' })
    class Inner {
      @Get('/urls') urls() {
        return [urlFor('.static', { filename: 'app.js' }), urlFor('outer.static', { filename: 'app.js' })]
      }
    }
    @Blueprint('/outer', { name: 'outer', blueprints: [Inner] })
    class Outer {}
    const extensions = [
      staticFiles(folder, { versions: true, blueprint: Outer }),
      staticFiles(inner, { versions: true, blueprint: Inner, endpoint: 'static' }),
    ]
    const nested = testClient(bootstrap(Urls, { extensions, blueprints: [Outer] }))
    const urls = (await nested.get('/outer/inner/urls')).json<string[]>()
    expect(urls.map(url => url.replace(/=.*/, ''))).toEqual(['/outer/inner/static/app.js?v', '/outer/static/app.js?v'])
    for (const url of urls) expect((await nested.get(url)).header('cache-control')).toBe(IMMUTABLE)
    expect((await nested.get(urls[0] as string)).text).toBe('inner')
  })

  test('without the option there is none', async () => {
    expect((await application().get('/static/style.css?v=abc')).header('cache-control')).toBe('no-cache')
  })
})

describe('precompressed', () => {
  const folder = folderWith({
    'all.css': 'plain',
    'all.css.br': 'as br',
    'all.css.gz': 'as gzip',
    'some.js': 'plain',
    'some.js.gz': 'as gzip',
    'none.txt': 'plain',
  })
  const client = testClient(bootstrap(App, { extensions: [staticFiles(folder, { precompressed: true })] }))

  test.each([
    ['all.css', 'gzip, deflate, br', 'br', 'as br'],
    ['all.css', 'gzip', 'gzip', 'as gzip'],
    ['all.css', 'br;q=0, gzip', 'gzip', 'as gzip'],
    ['all.css', 'identity', undefined, 'plain'],
    ['some.js', 'br, gzip', 'gzip', 'as gzip'],
    ['some.js', 'br', undefined, 'plain'],
    ['none.txt', 'br, gzip', undefined, 'plain'],
  ])('%s with Accept-Encoding: %s', async (name, accepted, encoding, text) => {
    const file = await client.get(`/static/${name}`, { headers: { 'accept-encoding': accepted } })
    expect([file.header('content-encoding'), file.text, file.header('vary')]).toEqual([
      encoding,
      text,
      'Accept-Encoding',
    ])
    expect(file.header('content-type')).toBe((await client.get(`/static/${name}`)).header('content-type'))
    expect(file.header('content-length')).toBe(String(text.length))
  })

  test('a client that names no coding gets the file as it is', async () => {
    const file = await client.get('/static/all.css')
    expect([file.header('content-encoding'), file.text]).toEqual([undefined, 'plain'])
  })

  test('each has an ETag of its own', async () => {
    const tags = ['identity', 'gzip', 'br'].map(async encoding => {
      return (await client.get('/static/all.css', { headers: { 'accept-encoding': encoding } })).header('etag')
    })
    expect(new Set(await Promise.all(tags)).size).toBe(3)
  })
})

test.each([
  ['', {}, 'FLASKOA_BAD_OPTION staticFiles needs the path of a folder, a text, not "".'],
  [5, {}, 'FLASKOA_BAD_OPTION staticFiles needs the path of a folder, a text, not 5.'],
  ['static', { maxage: 5 }, "FLASKOA_BAD_OPTION staticFiles has no option 'maxage'. Did you mean 'maxAge'?"],
  [
    'static',
    { maxAge: -1 },
    'FLASKOA_BAD_OPTION staticFiles: the option maxAge must be a whole number from 0 up, not -1.',
  ],
  [
    'static',
    { prefix: 'static' },
    "FLASKOA_BAD_OPTION staticFiles: the option prefix must begin with '/' and not end with it",
  ],
  [
    'static',
    { prefix: '/static/' },
    "FLASKOA_BAD_OPTION staticFiles: the option prefix must begin with '/' and not end with it",
  ],
])('staticFiles(%j, %j) is a SetupError', (folder, options, message) => {
  expect(setupError(() => staticFiles(folder as string, options as StaticOptions))).toMatch(message)
})

test.each(['missing', 'static/style.css'])('a folder that is none is a SetupError at bootstrap: %s', folder => {
  expect(setupError(() => bootstrap(App, { root, extensions: [staticFiles(folder)] }))).toBe(
    `FLASKOA_BAD_OPTION staticFiles('${folder}'): there is no folder ${join(root, folder)}. ` +
      `Folders are relative to the option root of bootstrap, here ${root}: give it as root: import.meta.dirname (in ` +
      'CommonJS __dirname), or make the folder.',
  )
})
