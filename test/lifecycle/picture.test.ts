import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import http from 'node:http'
import { join } from 'node:path'
import {
  AfterRequest,
  AfterResponse,
  BeforeRequest,
  ErrorHandler,
  Get,
  TeardownRequest,
  UrlValuePreprocessor,
  bootstrap,
  session,
  type Context,
  type Response,
} from 'flaskoa'
import { Gate } from '../support/gate'
import { serve } from '../support/serve'

/** The lines of docs/lifecycle.svg, from top to bottom. */
const STEPS = [
  ...['UrlValuePreprocessor', 'BeforeRequest', 'view', 'ErrorHandler', 'error event', 'AfterRequest', 'session saved'],
  ...['TeardownRequest', 'response sent', 'AfterResponse'],
]
/** Its columns, from left to right: a request for each. */
const PATHS = ['/success', '/answered', '/nowhere', '/handled', '/unhandled', '/deadline', '/disconnects']

class Known extends Error {}

let log: string[] = []
let waiting = new Gate()
let ended = new Gate()

class App {
  @UrlValuePreprocessor() preprocess() {
    log.push('UrlValuePreprocessor')
  }
  @BeforeRequest() before(ctx: Context) {
    log.push('BeforeRequest')
    session.name = 'Ada'
    return ctx.path === '/answered' ? 'answered' : undefined
  }
  @Get('/success') success() {
    log.push('view')
    return 'success'
  }
  @Get('/answered') answered(): never {
    throw new Error('the before method has answered')
  }
  @Get('/handled') handled(): never {
    log.push('view')
    throw new Known()
  }
  @Get('/unhandled') unhandled(): never {
    log.push('view')
    throw new Error('unhandled')
  }
  @Get('/deadline') async deadline(): Promise<string> {
    log.push('view')
    return new Promise(() => {})
  }
  @Get('/disconnects') async disconnects(ctx: Context) {
    log.push('view')
    void waiting.pass()
    await once(ctx.signal, 'abort')
    ctx.signal.throwIfAborted()
    return 'never sent'
  }
  @ErrorHandler(Known) known() {
    log.push('ErrorHandler')
    return 'handled'
  }
  @AfterRequest() after(response: Response) {
    log.push('AfterRequest')
    return response
  }
  @TeardownRequest() teardown() {
    log.push('TeardownRequest')
  }
  @AfterResponse() sent() {
    log.push('AfterResponse')
    void ended.pass()
  }
}

/** The steps that a request went through, as the application and the client saw them. */
async function stepsOf(url: string, path: string): Promise<string[]> {
  log = []
  waiting = new Gate()
  ended = new Gate()
  const request = http.get(url + path, { agent: false })
  const closed = once(request, 'close').catch(() => {})
  request.on('response', (response: http.IncomingMessage) => {
    log.push('response sent')
    if (response.headers['set-cookie'] !== undefined) log.push('session saved')
    response.resume()
  })
  if (path === '/disconnects') {
    await waiting.reached
    request.destroy()
  }
  await Promise.all([ended.reached, closed])
  return STEPS.filter(step => log.includes(step))
}

/** The same as the picture has it: the steps at which the line of a column has a circle. */
function drawnSteps(): string[][] {
  const picture = readFileSync(join(__dirname, '../../docs/lifecycle.svg'), 'utf8')
  const circles = [...picture.matchAll(/<circle [^>]*cx="([\d.]+)" cy="([\d.]+)"/g)].map(([, x, y]) => [
    Number(x),
    Number(y),
  ])
  const places = (axis: 0 | 1) => [...new Set(circles.map(circle => circle[axis] as number))].sort((a, b) => a - b)
  const [columns, lines] = [places(0), places(1)]
  return columns.map(x => STEPS.filter((_, line) => circles.some(([cx, cy]) => cx === x && cy === lines[line])))
}

test('docs/lifecycle.svg shows the methods that run', async () => {
  const app = bootstrap(App, { secretKey: 'picture', requestTimeout: 300, logger: false })
  app.on('error', () => log.push('error event'))
  const measured = await serve(app, async url => {
    const steps: string[][] = []
    for (const path of PATHS) steps.push(await stepsOf(url, path))
    return steps
  })
  expect(drawnSteps()).toEqual(measured)
})
