import { stripVTControlCharacters } from 'node:util'
import logger from 'koa-logger'
import { Get, streamWithContext } from 'flaskoa'
import { ask } from '../support/ask'
import { log, note } from '../support/log'
import { serve } from '../support/serve'
import { worlds } from '../support/worlds'

class App {
  @Get('/') index() {
    return 'index'
  }

  @Get('/stream') stream() {
    return streamWithContext(['a', 'b'])
  }

  @Get('/fail') fail(): string {
    throw new Error('from the view')
  }
}

const plain = (line: string) => stripVTControlCharacters(line).trim().replace(/\d+ms/, 'time')

test.each(worlds)('koa-logger %s', async (_, make) => {
  await serve(make(App, [logger(line => note(plain(line)))]), async url => {
    for (const path of ['/', '/stream', '/fail', '/unknown?a=b']) {
      await ask(url + path)
      while (log.length % 2 === 1) await new Promise(setImmediate) // it writes when the response is out
    }
  })
  expect(log).toEqual([
    ...['<-- GET /', '--> GET / 200 time 5b'],
    ...['<-- GET /stream', '--> GET /stream 200 time -'],
    ...['<-- GET /fail', expect.stringMatching(/^--> GET \/fail 500 time \d+b$/)],
    ...['<-- GET /unknown?a=b', expect.stringMatching(/^--> GET \/unknown\?a=b 404 time \d+b$/)],
  ])
})

test.each(worlds)('koa-logger %s sees an error that leaves the lifecycle', async (_, make) => {
  await serve(make(App, [logger(line => note(plain(line)))], { propagateExceptions: true }), async url => {
    expect((await ask(`${url}/fail`)).status).toBe(500)
  })
  expect(log).toEqual(['<-- GET /fail', 'xxx GET /fail 500 time -'])
})
