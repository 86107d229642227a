import { BuildError, Get, UrlBuildErrorHandler, bootstrap, urlFor, withAppContext, type UrlOptions } from 'flaskoa'
import { testClient, testRequestContext } from 'flaskoa/testing'
import Koa from 'koa'
import { setupError } from '../support/setup-error'

class App {
  @Get('/users/<int:id>') show({ id }: { id: number }) {
    return String(id)
  }

  @Get('/<endpoint>') link({ endpoint }: { endpoint: string }) {
    return urlFor(endpoint, { id: 5 }, { anchor: 'top' })
  }
}

describe('@UrlBuildErrorHandler', () => {
  class Helpful extends App {
    @UrlBuildErrorHandler() other(error: BuildError, endpoint: string) {
      if (endpoint === 'again') throw new BuildError('asked again', endpoint, error.values, undefined)
      if (endpoint === 'broken') throw new RangeError('broken')
    }

    @UrlBuildErrorHandler
    elsewhere(error: BuildError, endpoint: string, values: Readonly<Record<string, unknown>>, options: UrlOptions) {
      if (endpoint === 'docs') return `https://docs.example/${String(values.id)}#${options.anchor ?? ''}`
      return endpoint === 'again' ? error.message : null
    }
  }
  const client = testClient(bootstrap(Helpful, { testing: true }))

  test('gives a URL for an endpoint that this application does not have (test_basic.py::test_build_error_handler)', async () => {
    expect((await client.get('/docs')).text).toBe('https://docs.example/5#top')
    expect((await client.get('/show')).text).toBe('/users/5#top')
  })

  test('gets the error of the handler before it, and the options of urlFor (test_basic.py::test_url_for_passes_special_values_to_build_error_handler)', async () => {
    expect((await client.get('/again')).text).toContain('asked again')
  })

  test('may return undefined, which keeps the error, or throw another one (test_basic.py::test_build_error_handler_reraise)', async () => {
    await expect(client.get('/nothing')).rejects.toThrow(BuildError)
    await expect(client.get('/broken')).rejects.toThrow(RangeError)
  })
})

describe('urlFor within withAppContext', () => {
  const link = (app: Koa, options?: UrlOptions) => withAppContext(app, () => urlFor('show', { id: 5 }, options))

  test('is absolute, from the option baseUrl (test_appctx.py::test_basic_url_generation)', async () => {
    const app = bootstrap(App, { baseUrl: 'https://example.com/shop/' })
    expect(await link(app)).toBe('https://example.com/shop/users/5')
    expect(await link(app, { scheme: 'http' })).toBe('http://example.com/shop/users/5')
    expect(await link(app, { external: false })).toBe('/shop/users/5')
  })

  test('needs that option, which is checked', async () => {
    await expect(link(bootstrap(App))).rejects.toThrow('set the option baseUrl')
    expect(setupError(() => bootstrap(App, { baseUrl: 'example.com' }))).toContain(
      'the option baseUrl must be an absolute http or https URL without query',
    )
  })
})

test('a context is only for applications with a lifecycle', async () => {
  const message =
    'an application from bootstrap(...), or one that uses lifecycle(...). If one is mounted in this application'
  await expect(withAppContext(new Koa(), () => 1)).rejects.toThrow(message)
  await expect(testRequestContext(new Koa(), '/', () => 1)).rejects.toThrow(message)
})
