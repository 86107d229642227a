import helmet from 'koa-helmet'
import { Get, abort } from 'flaskoa'
import { ask } from '../support/ask'
import { serve } from '../support/serve'
import { worlds } from '../support/worlds'

class App {
  @Get('/') index() {
    return '<p>index'
  }

  @Get('/refused') refused() {
    return abort(401, 'log in')
  }

  @Get('/fail') fail(): string {
    throw new Error('from the view')
  }
}

describe.each(worlds)('koa-helmet %s', (_, make) => {
  test.each([
    ['/', 200],
    ['/refused', 401],
    ['/fail', 500],
    ['/unknown', 404],
  ])('protects the response of %s', async (path, status) => {
    await serve(make(App, [helmet({ frameguard: { action: 'deny' } })]), async url => {
      const answer = await ask(url + path)
      expect([answer.status, answer.headers]).toEqual([
        status,
        expect.objectContaining({
          'content-security-policy': expect.stringContaining("default-src 'self'"),
          'x-content-type-options': 'nosniff',
          'x-frame-options': 'DENY',
          'strict-transport-security': expect.stringContaining('max-age='),
        }),
      ])
    })
  })
})
