import { execFileSync } from 'node:child_process'
import { mkdirSync, symlinkSync } from 'node:fs'
import { createServer } from 'node:net'
import { once } from 'node:events'
import { join } from 'node:path'
import fc from 'fast-check'
import { Get, bootstrap, type BootstrappedApplication } from 'flaskoa'
import { sendFromDirectory, staticFiles } from 'flaskoa/static'
import { testClient } from 'flaskoa/testing'
import { ask } from '../support/ask'
import { folderWith, openFiles } from '../support/files'
import { serve } from '../support/serve'

const SECRET = 'the secret'
const root = folderWith({
  'secret.txt': SECRET,
  'static/ok.txt': 'ok',
  'static/inner/ok.txt': 'inner',
  'static/.env': SECRET,
  'static/.git/config': SECRET,
  'static/visible/.hidden/x.txt': SECRET,
  'static/con.txt': 'device',
  'static/aux': 'device',
  'static/stream.txt:data': 'stream',
  'static/ending.': 'ending',
  'static/back\\slash.txt': SECRET,
  'static-other/x.txt': SECRET,
})
const folder = join(root, 'static')
symlinkSync(join(root, 'secret.txt'), join(folder, 'link-out.txt'))
symlinkSync(root, join(folder, 'link-up'))
symlinkSync('../static-other', join(folder, 'link-sibling'))
symlinkSync(join(folder, '.env'), join(folder, 'link-hidden'))
symlinkSync(join(folder, 'inner/ok.txt'), join(folder, 'link-in.txt'))
symlinkSync('loop', join(folder, 'loop'))
symlinkSync('/dev/zero', join(folder, 'zero'))
symlinkSync('/dev/tty', join(folder, 'tty'))
symlinkSync('.', join(folder, 'self'))
symlinkSync(folder, join(root, 'static-link'))
mkdirSync(join(folder, 'empty'))
execFileSync('mkfifo', [join(folder, 'pipe')])

class App {
  @Get('/files/<path:name>') file({ name }: { name: string }) {
    return sendFromDirectory('static', name)
  }
}

const app = bootstrap(App, { root, extensions: [staticFiles('static')], logger: false })

/** The status of a request for a target that is sent as it is. */
const statusOf = (served: BootstrappedApplication, target: string) =>
  serve(served, async url => {
    const { status, text, headers } = await ask(url, { target })
    expect(text).not.toContain(SECRET)
    return [status, headers.location]
  })

describe.each(['/static/', '/files/'])('%s', prefix => {
  test.each([
    ...['../secret.txt', '..%2fsecret.txt', '..%2Fsecret.txt', '%2e%2e/secret.txt', '%2e%2e%2fsecret.txt'],
    ...['inner/../../secret.txt', 'inner/..%2f..%2fsecret.txt', './ok.txt', 'inner/./ok.txt', '%2e/ok.txt'],
    ...['..%5csecret.txt', '..\\secret.txt', 'inner%5c..%5c..%5csecret.txt', 'back%5cslash.txt'],
    ...['%252e%252e%252fsecret.txt', '..%252fsecret.txt', '..%c0%afsecret.txt', '%u002e%u002e/secret.txt'],
    ...['ok.txt%00', 'ok.txt%00.html', '%00', 'ok.txt%0a', '..%00/secret.txt'],
    ...['.env', 'inner/../.env', '.git/config', 'visible/.hidden/x.txt', '%2eenv', '...', '..'],
    ...['%2fetc%2fpasswd', '%2f%2fetc/passwd', 'C:/windows/win.ini', 'C:%5cwindows%5cwin.ini', 'file:///etc/passwd'],
    ...['link-out.txt', 'link-up/secret.txt', 'link-up/static/ok.txt%2f', 'link-sibling/x.txt', 'link-hidden', 'loop'],
    ...['zero', 'tty', 'pipe', 'empty', 'inner', 'inner/', 'self', 'ok.txt/', 'ok.txt/x', '../static-other/x.txt'],
    'missing.txt',
  ])('%s is no file', async target => {
    const [status, location] = await statusOf(app, prefix + target)
    // A path with `//` is redirected to that without it, which is a 404 as well.
    if (status === 308) expect((await statusOf(app, String(location)))[0]).toBe(404)
    else expect([400, 404, 414]).toContain(status)
  })

  test.each([
    'ok.txt',
    'inner/ok.txt',
    'link-in.txt',
    'self/ok.txt',
    'link-up/static/ok.txt',
    'aux',
    'con.txt',
    'ending.',
  ])('%s is a file', async target => {
    expect((await statusOf(app, prefix + target))[0]).toBe(200)
  })
})

test.each<[string, string]>([
  ['a name', 'x'.repeat(300)],
  ['a path', `${'x/'.repeat(3000)}x`],
  ['a way up', `${'..%2f'.repeat(500)}etc/passwd`],
])('%s that is too long is no file', async (_, target) => {
  for (const prefix of ['/static/', '/files/']) expect((await statusOf(app, prefix + target))[0]).toBe(404)
})

test('no combination of such parts gets out of the folder', async () => {
  const client = testClient(app)
  const parts = [
    '..',
    '.',
    '',
    '/',
    '\\',
    '\0',
    'inner',
    'link-up',
    'self',
    'static',
    'secret.txt',
    '.env',
    '%2e%2e',
    '\u2215',
    '‥',
  ]
  const names = fc.array(fc.constantFrom(...parts), { minLength: 1, maxLength: 6 }).map(each => each.join(''))
  const paths = fc.array(fc.constantFrom(...parts), { minLength: 1, maxLength: 8 }).map(each => each.join('/'))
  await fc.assert(
    fc.asyncProperty(fc.oneof(names, paths), async name => {
      const { status, text } = await client.get(`/files/${name.split('/').map(encodeURIComponent).join('%2F')}`)
      expect([status, text.includes(SECRET)]).toEqual([404, false])
    }),
    { numRuns: 300 },
  )
})

test('a socket is no file', async () => {
  const path = join(folder, 'socket')
  const server = createServer().listen(path)
  await once(server, 'listening')
  expect((await statusOf(app, '/static/socket'))[0]).toBe(404)
  server.close()
})

test('the folder itself may be a link', async () => {
  const linked = bootstrap(App, { root, extensions: [staticFiles('static-link')] })
  expect((await statusOf(linked, '/static/ok.txt'))[0]).toBe(200)
  expect((await statusOf(linked, '/static/link-out.txt'))[0]).toBe(404)
})

test('the folder itself may be hidden', async () => {
  const hidden = bootstrap(App, { root, extensions: [staticFiles('static/.git', { prefix: '/git' })] })
  await serve(hidden, async url => expect((await ask(`${url}/git/config`)).text).toBe(SECRET))
})

test('a folder that is gone has no files', async () => {
  class Gone {
    @Get('/<name>') file({ name }: { name: string }) {
      return sendFromDirectory('gone', name)
    }
  }
  expect((await testClient(bootstrap(Gone, { root })).get('/x.txt')).status).toBe(404)
})

describe('on Windows', () => {
  const { platform } = process
  beforeAll(() => Object.defineProperty(process, 'platform', { value: 'win32' }))
  afterAll(() => Object.defineProperty(process, 'platform', { value: platform }))

  test.each(['aux', 'con.txt', 'stream.txt:data', 'ending.'])('%s is no file', async name => {
    expect((await testClient(app).get(`/static/${name}`)).status).toBe(404)
  })

  test('other names are files', async () => {
    expect((await testClient(app).get('/static/inner/ok.txt')).text).toBe('inner')
  })
})

test('what is refused is closed', () => {
  expect(openFiles(folder)).toEqual([])
})
