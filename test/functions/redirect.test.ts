import { Readable } from 'node:stream'
import {
  abort,
  AfterRequest,
  afterThisRequest,
  BeforeRequest,
  bootstrap,
  ErrorHandler,
  Get,
  makeResponse,
  redirect,
  streamWithContext,
  TeardownRequest,
  type Context,
  type KoaResponse,
  type ResponseValue,
} from 'flaskoa'
import { ask } from '../support/ask'
import { clientOf } from '../support/client'
import { log, note } from '../support/log'
import { serve } from '../support/serve'

const viewOf = (view: (ctx: Context) => KoaResponse) => {
  class App {
    @Get('/') index(ctx: Context) {
      return view(ctx)
    }
  }
  return App
}

describe('the page of a redirect', () => {
  test.each(['text/html', 'application/json', 'text/plain', '*/*', undefined])(
    'has a link, whatever the client accepts: %s',
    async accept => {
      await serve(bootstrap(viewOf(() => redirect('/login?next=/a&b="c"', 303))), async url => {
        const { status, headers, text } = await ask(url, accept === undefined ? {} : { headers: { accept } })
        const link = '/login?next=/a&amp;b=%22c%22'
        expect([status, headers.location, headers.vary]).toEqual([303, '/login?next=/a&b=%22c%22', undefined])
        expect(headers['content-type']).toBe('text/html; charset=utf-8')
        expect(text).toContain(`<a href="${link}">${link}</a>`)
      })
    },
  )

  test('of a before method, an error handler, an after method and the router', async () => {
    class App {
      @BeforeRequest before(ctx: Context) {
        return ctx.path === '/before' ? redirect('/target/') : undefined
      }
      @Get('/handler') handler(): string {
        throw new RangeError('for the handler')
      }
      @Get('/after') after() {
        afterThisRequest(() => redirect('/target/'))
        return 'text'
      }
      @Get('/aborts') aborts(): string {
        abort(redirect('/target/'))
      }
      @Get('/target/') target() {
        return 'text'
      }
      @ErrorHandler(RangeError) range() {
        return redirect('/target/')
      }
    }
    const client = clientOf(App)
    const pages = ['/before', '/handler', '/after', '/aborts', '/target'].map(
      async path => (await client.get(path)).text,
    )
    expect(new Set(await Promise.all(pages)).size).toBe(1)
    expect(await pages[0]).toContain('<a href="/target/">/target/</a>')
  })

  test.each(['javascript:alert(1)', 'JavaScript:alert(1)', 'data:text/html,x', 'vbscript:x', '//['])(
    'links nothing that a browser would run or can’t follow: %s',
    async url => {
      const response = await clientOf(viewOf(() => redirect(url))).get('/')
      expect([response.status, response.text.includes('href')]).toEqual([302, false])
    },
  )

  test('links an application by its scheme', async () => {
    const response = await clientOf(viewOf(() => redirect('myapp://callback?code=1'))).get('/')
    expect(response.text).toContain('<a href="myapp://callback?code=1">')
  })
})

describe('[6.6] redirect in an after method', () => {
  /** Its first after method redirects, and the one after it fails. */
  class App {
    @Get('/') index(): ResponseValue {
      return 'text'
    }
    @ErrorHandler(500) failed(): ResponseValue {
      return makeResponse('sorry', 503, { ETag: '"handler"' })
    }
    @AfterRequest fail(_: KoaResponse, ctx: Context): KoaResponse {
      note(`after: ${ctx.status}`)
      throw new Error('from an after method')
    }
    @AfterRequest redirect(): KoaResponse {
      return redirect('/login')
    }
  }

  test('counts as a replaced response: the page of the handler for 500 is sent when the pass fails', async () => {
    const response = await clientOf(App).get('/')
    const fields = ['ETag', 'Location'].map(name => response.header(name))
    expect([response.status, response.text, ...fields]).toEqual([503, 'sorry', '"handler"', undefined])
    expect(log).toEqual(['after: 302', 'after: 302'])
  })

  test('also when it follows makeResponse, or aborts the pass', async () => {
    class Twice extends App {
      @AfterRequest replace() {
        return makeResponse('replaced', 201)
      }
    }
    class Aborts extends App {
      override redirect(): KoaResponse {
        abort(redirect('/login'))
      }
    }
    for (const each of [Twice, Aborts]) {
      const response = await clientOf(each).get('/')
      expect([response.status, response.text]).toEqual([503, 'sorry'])
    }
  })

  test('the stream that it replaces is sent after all, and is closed where it is not', async () => {
    const closed = (stream: Readable, name: string) => stream.once('close', () => note(`${name} closed`))
    class Streams extends App {
      @Get('/fine') fine() {
        afterThisRequest(() => redirect('/login'))
        return closed(Readable.from(['view']), 'view')
      }
      override failed() {
        return closed(Readable.from(['handler']), 'handler')
      }
      override fail(response: KoaResponse, ctx: Context) {
        return ctx.path === '/fine' ? response : super.fail(response, ctx)
      }
    }
    const client = clientOf(Streams)
    expect([(await client.get('/')).text, (await client.get('/fine')).status]).toEqual(['handler', 302])
    await new Promise(resolve => setImmediate(resolve))
    expect(log).toEqual(['after: 302', 'after: 302', 'handler closed', 'view closed'])
  })

  test('a stream that keeps the context does not hold back teardown when it is replaced', async () => {
    class Kept {
      @Get('/') index() {
        return streamWithContext(['lost'])
      }
      @AfterRequest after() {
        return redirect('/login')
      }
      @TeardownRequest teardown() {
        note('teardown')
      }
    }
    expect((await clientOf(Kept).get('/')).status).toBe(302)
    expect(log).toEqual(['teardown'])
  })
})

describe('redirect refuses', () => {
  const go = redirect as (url: unknown, code?: unknown) => KoaResponse
  test.each([[undefined], [null], [5], [['/a', '/b']], [{}], [Symbol('/')]])('%p for a URL', async url => {
    const sent = clientOf(
      viewOf(() => go(url)),
      { testing: true },
    ).get('/')
    await expect(sent).rejects.toThrow(/^redirect\(.*\): the URL must be a text$/)
  })

  test.each([['302'], [null], [{ code: 301 }], [Symbol('302')], [302.5]])('%p for a status', async code => {
    const sent = clientOf(
      viewOf(() => go('/x', code)),
      { testing: true },
    ).get('/')
    await expect(sent).rejects.toThrow(/^redirect\("\/x", .*\): .* is no redirect status$/)
  })

  test('and takes a URL object', async () => {
    const { headers } = await clientOf(viewOf(() => go(new URL('https://example.com/ü')))).get('/')
    expect(headers.location).toBe('https://example.com/%C3%BC')
  })
})
