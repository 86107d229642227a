import conditional from 'koa-conditional-get'
import etag from '@koa/etag'
import { Get, Post, abort, type Context } from 'flaskoa'
import { ask } from '../support/ask'
import { serve } from '../support/serve'
import { worlds } from '../support/worlds'

class App {
  @Get('/json') json() {
    return { a: 1 }
  }

  @Get('/own') own(ctx: Context) {
    ctx.etag = 'own'
    return 'text'
  }

  @Get('/dated') dated(ctx: Context) {
    ctx.lastModified = new Date('2020-01-01')
    return 'text'
  }

  @Post('/save') save() {
    return 'saved'
  }

  @Get('/none') none() {
    return abort(404)
  }
}

describe.each(worlds)('@koa/etag and koa-conditional-get %s', (_, make) => {
  const app = () => make(App, [conditional(), etag()])

  test.each(['GET', 'HEAD'])('%s: a client that has it already gets 304', async method => {
    await serve(app(), async url => {
      const first = await ask(`${url}/json`)
      const tag = first.headers.etag as string
      expect([first.status, first.text, tag]).toEqual([200, '{"a":1}', expect.stringMatching(/^"7-/)])
      const again = await ask(`${url}/json`, { method, headers: { 'If-None-Match': tag } })
      expect([again.status, again.text, again.headers.etag]).toEqual([304, '', tag])
      expect([again.headers['content-type'], again.headers['content-length']]).toEqual([undefined, undefined])
      const other = await ask(`${url}/json`, { method, headers: { 'If-None-Match': '"other"' } })
      expect(other.status).toBe(200)
    })
  })

  test('an ETag and a date that the view has set', async () => {
    await serve(app(), async url => {
      const own = await ask(`${url}/own`, { headers: { 'If-None-Match': '"own"' } })
      expect([own.status, own.headers.etag]).toEqual([304, '"own"'])
      const later = { 'If-Modified-Since': new Date('2021-01-01').toUTCString() }
      expect((await ask(`${url}/dated`, { headers: later })).status).toBe(304)
      const earlier = { 'If-Modified-Since': new Date('2019-01-01').toUTCString() }
      expect((await ask(`${url}/dated`, { headers: earlier })).text).toBe('text')
    })
  })

  test('an error has no ETag, and a request that changes something always runs', async () => {
    await serve(app(), async url => {
      expect((await ask(`${url}/none`)).headers.etag).toBeUndefined()
      const saved = await ask(`${url}/save`, { method: 'POST', headers: { 'If-None-Match': '*' } })
      expect([saved.status, saved.text]).toEqual([200, 'saved'])
    })
  })
})
