import ratelimit from 'koa-ratelimit'
import { Get, TeardownRequest } from 'flaskoa'
import { ask } from '../support/ask'
import { log, note } from '../support/log'
import { serve } from '../support/serve'
import { worlds } from '../support/worlds'

class App {
  @Get('/') index() {
    return note('view', 'index')
  }

  @TeardownRequest teardown() {
    note('teardown')
  }
}

const limit = (options = {}) =>
  ratelimit({ driver: 'memory', db: new Map(), max: 2, id: ctx => ctx.get('X-Client'), ...options })
const client = (name: string) => ({ headers: { 'X-Client': name } })

describe.each(worlds)('koa-ratelimit %s', (_, make) => {
  test('the third request is one too many, and never gets to the lifecycle', async () => {
    await serve(make(App, [limit()]), async url => {
      const left = []
      for (let sent = 0; sent < 3; sent++) {
        const { status, headers } = await ask(url, client('a'))
        left.push([status, headers['x-ratelimit-remaining']])
      }
      expect(left).toEqual([
        [200, '1'],
        [200, '0'],
        [429, '0'],
      ])
      const { text, headers } = await ask(url, client('a'))
      expect([text, headers['retry-after']]).toEqual([
        expect.stringContaining('Rate limit'),
        expect.stringMatching(/\d/),
      ])
      expect((await ask(url, client('b'))).status).toBe(200)
    })
    expect(log).toEqual(['view', 'teardown', 'view', 'teardown', 'view', 'teardown'])
  })

  test('as an error it has its fields as well', async () => {
    await serve(make(App, [limit({ max: 1, throw: true })]), async url => {
      await ask(url, client('a'))
      const { status, headers } = await ask(url, client('a'))
      expect([status, headers['x-ratelimit-limit'], headers['retry-after']]).toEqual([429, '1', expect.any(String)])
    })
  })
})
