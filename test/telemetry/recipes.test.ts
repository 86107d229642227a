import { pino, type Logger as PinoLogger } from 'pino'
import { Histogram, Registry } from 'prom-client'
import { AfterResponse, Get, bootstrap, type Context, type Outcome } from 'flaskoa'
import { ask } from '../support/ask'
import { serve } from '../support/serve'
import { until } from '../support/until'

/** The recipes of docs/observability.md, and what they write. */
describe('a log of accesses with pino', () => {
  class App {
    @Get('/users/<int:id>') user({ id }: { id: number }, { log }: Context) {
      ;(log as PinoLogger).info({ id }, 'looked for a user')
      return { id }
    }
    @Get('/failing') failing(): string {
      throw new Error('failed')
    }
    @AfterResponse access({ status, durationMs, route }: Outcome, { log, method, path }: Context) {
      ;(log as PinoLogger).info({ status, durationMs, route }, `${method} ${path}`)
    }
  }

  let lines: Record<string, unknown>[]
  const write = (line: string) => lines.push(JSON.parse(line) as Record<string, unknown>)
  beforeEach(() => (lines = []))

  test('has the id of the request in each of its lines', async () => {
    const headers = { 'X-Request-Id': 'abc-1' }
    await serve(bootstrap(App, { logger: pino({}, { write }) }), async url => {
      await ask(`${url}/users/5`, { headers })
      await until('the access is logged', () => lines.length === 2)
    })
    expect(lines).toMatchObject([
      { requestId: 'abc-1', msg: 'looked for a user', id: 5 },
      { requestId: 'abc-1', msg: 'GET /users/5', status: 200, route: '/users/<int:id>' },
    ])
    expect(lines[1]?.durationMs).toBeGreaterThan(0)
  })

  test('has it in the line of an unhandled error, and one id for each request', async () => {
    await serve(bootstrap(App, { logger: pino({}, { write }) }), async url => {
      for (const expected of [2, 4]) {
        await ask(`${url}/failing`)
        await until('the access is logged', () => lines.length === expected)
      }
    })
    const [first, access, second] = lines
    expect(first).toMatchObject({ level: 50, err: { message: 'failed' } })
    expect(access).toMatchObject({ status: 500, route: '/failing', requestId: first?.requestId })
    expect(second?.requestId).not.toBe(first?.requestId)
  })
})

test('metrics with prom-client have labels by rule, never by URL', async () => {
  const register = new Registry()
  const duration = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Duration of HTTP requests, by rule',
    labelNames: ['method', 'route', 'status'],
    registers: [register],
  })
  const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']
  class App {
    @Get('/users/<int:id>') user({ id }: { id: number }) {
      return { id }
    }
    @Get('/metrics') async metrics(ctx: Context) {
      ctx.type = register.contentType
      return register.metrics()
    }
    @AfterResponse measure({ status, durationMs, route = 'no route' }: Outcome, ctx: Context) {
      const method = METHODS.includes(ctx.method) ? ctx.method : 'other'
      duration.observe({ method, route, status }, durationMs / 1000)
    }
  }
  await serve(bootstrap(App), async url => {
    for (const path of ['/users/5', '/users/6', '/secret/7']) await ask(url + path)
    await ask(`${url}/users/5`, { method: 'PURGE' })
    const measured = async () => (await ask(`${url}/metrics`)).text.match(/^http_request_duration_seconds_count.*$/gm)
    await until('all are measured', async () => (await measured())?.some(line => line.includes('other')))
    const { headers, text } = await ask(`${url}/metrics`)
    expect(headers['content-type']).toMatch(/^text\/plain; version=/)
    expect(text.match(/^http_request_duration_seconds_count.*$/gm)?.filter(line => !line.includes('/metrics'))).toEqual(
      [
        'http_request_duration_seconds_count{method="GET",route="/users/<int:id>",status="200"} 2',
        'http_request_duration_seconds_count{method="GET",route="no route",status="404"} 1',
        'http_request_duration_seconds_count{method="other",route="no route",status="405"} 1',
      ],
    )
    expect(text).not.toMatch(/secret|users\/5/)
  })
})
