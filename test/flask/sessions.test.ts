import { AfterRequest, Get, Post, TeardownRequest, bootstrap, makeResponse, session } from 'flaskoa'
import type { Context, Response } from 'flaskoa'
import { testRequestContext } from 'flaskoa/testing'
import { formOf } from '../support/body'
import { clientOf } from '../support/client'
import { sessionCookie, setCookies } from '../support/session'

/** Flask's tests of what the session notices: reads, writes, how long it lasts, and Vary. */
const testing = { testing: true }

const DAY = 24 * 60 * 60 * 1000

test('[13.3] a write modifies it, a read does not (test_basic.py::test_session)', async () => {
  const modified: boolean[] = []
  class App {
    @Post('/set')
    async set(ctx: Context) {
      modified.push(session.modified)
      session.value = (await formOf(ctx)).value
      modified.push(session.modified)
      return 'value set'
    }

    @Get('/get')
    get() {
      modified.push(session.modified)
      const value = session.value as string
      modified.push(session.modified)
      return value
    }
  }
  const client = clientOf(App, testing)
  expect((await client.post('/set', { form: { value: '42' } })).text).toBe('value set')
  expect((await client.get('/get')).text).toBe('42')
  expect(modified).toEqual([false, true, false, false])
})

test('[13.3, 13.4] used and modified by request, seen from outside (test_basic.py::test_session_accessed)', async () => {
  let modified: boolean | undefined
  class App {
    @Post('/')
    async set(ctx: Context) {
      session.value = (await formOf(ctx)).value
      return 'value set'
    }

    @Get('/')
    get() {
      return session.value as string
    }

    @Get('/nothing')
    nothing() {
      return ''
    }

    @TeardownRequest
    look() {
      modified = session.modified
    }
  }
  const client = clientOf(App, testing)
  const outcome = async (sending: ReturnType<typeof client.get>) => {
    const response = await sending
    return [response.text, response.header('Vary'), modified]
  }
  expect(await outcome(client.get('/nothing'))).toEqual(['', undefined, false])
  expect(await outcome(client.post('/', { form: { value: '42' } }))).toEqual(['value set', 'Cookie', true])
  expect(await outcome(client.get('/'))).toEqual(['42', 'Cookie', false])
  expect(await outcome(client.get('/nothing'))).toEqual(['', undefined, false])
})

test('[13.1] saved after the after methods, which may still write (test_basic.py::test_session_stored_last)', async () => {
  class App {
    @AfterRequest
    modify(response: Response) {
      session.count = 42
      return response
    }

    @Get('/')
    index() {
      return String(session.count)
    }
  }
  const client = clientOf(App, testing)
  expect((await client.get('/')).text).toBe('undefined')
  expect((await client.get('/')).text).toBe('42')
})

test('[13.5] a permanent one expires in 31 days, others with the browser (test_basic.py::test_session_expiration)', async () => {
  let permanent = true
  class App {
    @Get('/')
    index() {
      session.count = 42
      session.permanent = permanent
      return ''
    }

    @Get('/test')
    test() {
      return String(session.permanent)
    }
  }
  const client = clientOf(App, testing)
  const expiry = async () => {
    const cookie = sessionCookie(await client.get('/'))
    expect(cookie).toBeDefined()
    return cookie?.attributes.find(attribute => attribute.startsWith('expires='))?.slice('expires='.length)
  }
  expect(Math.round((Date.parse((await expiry()) ?? '') - Date.now()) / DAY)).toBe(31)
  expect((await client.get('/test')).text).toBe('true')

  permanent = false
  expect(await expiry()).toBeUndefined()
})

test.each([
  ['sent again with a read when permanent', true, {}, true],
  ['not when rolling is off', true, { rolling: false }, false],
  ['not when not permanent', false, {}, false],
  ['not when neither', false, { rolling: false }, false],
])('[13.2] %s (test_basic.py::test_session_cookie_setting)', async (_, permanent, options, sent) => {
  class App {
    @Get('/bump')
    bump() {
      session.count = (session.count ?? 0) + 1
      session.permanent = permanent
      return String(session.count)
    }

    @Get('/read')
    read() {
      return String(session.count)
    }
  }
  const client = clientOf(App, { ...testing, session: options })
  for (const count of ['1', '2', '3']) expect((await client.get('/bump')).text).toBe(count)
  const response = await client.get('/read')
  expect(response.text).toBe('3')
  expect(setCookies(response).length > 0).toBe(sent)
})

describe('[13.4] Vary', () => {
  class App {
    @Get('/set')
    set() {
      session.name = 'test'
      return ''
    }

    @Get('/get')
    get() {
      return session.name ?? 'none'
    }

    @Get('/getitem')
    getItem() {
      const { name } = session
      return name as string
    }

    @Get('/setdefault')
    setDefault() {
      return (session.name ??= 'default')
    }

    @Get('/vary-cookie-header-set')
    varyCookie() {
      session.name = 'test'
      return makeResponse('', 200, { Vary: 'Cookie' })
    }

    @Get('/vary-header-set')
    varyOthers() {
      session.name = 'test'
      return makeResponse('', 200, { Vary: 'Accept-Encoding, Accept-Language' })
    }

    @Get('/no-vary-header')
    nothing() {
      return ''
    }
  }

  test('any use is in Vary, once and after what was there (test_basic.py::test_session_vary_cookie)', async () => {
    const client = clientOf(App, testing)
    const vary: unknown[] = []
    for (const path of ['/set', '/get', '/getitem', '/setdefault', '/vary-cookie-header-set'])
      vary.push((await client.get(path)).headers.vary)
    expect(vary).toEqual(['Cookie', 'Cookie', 'Cookie', 'Cookie', 'Cookie'])
    expect((await client.get('/vary-header-set')).headers.vary).toBe('Accept-Encoding, Accept-Language, Cookie')
    expect((await client.get('/no-vary-header')).headers).not.toHaveProperty('vary')
  })
})

test('[13.4] so is an automatic refresh (test_basic.py::test_session_refresh_vary)', async () => {
  class App {
    @Get('/login')
    login() {
      session.count = 1
      session.permanent = true
      return ''
    }

    @Get('/ignored')
    ignored() {
      return ''
    }
  }
  const client = clientOf(App, testing)
  expect((await client.get('/login')).header('Vary')).toBe('Cookie')
  expect((await client.get('/ignored')).header('Vary')).toBe('Cookie')
})

test('[13.6] without a secret it can be read, not written (test_basic.py::test_missing_session)', async () => {
  class App {
    @Get('/')
    index() {
      return ''
    }
  }
  await testRequestContext(bootstrap(App), '/', () => {
    expect(session.value).toBeUndefined()
    expect(() => (session.value = 42)).toThrow('no secret key is set')
    expect(() => delete session.value).toThrow('no secret key is set')
  })
})
