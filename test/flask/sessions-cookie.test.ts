import type { Middleware } from 'koa'
import { Get, Post, bootstrap, session } from 'flaskoa'
import type { BootstrapOptions, Context, SessionOptions } from 'flaskoa'
import { testClient } from 'flaskoa/testing'
import { formOf } from '../support/body'
import { clientOf, cookieHeader } from '../support/client'
import { sessionCookie, setCookies } from '../support/session'

/** Flask's tests of the session's cookie: its attributes, its name, its keys, what it can hold. */
const testing = { testing: true }

class App {
  @Get('/')
  index() {
    session.count = 42
    return 'Hello World'
  }

  @Get('/clear')
  clear() {
    delete session.count
    return 'Goodbye World'
  }
}

/** A client of the application under a URL of its own. */
const clientAt = (baseUrl: string, options: BootstrapOptions) =>
  testClient(bootstrap(App, { secretKey: 'secret', ...testing, ...options }), { baseUrl })

test('[13.9] its path is where the application is mounted (test_basic.py::test_session_using_application_root)', async () => {
  const mount: Middleware = (ctx, next) => {
    ctx.path = ctx.path.slice('/bar'.length)
    return next()
  }
  const client = clientAt('http://example.com:8080', { middleware: [mount], session: { path: '/bar' } })
  const response = await client.get('/bar/')
  expect(response.text).toBe('Hello World')
  expect(sessionCookie(response)?.attributes).toContain('path=/bar')
})

test('[13.9] or any other (test_basic.py::test_session_path)', async () => {
  const response = await clientAt('http://example.com:8080/foo', { session: { path: '/foo' } }).get('/')
  expect(sessionCookie(response)?.attributes).toContain('path=/foo')
})

test('[13.9] all its attributes can be set, and a removal keeps them (test_basic.py::test_session_using_session_settings)', async () => {
  const client = clientAt('https://www.example.com:8080', {
    session: { key: 'session', domain: '.example.com', path: '/', httpOnly: false, secure: true, sameSite: 'lax' },
    koa: { proxy: true },
  })
  const behindTls = { headers: { 'X-Forwarded-Proto': 'https' } }
  const attributes = ['path=/', 'domain=.example.com', 'samesite=lax', 'secure']
  expect(sessionCookie(await client.get('/', behindTls), 'session')?.attributes).toEqual(attributes)

  const removed = sessionCookie(await client.get('/clear', behindTls), 'session')
  expect(removed?.value).toBe('')
  expect(removed?.attributes).toEqual(expect.arrayContaining(attributes))
  expect(removed?.attributes).not.toContain('httponly')
})

test('[13.9] SameSite: none, strict, lax, and nothing else (test_basic.py::test_session_using_samesite_attribute)', async () => {
  const visit = (options: SessionOptions) => clientOf(App, { ...testing, session: options }).get('/')
  expect(() => visit({ sameSite: 'invalid' })).toThrow(
    'option session: sameSite must be one of "strict", "lax", "none", not "invalid".',
  )
  // Flask's default is to send none; here it is Lax.
  expect(sessionCookie(await visit({ sameSite: undefined }))?.attributes).toContain('samesite=lax')
  expect(sessionCookie(await visit({ sameSite: 'strict' }))?.attributes).toContain('samesite=strict')
  expect(sessionCookie(await visit({ sameSite: 'lax' }))?.attributes).toContain('samesite=lax')
})

test('[13.7] older keys verify as long as they are listed (test_basic.py::test_session_secret_key_fallbacks)', async () => {
  class Pages {
    @Post('/')
    set() {
      session.count = 1
      return ''
    }

    @Get('/')
    get() {
      return { ...session }
    }
  }
  const first = clientOf(Pages, { ...testing, secretKey: ['0 key', '-1 key', '-2 key'] })
  await first.post('/')
  expect((await first.get('/')).json()).toEqual({ count: 1 })

  const headers = { cookie: cookieHeader(first) }
  const foreign = await clientOf(Pages, { ...testing, secretKey: '? key' }).get('/', { headers })
  expect([foreign.json(), setCookies(foreign)]).toEqual([{}, []])

  const rotated = await clientOf(Pages, { ...testing, secretKey: ['+1 key', '0 key', '-1 key'] }).get('/', { headers })
  expect(rotated.json()).toEqual({ count: 1 })
})

test('its name can depend on the request (test_reqctx.py::test_session_dynamic_cookie_name)', async () => {
  class Pages {
    @Post('/set')
    @Post('/set_dynamic_cookie')
    async set(ctx: Context) {
      session.value = (await formOf(ctx)).value
      return 'value set'
    }

    @Get('/get')
    @Get('/get_dynamic_cookie')
    get() {
      return session.value as string
    }
  }
  const nameFor = ({ path }: Context) => (path.endsWith('dynamic_cookie') ? 'dynamic_cookie_name' : 'session')
  const contents = new Map<string, unknown>()
  const client = clientOf(Pages, {
    ...testing,
    session: {
      externalKey: {
        get: ctx => ctx.cookies.get(nameFor(ctx)),
        set: (ctx, key) => void ctx.cookies.set(nameFor(ctx), key),
      },
      store: {
        get: key => contents.get(key),
        set: (key, content) => contents.set(key, content),
        destroy: key => contents.delete(key),
      },
    },
  })
  expect((await client.post('/set', { form: { value: '42' } })).text).toBe('value set')
  expect((await client.post('/set_dynamic_cookie', { form: { value: '616' } })).text).toBe('value set')
  expect((await client.get('/get')).text).toBe('42')
  expect((await client.get('/get_dynamic_cookie')).text).toBe('616')
})

test('[13.8] holds what JSON can express, any names in it (test_basic.py::test_session_special_types)', async () => {
  const content = {
    t: [1, 2, 3],
    m: '<html>',
    u: '7eb41166-9ebf-4d26-b771-ea3f54f8b383',
    t_tag: { ' t': 'not-a-tuple' },
    di_t_tag: { ' t__': 'not-a-tuple' },
    di_tag: { ' di': 'not-a-dict' },
  }
  class Pages {
    @Get('/')
    index() {
      Object.assign(session, content)
      return ''
    }
  }
  const client = clientOf(Pages, testing)
  await client.get('/')
  expect(await client.session()).toEqual(content)
})
