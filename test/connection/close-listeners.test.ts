import { Readable } from 'node:stream'
import type Koa from 'koa'
import { AfterResponse, Get, streamWithContext, TeardownRequest, type Context } from 'flaskoa'
import { ask } from '../support/ask'
import { settled } from '../support/gate'
import { serve } from '../support/serve'
import { koaOf, worlds } from '../support/worlds'

// Node warns above ten listeners of one event, and libraries that watch requests add their own.

let counts: number[] = []
beforeEach(() => (counts = []))

/** Counts the 'close' listeners of its response while it is sent. */
async function* counting(ctx: Koa.Context) {
  yield 'first'
  await settled()
  counts.push(ctx.res.listenerCount('close'))
  yield 'last'
}

class App {
  @Get('/plain') plain(ctx: Context) {
    ctx.signal.addEventListener('abort', () => undefined)
    return Readable.from(counting(ctx))
  }
  @Get('/held') held(ctx: Context) {
    return streamWithContext(() => counting(ctx))
  }
  @TeardownRequest() teardown() {}
  @AfterResponse() over() {}
}

test.each(worlds)("%s, a streamed response has at most as many 'close' listeners as Koa's", async (_, make) => {
  const koa = koaOf(ctx => void (ctx.body = Readable.from(counting(ctx))))
  await serve(koa, url => ask(url))
  await serve(make(App, []), async url => {
    await ask(`${url}/plain`)
    await ask(`${url}/held`)
  })
  const [most, ...own] = counts as [number, ...number[]]
  expect(own).toHaveLength(2)
  for (const count of own) expect(count).toBeLessThanOrEqual(most)
})
