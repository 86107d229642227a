import cors from '@koa/cors'
import { ErrorHandler, Get, Post, abort } from 'flaskoa'
import { ask } from '../support/ask'
import { log, note } from '../support/log'
import { serve } from '../support/serve'
import { worlds } from '../support/worlds'

class App {
  @Get('/') index() {
    return 'index'
  }

  @Post('/save') save() {
    return note('view', 'saved')
  }

  @Get('/handled') handled() {
    return abort(403)
  }

  @Get('/fail') fail(): string {
    throw new Error('from the view')
  }

  @ErrorHandler(403) forbidden() {
    return 'not you'
  }
}

const from = { Origin: 'http://client.example' }

describe.each(worlds)('@koa/cors %s', (_, make) => {
  const app = (options = {}) => make(App, [cors({ origin: 'http://client.example', credentials: true })], options)

  test.each([
    ['/', 200],
    ['/handled', 200],
    ['/fail', 500],
    ['/unknown', 404],
  ])('its fields are in the response of %s', async (path, status) => {
    await serve(app(), async url => {
      const { status: sent, headers } = await ask(url + path, { headers: from })
      expect([sent, headers['access-control-allow-origin'], headers['access-control-allow-credentials']]).toEqual([
        ...[status, 'http://client.example', 'true'],
      ])
      expect(headers.vary).toBe('Origin')
    })
  })

  test('they stay when an error leaves the lifecycle', async () => {
    await serve(app({ propagateExceptions: true }), async url => {
      const { status, headers } = await ask(`${url}/fail`, { headers: from })
      expect([status, headers['access-control-allow-origin']]).toEqual([500, 'http://client.example'])
    })
  })

  test('it answers a preflight itself', async () => {
    const headers = { ...from, 'Access-Control-Request-Method': 'POST', 'Access-Control-Request-Headers': 'x-a' }
    await serve(app(), async url => {
      const answer = await ask(`${url}/save`, { method: 'OPTIONS', headers })
      expect([answer.status, answer.headers['access-control-allow-headers'], answer.headers.allow]).toEqual([
        ...[204, 'x-a', undefined],
      ])
      expect(answer.headers['access-control-allow-methods']).toContain('POST')
      expect(log).toEqual([])
    })
  })

  test('an OPTIONS request that is not a preflight is answered by the lifecycle', async () => {
    await serve(app(), async url => {
      const { status, headers } = await ask(`${url}/save`, { method: 'OPTIONS', headers: from })
      expect([status, headers.allow]).toEqual([200, 'OPTIONS, POST'])
    })
  })
})
