import type { ClientHttp2Session } from 'node:http2'
import {
  BeforeRequest,
  bootstrap,
  ErrorHandler,
  Get,
  type BootstrapOptions,
  type Context,
  type HttpError,
} from 'flaskoa'
import { testClient } from 'flaskoa/testing'
import { log, note } from '../support/log'
import { serve, serveHttp2 } from '../support/serve'
import { setupError } from '../support/setup-error'
import { worlds } from '../support/worlds'
import { raw, statuses } from '../hostile/raw'

class App {
  @Get('/') index({ host }: Context) {
    return `host ${host}`
  }
}

const appOf = (options: BootstrapOptions) => bootstrap(App, { logger: false, ...options })

describe('the option trustedHosts', () => {
  const trustedHosts = ['example.com', '.sub.example.com', '[::1]', 'bücher.example']
  const client = testClient(appOf({ trustedHosts }))

  test.each([
    ['example.com', 200],
    ['EXAMPLE.com:8080', 200],
    ['sub.example.com', 200],
    ['a.b.sub.example.com', 200],
    ['[::1]', 200],
    ['[::1]:80', 200],
    ['xn--bcher-kva.example', 200],
    ['www.example.com', 400],
    ['evilsub.example.com', 400],
    ['example.com.evil.example', 400],
    ['evil.example', 400],
    ['[::2]', 400],
    ['', 400],
  ])('a request to %j is a %i', async (host, status) => {
    expect((await client.get('/', { headers: { host } })).status).toBe(status)
  })

  test('over a socket: 400 for other hosts, and for a request without one', async () => {
    await serve(appOf({ trustedHosts: ['example.com'] }), async url => {
      const ask = async (head: string) => statuses(await raw(url, `${head}\r\nConnection: close\r\n\r\n`))
      expect(await ask('GET / HTTP/1.1\r\nHost: example.com')).toEqual([200])
      expect(await ask('GET / HTTP/1.1\r\nHost: evil.example')).toEqual([400])
      expect(await ask('GET http://example.com/ HTTP/1.1\r\nHost: evil.example')).toEqual([400])
      expect(await ask('GET / HTTP/1.0')).toEqual([400])
    })
  })

  test('[2.4] hooks and handlers run for the 400, as for any URL without a rule', async () => {
    class Hooks extends App {
      @BeforeRequest before() {
        note('before')
      }
      @ErrorHandler(400) refused({ message }: HttpError) {
        return message
      }
    }
    const app = bootstrap(Hooks, { trustedHosts: ['example.com'] })
    const answer = await testClient(app).get('/', { headers: { host: 'evil.example' } })
    expect(answer.text).toBe('The Host is malformed, or not one of this application.')
    expect(log).toEqual(['before'])
  })

  test('middleware after the lifecycle does not answer it', async () => {
    const [, make] = worlds[1] as (typeof worlds)[number]
    const app = make(App, [], { trustedHosts: ['example.com'] })
    app.use(ctx => {
      ctx.body = 'later middleware'
    })
    const ask = async (host: string) => (await testClient(app).get('/other', { headers: { host } })).status
    expect([await ask('example.com'), await ask('evil.example')]).toEqual([200, 400])
  })

  test('behind a proxy, the host is the one that the proxy got', async () => {
    const proxied = testClient(appOf({ trustedHosts: ['example.com'], koa: { proxy: true } }))
    const ask = async (forwarded: string) =>
      (await proxied.get('/', { headers: { host: 'inner', 'x-forwarded-host': forwarded } })).status
    expect([await ask('example.com'), await ask('evil.example')]).toEqual([200, 400])
  })

  test.each([
    [[]],
    ['example.com'],
    [['example.com:80']],
    [['https://example.com']],
    [['*.example.com']],
    [['a b']],
    [['u@example.com']],
    [['example.com/x']],
    [['..example.com']],
    [['.']],
    [['']],
    [[5]],
  ])('%j is no list of hosts', trustedHosts => {
    expect(setupError(() => bootstrap(App, { trustedHosts } as BootstrapOptions))).toMatch(
      'FLASKOA_BAD_OPTION bootstrap: the option trustedHosts must be a list of host names without ports',
    )
  })
})

describe('with proxy: true, X-Forwarded-Host is checked as Host is', () => {
  const headers = (forwarded: string) => ({ headers: { host: 'inner', 'x-forwarded-host': forwarded } })
  const proxied = testClient(appOf({ koa: { proxy: true } }))

  test.each([
    ['outer.test', '200 host outer.test'],
    ['outer.test, inner.test', '200 host outer.test'],
    ['', '200 host inner'],
    ['a/b', '400'],
    ['u@h', '400'],
    ['a"b', '400'],
  ])('%j is %s', async (forwarded, expected) => {
    const { status, text } = await proxied.get('/', headers(forwarded))
    expect(status === 200 ? `${status} ${text}` : String(status)).toBe(expected)
  })

  test('without proxy: true, nothing reads it', async () => {
    expect((await testClient(appOf({})).get('/', headers('a/b'))).text).toBe('host inner')
  })
})

describe("HTTP/2's :authority is checked as Host is", () => {
  function ask(session: ClientHttp2Session, headers: Record<string, string>): Promise<string> {
    return new Promise((resolve, reject) => {
      const stream = session.request({ ':path': '/', ...headers })
      let status = ''
      let body = ''
      stream.on('response', received => (status = String(received[':status'])))
      stream.setEncoding('utf8').on('data', (text: string) => (body += text))
      stream.on('end', () => resolve(status === '200' ? `200 ${body}` : status))
      // Newer versions of Node refuse what no authority may have, before the application has the request.
      const isRefused = ({ message }: Error) => message.includes('NGHTTP2_PROTOCOL_ERROR')
      stream.on('error', error => (isRefused(error) ? resolve('400') : reject(error)))
    })
  }

  test.each<[Record<string, string>, string]>([
    [{ ':authority': 'example.com:80' }, '200 host example.com:80'],
    [{ ':authority': 'example.com', host: 'EXAMPLE.com' }, '200 host example.com'],
    [{ host: 'example.com' }, '200 host example.com'],
    [{ ':authority': 'u@example.com' }, '400'],
    [{ ':authority': '[x]' }, '400'],
    [{ ':authority': 'example.com', host: 'other.example' }, '400'],
    [{ ':authority': 'evil.example' }, '400'],
    [{ host: 'evil.example' }, '400'],
  ])('%j', async (headers, expected) => {
    const app = appOf({ trustedHosts: ['example.com'] })
    expect(await serveHttp2(app, session => ask(session, headers))).toBe(expected)
  })

  test('also without trustedHosts', async () => {
    expect(
      await serveHttp2(appOf({}), async session => [
        await ask(session, { ':authority': 'u@example.com' }),
        await ask(session, { ':authority': 'example.com', host: 'other.example' }),
        await ask(session, { ':authority': 'example.com' }),
      ]),
    ).toEqual(['400', '400', '200 host example.com'])
  })
})
