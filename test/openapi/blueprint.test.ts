import Koa from 'koa'
import mount from 'koa-mount'
import { BeforeRequest, Get, bootstrap, lifecycle, makeResponse, type Class, type Context } from 'flaskoa'
import { openapi, openapiBlueprint, type OpenApiBlueprintOptions } from 'flaskoa/openapi'
import { testClient } from 'flaskoa/testing'
import { setupError } from '../support/setup-error'
import { ask } from '../support/ask'
import { serve } from '../support/serve'
import { info } from './documented'

class App {
  @Get('/')
  index() {
    return 'index'
  }
}

const appOf = (options: Partial<OpenApiBlueprintOptions> = {}) =>
  bootstrap(App, { blueprints: [openapiBlueprint({ info, ...options })] })

describe('the document', () => {
  test('is that of the application, without the routes of the blueprint', async () => {
    const app = appOf()
    const response = await testClient(app).get('/openapi.json')
    expect(response.status).toBe(200)
    expect(response.headers['content-type']).toBe('application/json; charset=utf-8')
    expect(response.json()).toEqual(openapi(app, { info }))
    expect(Object.keys(openapi(app, { info }).paths)).toEqual(['/'])
  })

  test('is served without an instance of the option resolve, which knows the controllers of the user only', async () => {
    const container = new Map<unknown, App>([[App, new App()]])
    const resolve = (controller: Class) => container.get(controller) as App
    for (const docs of ['/docs', false] as const) {
      const app = bootstrap(App, { resolve, blueprints: [openapiBlueprint({ info, docs })] })
      expect((await testClient(app).get('/openapi.json')).status).toBe(200)
    }
  })

  test('with a security scheme that is not described is refused by bootstrap', () => {
    class Guarded {
      @Get('/', { doc: { security: [{ key: [] }] } })
      index() {
        return ''
      }
    }
    const made = (about: Partial<OpenApiBlueprintOptions>) =>
      bootstrap(Guarded, { blueprints: [openapiBlueprint({ info, ...about })] })
    expect(setupError(() => made({}))).toMatch("openapi: index needs the security scheme 'key'")
    expect(setupError(() => made({ security: [{ bearer: [] }] }))).toMatch(
      'the option security needs the security scheme',
    )
    expect(setupError(() => made({ docs: false }))).toMatch("openapi: index needs the security scheme 'key'")
    made({ securitySchemes: { key: { type: 'apiKey', in: 'header', name: 'Key' } } })
  })

  test('is made once', async () => {
    let read = 0
    const about = {
      title: 'Shop',
      get version() {
        read++
        return '1'
      },
    }
    const client = testClient(bootstrap(App, { blueprints: [openapiBlueprint({ info: about, docs: false })] }))
    const before = read
    await client.get('/openapi.json')
    const once = read - before
    await client.get('/openapi.json')
    expect([once > 0, read - before]).toEqual([true, once])
  })

  test('has the place where it is mounted as its server, unless the options name one', async () => {
    const servers = async (app: Koa, path: string) =>
      (await testClient(app).get(path)).json<{ servers?: object }>().servers
    const inner = appOf({ docs: false })
    const outer = new Koa().use(mount('/api', inner)).use(mount('/v2', inner))
    expect(await servers(outer, '/api/openapi.json')).toEqual([{ url: '/api' }])
    expect(await servers(outer, '/v2/openapi.json')).toEqual([{ url: '/v2' }])
    expect(await servers(inner, '/openapi.json')).toBeUndefined()
    const named = appOf({ docs: false, servers: [{ url: 'https://example.com' }] })
    expect(await servers(new Koa().use(mount('/api', named)), '/api/openapi.json')).toEqual([
      { url: 'https://example.com' },
    ])
  })

  test('is that of its own lifecycle in a Koa application with several', async () => {
    class Other {
      @Get('/other')
      other() {
        return ''
      }
    }
    const app = new Koa().use(lifecycle(Other)).use(lifecycle(App, { blueprints: [openapiBlueprint({ info })] }))
    expect((await testClient(app).get('/openapi.json')).json()).toMatchObject({ paths: { '/': {} } })
  })
})

describe('the page', () => {
  test('has no script and no style in it, and its policy allows none', async () => {
    const { status, headers, text } = await testClient(appOf({ info: { title: '<b> & "c"', version: '1' } })).get(
      '/docs',
    )
    expect([status, headers['content-type']]).toEqual([200, 'text/html; charset=utf-8'])
    expect(text).toContain('<title>&lt;b&gt; &amp; &quot;c&quot;</title>')
    expect(text).not.toMatch(/<script>|<style|style=|\son\w+=/)
    expect(headers['content-security-policy']).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    )
    expect(headers['x-content-type-options']).toBe('nosniff')
  })

  test('its policy allows requests to the servers of the document', async () => {
    const servers = ['https://a.example.com/v1', 'https://a.example.com/v2', '/relative', 'http://[broken'].map(
      url => ({ url }),
    )
    const { headers } = await testClient(appOf({ servers })).get('/docs')
    expect(headers['content-security-policy']).toContain("connect-src 'self' https://a.example.com;")
  })

  test('its files have types, an entity tag, and may not be sniffed', async () => {
    const client = testClient(appOf())
    const { text } = await client.get('/docs')
    const files = [...text.matchAll(/(?:src|href)="\.(\/docs\/[^"]+)"/g)].map(found => found[1] as string)
    expect(files).toHaveLength(5)
    const types = []
    for (const file of files) {
      const { status, headers } = await client.get(file)
      types.push(`${file} ${status} ${headers['content-type']}`)
      expect(headers).toMatchObject({ 'cache-control': 'no-cache', 'x-content-type-options': 'nosniff' })
      expect((await client.get(file, { headers: { 'If-None-Match': headers.etag as string } })).status).toBe(304)
      expect((await client.get(file, { headers: { 'If-None-Match': '"other"' } })).status).toBe(200)
    }
    expect(types).toEqual([
      '/docs/favicon-32x32.png 200 image/png',
      '/docs/swagger-ui.css 200 text/css; charset=utf-8',
      '/docs/index.css 200 text/css; charset=utf-8',
      '/docs/swagger-ui-bundle.js 200 text/javascript; charset=utf-8',
      '/docs/start.js 200 text/javascript; charset=utf-8',
    ])
  })

  test('no other file can be had', async () => {
    await serve(appOf(), async url => {
      for (const path of [
        'package.json',
        '..%2fpackage.json',
        '%2e%2e/package.json',
        '../package.json',
        'index.html',
        '',
      ]) {
        expect((await ask(`${url}/docs/${path}`)).status).toBe(404)
      }
    })
  })

  test.each<[Partial<OpenApiBlueprintOptions>, string, string, string]>([
    [{ prefix: '/internal' }, '/internal/docs', './docs/start.js', './openapi.json'],
    [{ document: '/v1/spec.json', docs: '/v1/api' }, '/v1/api', './api/start.js', './spec.json'],
    [{ document: '/spec.json', docs: '/a/b/' }, '/a/b/', '../b/start.js', '../../spec.json'],
    [{ document: '/ä b.json', docs: '/x' }, '/x', './x/start.js', './%C3%A4%20b.json'],
    [{ docs: '/docs/', document: '/docs/openapi.json' }, '/docs/', '../docs/start.js', './openapi.json'],
  ])('%j: its URLs are relative', async (options, path, script, document) => {
    const client = testClient(appOf(options))
    const { status, text } = await client.get(path)
    expect(status).toBe(200)
    expect(text).toContain(`src="${script}"`)
    expect(text).toContain(`data-document="${document}"`)
    for (const each of [script, document]) {
      expect((await client.get(new URL(each, `http://localhost${path}`).pathname)).status).toBe(200)
    }
  })

  test('at the root of an application without another page there', async () => {
    class Empty {
      @Get('/x')
      x() {
        return ''
      }
    }
    const client = testClient(bootstrap(Empty, { blueprints: [openapiBlueprint({ info, docs: '/' })] }))
    expect((await client.get('/')).text).toContain('src="./start.js"')
    expect((await client.get('/start.js')).status).toBe(200)
  })

  test('docs: false leaves it out', async () => {
    expect((await testClient(appOf({ docs: false })).get('/docs')).status).toBe(404)
  })
})

test('it is a blueprint as any other: hooks run for it, its name is in its endpoints, and it can be registered otherwise', async () => {
  const endpoints: unknown[] = []
  class Guarded {
    @BeforeRequest
    check(ctx: Context) {
      endpoints.push(ctx.request.endpoint)
      if (ctx.get('Authorization') === '') return makeResponse('log in', 401)
    }

    @Get('/')
    index() {
      return ''
    }
  }
  const blueprint = openapiBlueprint({ info, name: 'reference' })
  const client = testClient(bootstrap(Guarded, { blueprints: [{ blueprint, prefix: '/inner' }] }))
  expect((await client.get('/inner/openapi.json')).status).toBe(401)
  expect((await client.get('/inner/docs', { headers: { Authorization: 'x' } })).status).toBe(200)
  expect((await client.get('/inner/docs/start.js', { headers: { Authorization: 'x' } })).status).toBe(200)
  expect(endpoints).toEqual(['reference.document', 'reference.docs', 'reference.asset'])
})

test.each([
  [
    { document: 'x.json' },
    'openapiBlueprint: document must be a path without variables, like \'/openapi.json\', not "x.json".',
  ],
  [{ document: '/<name>' }, 'document must be a path without variables'],
  [{ docs: true }, "docs must be a path without variables, like '/docs', or false, not true."],
  [{ prefix: 1 }, 'prefix must be a text, not 1.'],
  [{ paths: {} }, "openapiBlueprint has no option 'paths'."],
])('the options %j are refused', (options, message) => {
  expect(setupError(() => openapiBlueprint({ info, ...(options as object) }))).toContain(message)
})
