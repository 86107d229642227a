import { bodyParser } from '@koa/bodyparser'
import { BeforeRequest, ErrorHandler, Post, makeResponse, type Context } from 'flaskoa'
import { ask } from '../support/ask'
import { serve } from '../support/serve'
import { worlds } from '../support/worlds'

const echo = ({ request }: Context) => ({ got: request.body, type: request.type })

class App {
  @Post('/') index(ctx: Context) {
    return echo(ctx)
  }

  @ErrorHandler(413) large() {
    return makeResponse({ large: true }, 413)
  }
}

const parse = bodyParser({ jsonLimit: '1kb' })

class Parsing extends App {
  @BeforeRequest async parse(ctx: Context) {
    await parse(ctx, async () => {})
  }
}

const json = (value: unknown) => ({
  method: 'POST',
  headers: { 'Content-Type': 'application/json' },
  body: JSON.stringify(value),
})
const large = json({ large: 'x'.repeat(2000) })

describe.each(worlds)('@koa/bodyparser %s', (_, make) => {
  test.each([
    ['as middleware', () => make(App, [parse])],
    ['called in a before method', () => make(Parsing, [])],
  ])('%s', async (_, app) => {
    await serve(app(), async url => {
      expect(JSON.parse((await ask(url, json({ a: ['ü'] }))).text)).toEqual({
        got: { a: ['ü'] },
        type: 'application/json',
      })
      const form = { 'Content-Type': 'application/x-www-form-urlencoded' }
      const { text } = await ask(url, { method: 'POST', headers: form, body: 'a=b&c=d' })
      expect(JSON.parse(text)).toEqual({ got: { a: 'b', c: 'd' }, type: 'application/x-www-form-urlencoded' })
    })
  })

  test('its errors reach a handler when it is called in a before method', async () => {
    await serve(make(Parsing, []), async url => {
      const { status, text } = await ask(url, large)
      expect([status, JSON.parse(text)]).toEqual([413, { large: true }])
    })
    await serve(make(App, [parse]), async url => {
      const { status, headers } = await ask(url, large)
      expect([status, headers['content-type']]).toEqual([413, 'text/plain; charset=utf-8'])
    })
  })

  test('a body that it can’t parse is a 400: outside of the lifecycle, or converted to an HTTP error', async () => {
    const nonsense = { ...json({}), body: '{"a":' }
    const parseOrThrow = bodyParser({ onError: (error, ctx) => ctx.throw(400, error.message) })
    class Throwing extends App {
      @BeforeRequest async parse(ctx: Context) {
        await parseOrThrow(ctx, async () => {})
      }

      @ErrorHandler(400) bad() {
        return makeResponse({ bad: true }, 400)
      }
    }
    await serve(make(App, [parse]), async url => expect((await ask(url, nonsense)).status).toBe(400))
    await serve(make(Throwing, []), async url => expect((await ask(url, nonsense)).text).toBe('{"bad":true}'))
  })
})
