import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import compress from 'koa-compress'
import { ErrorHandler, Get, abort, streamWithContext, type Context } from 'flaskoa'
import { ask } from '../support/ask'
import { serve } from '../support/serve'
import { worlds } from '../support/worlds'

const LONG = 'flaskoa '.repeat(500)
const gzip = { headers: { 'Accept-Encoding': 'gzip' } }

class App {
  @Get('/json') json() {
    return { long: LONG }
  }

  @Get('/short') short() {
    return 'short'
  }

  @Get('/stream') stream() {
    return streamWithContext(function* () {
      yield LONG
      yield 'end'
    })
  }

  @Get('/blob') blob() {
    return new Blob([LONG], { type: 'text/css' })
  }

  @Get('/set-blob') setBlob(ctx: Context) {
    ctx.body = new Blob([LONG], { type: 'text/css' })
    return ctx.response
  }

  @Get('/none') none() {
    return abort(404)
  }

  @ErrorHandler(404) missing() {
    return { missing: LONG }
  }
}

describe.each(worlds)('koa-compress %s', (_, make) => {
  const app = () => make(App, [compress()])

  test.each(['/json', '/none', '/blob', '/set-blob'])('%s is sent compressed, and can be decompressed', async path => {
    await serve(app(), async url => {
      const zipped = await ask(url + path, gzip)
      const plain = await ask(url + path)
      expect(zipped.headers).toMatchObject({ 'content-encoding': 'gzip', vary: 'Accept-Encoding' })
      expect(zipped.headers['content-length']).toBeUndefined()
      expect(gunzipSync(zipped.bytes).toString()).toBe(plain.text)
      expect(zipped.bytes.length).toBeLessThan(plain.bytes.length / 10)
      expect(plain.headers).toMatchObject({ vary: 'Accept-Encoding', 'content-length': String(plain.bytes.length) })
    })
  })

  test('a stream is compressed as it goes', async () => {
    await serve(make(App, [compress({ filter: () => true })]), async url => {
      const { bytes, headers } = await ask(`${url}/stream`, { headers: { 'Accept-Encoding': 'br' } })
      expect([headers['content-encoding'], brotliDecompressSync(bytes).toString()]).toEqual(['br', `${LONG}end`])
    })
  })

  test('a short response, or one to HEAD, is not compressed', async () => {
    await serve(app(), async url => {
      const { headers, text } = await ask(`${url}/short`, gzip)
      expect([headers['content-encoding'], headers['content-length'], text]).toEqual([undefined, '5', 'short'])
      const head = await ask(`${url}/json`, { ...gzip, method: 'HEAD' })
      expect([head.headers['content-encoding'], head.text]).toEqual([undefined, ''])
    })
  })
})
