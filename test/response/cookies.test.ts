import { once } from 'node:events'
import {
  abort,
  AfterRequest,
  BeforeRequest,
  bootstrap,
  ErrorHandler,
  Get,
  lifecycle,
  makeResponse,
  redirect,
  type Context,
  type CookieOptions,
  type KoaResponse,
} from 'flaskoa'
import { testClient, type TestClient } from 'flaskoa/testing'
import Koa from 'koa'
import { z } from 'zod'
import { clientOf } from '../support/client'
import { GetWith } from '../support/declared'
import { serve, serveHttp2 } from '../support/serve'
import { setCookies } from '../support/session'
import { setupError } from '../support/setup-error'
import { koaOf, worlds } from '../support/worlds'

/** The `Set-Cookie` fields of a response for which `write` runs in a view. */
async function written(write: (ctx: Context) => unknown, options = {}, url = '/'): Promise<string[]> {
  class App {
    @Get('/') index(ctx: Context) {
      write(ctx)
      return 'index'
    }
  }
  return setCookies(await clientOf(App, { testing: true, ...options }).get(url))
}

/** What `act` throws in a view, as a text. */
async function thrown(act: (ctx: Context) => unknown, options = {}): Promise<string> {
  const error: unknown = await written(act, options).catch((reason: unknown) => reason)
  return String(error)
}

describe('attributes', () => {
  const expires = new Date('2030-01-02T03:04:05.678Z')
  test.each<[string, CookieOptions | undefined]>([
    ['a=b; path=/; samesite=lax; httponly', undefined],
    ['a=b; path=/; samesite=lax; httponly', { maxAge: undefined, path: undefined, signed: false }],
    ['a=b; path=/; max-age=2; samesite=lax; httponly', { maxAge: 1001 }],
    ['a=b; path=/; max-age=0; samesite=lax; httponly', { maxAge: 0 }],
    ['a=b; path=/; expires=Wed, 02 Jan 2030 03:04:05 GMT; samesite=lax; httponly', { expires }],
    ['a=b; path=/x/y; domain=example.com; samesite=lax; httponly', { path: '/x/y', domain: 'example.com' }],
    ['a=b; path=/; samesite=strict', { sameSite: 'strict', httpOnly: false }],
    ['a=b; path=/; httponly', { sameSite: false }],
    [
      'a=b; path=/; priority=high; samesite=none; secure; httponly; partitioned',
      {
        sameSite: 'none',
        secure: true,
        partitioned: true,
        priority: 'high',
      },
    ],
  ])('%s', async (field, options) => {
    expect(await written(ctx => ctx.response.setCookie('a', 'b', options))).toEqual([field])
  })

  test('secure by default if the request came over https', async () => {
    const secure = 'a=b; path=/; samesite=lax; secure; httponly'
    const write = (ctx: Context) => ctx.response.setCookie('a', 'b')
    expect(await written(write, {}, 'https://localhost/')).toEqual([secure])
    const insecure = (ctx: Context) => ctx.response.setCookie('a', 'b', { secure: false })
    expect(await written(insecure, {}, 'https://localhost/')).toEqual(['a=b; path=/; samesite=lax; httponly'])
  })

  test('a prefix of the name', async () => {
    expect(await written(ctx => ctx.response.setCookie('__Host-a', 'b', { secure: true }))).toEqual([
      '__Host-a=b; path=/; samesite=lax; secure; httponly',
    ])
  })
})

describe('values', () => {
  const VALUES = [
    '',
    'plain',
    'a b',
    ' around ',
    '"quoted"',
    'a,b;c\\d',
    'ä€😀',
    'a=b==',
    '100%',
    '%41',
    '%zz',
    'a\tb\nc',
    "!#$&'()*+-./:<=>?@[]^_`{|}~",
    'eyJhIjoxfQ==',
    '{"a":[1,2]}',
  ]
  class App {
    @Get('/set') set(ctx: Context) {
      ctx.response
        .setCookie('value', String(ctx.query.value))
        .setCookie('signed', String(ctx.query.value), { signed: true })
      return 'set'
    }
    @GetWith('/get', { cookies: z.object({ value: z.string(), signed: z.string() }) })
    get({ cookies }: { cookies: { value: string; signed: string } }, ctx: Context) {
      return {
        ...cookies,
        raw: ctx.cookies.get('value'),
        rawSigned: ctx.cookies.get('signed', { signed: true }),
      }
    }
  }
  const sentBack = async (client: TestClient, value: string) => {
    await client.get('/set', { query: { value } })
    return (await client.get('/get')).json<Record<string, string>>()
  }

  test.each(VALUES)('%j comes back', async value => {
    const { raw, rawSigned, ...cookies } = await sentBack(clientOf(App), value)
    expect(cookies).toEqual({ value, signed: value })
    expect([raw, rawSigned].map(text => decodeURIComponent(text ?? ''))).toEqual([value, value])
  })

  test('ctx.cookies.get gives the same, without the characters that a cookie can not have', async () => {
    const same = VALUES.filter(value => /^[!#$&-+\--:<-[\]-~]*$/.test(value))
    expect(same).toEqual(['', 'plain', 'a=b==', "!#$&'()*+-./:<=>?@[]^_`{|}~", 'eyJhIjoxfQ=='])
    for (const value of same) {
      const { raw, rawSigned } = await sentBack(clientOf(App), value)
      expect([raw, rawSigned]).toEqual([value, value])
    }
  })

  test('over sockets, in HTTP/1 and HTTP/2', async () => {
    const app = bootstrap(App, { secretKey: 'secret' })
    const value = 'ä "b", c'
    const path = `/set?value=${encodeURIComponent(value)}`
    await serve(app, async url => {
      const cookies = (await fetch(`${url}${path}`)).headers.getSetCookie().map(field => field.split(';')[0])
      const response = await fetch(`${url}/get`, { headers: { Cookie: cookies.join('; ') } })
      expect(await response.json()).toMatchObject({ value, signed: value })
    })
    await serveHttp2(app, async session => {
      const stream = session.request({ ':path': path }).resume()
      const [headers] = (await once(stream, 'response')) as [Record<string, unknown>]
      expect(headers['set-cookie']).toEqual([
        'value=%C3%A4%20%22b%22%2C%20c; path=/; samesite=lax; httponly',
        'signed=%C3%A4%20%22b%22%2C%20c; path=/; samesite=lax; httponly',
        expect.stringMatching(/^signed\.sig=[\w-]+; path=\/; samesite=lax; httponly$/),
      ])
    })
  })
})

describe('signed', () => {
  test('a value that was changed is not given', async () => {
    class App {
      @Get('/set') set() {
        return makeResponse('set').setCookie('user', '7', {
          signed: true,
          maxAge: 1000,
          path: '/',
          domain: 'localhost',
        })
      }
      @Get('/get') get(ctx: Context) {
        return [ctx.cookies.get('user', { signed: true }), ctx.cookies.get('user')]
      }
    }
    const client = clientOf(App)
    const cookies = setCookies(await client.get('/set'))
    expect(cookies).toEqual([
      'user=7; path=/; domain=localhost; max-age=1; samesite=lax; httponly',
      expect.stringMatching(/^user\.sig=[\w-]+; path=\/; domain=localhost; max-age=1; samesite=lax; httponly$/),
    ])
    expect((await client.get('/get')).json()).toEqual(['7', '7'])
    client.cookies.set('user', '8')
    expect((await client.get('/get')).json()).toEqual([null, '8'])
  })

  test('needs keys', async () => {
    const set = (ctx: Context) => ctx.response.setCookie('a', 'b', { signed: true })
    expect(await thrown(set, { secretKey: undefined })).toBe(
      "TypeError: setCookie('a'): signed: true needs keys: the option secretKey of bootstrap, or app.keys",
    )
  })
})

describe('one cookie', () => {
  test('of several, the last counts', async () => {
    const fields = await written(({ response, cookies }) => {
      cookies.set('a', 'koa')
      response.setCookie('b', '1', { signed: true })
      response.setCookie('a', '2', { maxAge: 1000 }).setCookie('b', '3', { domain: '.Localhost' })
      response.setCookie('a', '4', { path: '/a' }).setCookie('b', '5').setCookie('b', '6', { domain: 'localhost' })
    })
    expect(fields.map(field => field.replace('; samesite=lax; httponly', ''))).toEqual([
      'a=2; path=/; max-age=1',
      'a=4; path=/a',
      'b=5; path=/',
      'b=6; path=/; domain=localhost',
    ])
  })

  test('a field that other code has written as one text', async () => {
    const fields = await written(({ response, res }) => {
      res.setHeader('Set-Cookie', 'other=1')
      response.setCookie('a', '2')
    })
    expect(fields).toEqual(['other=1', 'a=2; path=/; samesite=lax; httponly'])
  })
})

describe('deleteCookie', () => {
  const over = 'max-age=0; expires=Thu, 01 Jan 1970 00:00:00 GMT; samesite=lax; httponly'

  test('deletes a cookie and its signature', async () => {
    expect(await written(ctx => ctx.response.deleteCookie('a'))).toEqual([
      `a=; path=/; ${over}`,
      `a.sig=; path=/; ${over}`,
    ])
    const scope = { path: '/a', domain: 'localhost' }
    expect(await written(ctx => ctx.response.deleteCookie('a', scope), { secretKey: undefined })).toEqual([
      `a=; path=/a; domain=localhost; ${over}`,
    ])
  })

  test('takes back what was set before, and is taken back by what is set after', async () => {
    const set = ({ response }: Context) => response.setCookie('a', 'b', { signed: true })
    const both = (ctx: Context) => set(ctx).deleteCookie('a')
    expect(await written(both)).toEqual([`a=; path=/; ${over}`, `a.sig=; path=/; ${over}`])
    const again = (ctx: Context) => ctx.response.deleteCookie('a').setCookie('a', 'c')
    expect(await written(again)).toEqual(['a=c; path=/; samesite=lax; httponly'])
  })

  test('in a client', async () => {
    class App {
      @Get('/admin/set') set({ response }: Context) {
        return (response.setCookie('a', '1', { path: '/admin', signed: true }).setCookie('b', '2'), 'set')
      }
      @Get('/delete') delete({ response }: Context) {
        return (response.deleteCookie('a', { path: '/admin' }).deleteCookie('b'), 'deleted')
      }
    }
    const client = clientOf(App)
    await client.get('/admin/set')
    expect(Array.from(client.cookies, ({ name }) => name)).toEqual(['a', 'a.sig', 'b'])
    await client.get('/delete')
    expect([...client.cookies]).toEqual([])
  })
})

describe.each(worlds)('which responses have a cookie, %s', (_, make) => {
  class App {
    @BeforeRequest before({ response }: Context) {
      response.setCookie('request', '1')
    }
    @Get('/view') view({ response }: Context) {
      response.setCookie('view', '1')
      return 'view'
    }
    @Get('/made') made({ response }: Context) {
      response.setCookie('view', '1')
      return makeResponse('made', 201).setCookie('made', '1')
    }
    @Get('/redirect') redirect({ response }: Context) {
      response.setCookie('view', '1')
      return redirect('/').setCookie('made', '1')
    }
    @Get('/aborts') aborts({ response }: Context): string {
      response.setCookie('view', '1').deleteCookie('request')
      abort(409)
    }
    @Get('/handled') handled({ response }: Context): string {
      response.setCookie('view', '1')
      throw new RangeError('from the view')
    }
    @Get('/fails') fails({ response }: Context): string {
      response.setCookie('view', '1')
      throw new Error('from the view')
    }
    @ErrorHandler(RangeError) range(_: unknown, { response }: Context) {
      response.setCookie('handler', '1')
      return 'handled'
    }
    @AfterRequest after(response: KoaResponse, ctx: Context) {
      if (ctx.query.after === 'made') return makeResponse('after').setCookie('after', '1')
      return ctx.query.after === undefined ? response : response.setCookie('after', '1')
    }
  }

  test.each([
    ['/view', ['request', 'view']],
    ['/view?after', ['request', 'view', 'after']],
    ['/view?after=made', ['request', 'after']],
    ['/made', ['request', 'view', 'made']],
    ['/redirect', ['request', 'view', 'made']],
    ['/aborts', ['request']],
    ['/handled', ['request', 'handler']],
    ['/fails', ['request']],
    ['/none', ['request']],
  ])('%s: %j', async (path, names) => {
    const response = await testClient(make(App, [])).get(path)
    expect(setCookies(response).map(field => field.split('=')[0])).toEqual(names)
  })
})

describe('mistakes', () => {
  const set = (name: unknown, value: unknown, options?: unknown) => (ctx: Context) =>
    ctx.response.setCookie(name as string, value as string, options as CookieOptions)
  const remove = (name: unknown, options?: unknown) => (ctx: Context) =>
    ctx.response.deleteCookie(name as string, options as CookieOptions)

  test.each<[string, (ctx: Context) => unknown]>([
    ['setCookie: a cookie can\'t have the name ""', set('', 'b')],
    ['setCookie: a cookie can\'t have the name "a b"', set('a b', 'b')],
    ['setCookie: a cookie can\'t have the name "a;"', set('a;', 'b')],
    ["deleteCookie: a cookie can't have the name 5", remove(5)],
    ["setCookie('a'): the value must be a text, not 5", set('a', 5)],
    ["setCookie('a'): the value must be a text, not undefined", set('a', undefined)],
    ["setCookie('a'): the value has half of a surrogate pair", set('a', '\ud800')],
    ["setCookie('a'): name and value have 4097 bytes, and browsers keep at most 4096", set('a', 'x'.repeat(4095))],
    ["setCookie('a'): the options must be an object, not 5", set('a', 'b', 5)],
    [
      "setCookie('a') has no option 'httponly'. It has: path, domain, secure, httpOnly, sameSite, partitioned, maxAge, " +
        'expires, priority, signed',
      set('a', 'b', { httponly: true }),
    ],
    [
      "deleteCookie('a') has no option 'maxAge'. It has: path, domain, secure, httpOnly, sameSite, partitioned",
      remove('a', { maxAge: 5 }),
    ],
    ["setCookie('a'): the option path must be a path that begins with '/', not \"x\"", set('a', 'b', { path: 'x' })],
    ["setCookie('a'): the option path must be a path that begins with '/', not \"/;\"", set('a', 'b', { path: '/;' })],
    ['setCookie(\'a\'): the option domain must be a host name, not "a b"', set('a', 'b', { domain: 'a b' })],
    ["setCookie('a'): the option secure must be true or false, not 1", set('a', 'b', { secure: 1 })],
    [
      "setCookie('a'): the option sameSite must be 'lax', 'strict', 'none', false, not \"Lax\"",
      set('a', 'b', { sameSite: 'Lax' }),
    ],
    [
      "setCookie('a'): the option maxAge must be a number of milliseconds from 0 up, not -1",
      set('a', 'b', { maxAge: -1 }),
    ],
    [
      "setCookie('a'): the option maxAge must be a number of milliseconds from 0 up, not NaN",
      set('a', 'b', { maxAge: NaN }),
    ],
    [
      "setCookie('a'): the option expires must be a valid Date, not an object of class Date",
      set('a', 'b', { expires: new Date('x') }),
    ],
    ["setCookie('a'): the option expires must be a valid Date, not 5", set('a', 'b', { expires: 5 })],
    [
      "setCookie('a'): browsers refuse a cookie with sameSite: 'none' unless it has secure: true",
      set('a', 'b', { sameSite: 'none' }),
    ],
    [
      "setCookie('a'): browsers refuse a cookie with partitioned: true unless it has secure: true",
      set('a', 'b', { partitioned: true }),
    ],
    [
      "setCookie('__Secure-a'): browsers refuse a cookie with such a name unless it has secure: true",
      set('__Secure-a', 'b'),
    ],
    [
      "deleteCookie('__Host-a'): browsers refuse a cookie with such a name unless it has secure: true",
      remove('__Host-a'),
    ],
    [
      "setCookie('__Host-a'): browsers refuse a cookie with such a name unless its path is '/' and it has no domain",
      set('__Host-a', 'b', { secure: true, path: '/a' }),
    ],
    [
      "setCookie('__Host-a'): browsers refuse a cookie with such a name unless its path is '/' and it has no domain",
      set('__Host-a', 'b', { secure: true, domain: 'localhost' }),
    ],
  ])('%s', async (message, act) => {
    expect(await thrown(act)).toBe(`TypeError: ${message}`)
  })

  test('too late: the fields are out', async () => {
    const act = (ctx: Context) => {
      ctx.res.flushHeaders()
      ctx.response.setCookie('a', 'b')
    }
    expect(await thrown(act)).toContain('ERR_HTTP_HEADERS_SENT')
  })
})

describe('a name that is taken', () => {
  class App {
    @Get('/') index() {
      return 'index'
    }
  }
  const text =
    "FLASKOA_BAD_OPTION the application's response already has a property 'setCookie', the function setCookie, where flaskoa " +
    'puts a method of its own. Leave out the library that adds it: response.setCookie() and response.deleteCookie() write ' +
    'cookies.'

  test('in a Koa application: a set-up error', async () => {
    const app = new Koa()
    app.silent = true
    const errors: unknown[] = []
    app.on('error', error => errors.push(error))
    Object.assign(app.response, { setCookie() {} })
    app.use(lifecycle(App))
    expect((await testClient(app).get('/')).status).toBe(500)
    expect(
      setupError(() => {
        throw errors[0] as Error
      }),
    ).toBe(text)
  })

  test('two lifecycles in one application have the same methods', async () => {
    class Second {
      @Get('/second') second({ response }: Context) {
        response.setCookie('a', 'b')
        return 'second'
      }
    }
    const client = testClient(koaOf(lifecycle(App), lifecycle(Second)))
    expect(setCookies(await client.get('/second'))).toEqual(['a=b; path=/; samesite=lax; httponly'])
  })
})
