import responseTime from 'koa-response-time'
import { Get } from 'flaskoa'
import { ask } from '../support/ask'
import { serve } from '../support/serve'
import { worlds } from '../support/worlds'

class App {
  @Get('/') index() {
    return 'index'
  }

  @Get('/later') async later() {
    await new Promise(setImmediate)
    return 'later'
  }

  @Get('/fail') fail(): string {
    throw new Error('from the view')
  }
}

test.each(worlds)('koa-response-time %s', async (_, make) => {
  await serve(make(App, [responseTime()]), async url => {
    for (const path of ['/', '/later', '/fail', '/unknown']) {
      expect((await ask(url + path)).headers['x-response-time']).toMatch(/^\d+ms$/)
    }
  })
})
