import { ServerResponse } from 'node:http'
import type Koa from 'koa'
import { onerror } from 'koa-onerror'
import { Get } from 'flaskoa'
import { ask } from '../support/ask'
import { serve } from '../support/serve'
import { koaOf, worlds } from '../support/worlds'

class App {
  @Get('/') index() {
    return 'index'
  }
}

const failing: Koa.Middleware = async (ctx, next) => {
  await next()
  ctx.set({ 'X-Before': 'a', Vary: 'Accept' })
  if (ctx.path === '/fail')
    throw Object.assign(new Error('of the client'), { status: 409, expose: true, headers: { 'X-Error': 'b' } })
}

/** The status, the fields in question and the body. */
async function answered(app: Koa, accept: string) {
  onerror(app)
  const reported: string[] = []
  app.on('error', (error: Error) => reported.push(error.message))
  return serve(app, async url => {
    const { status, headers, text } = await ask(`${url}/fail`, { headers: { Accept: accept } })
    const fields = ['x-before', 'vary', 'x-error', 'content-type', 'content-length'].map(name => headers[name])
    return [status, fields, text, reported]
  })
}

describe.each(worlds)('koa-onerror %s', (_, make) => {
  test.each(['text/plain', 'application/json'])('answers %s as it does in Koa without a lifecycle', async accept => {
    const answer = await answered(make(App, [failing]), accept)
    expect(answer).toEqual(await answered(koaOf(failing), accept))
    expect(answer).toMatchObject([409, {}, expect.stringContaining('of the client'), ['of the client']])
  })

  test('text/plain has the fields of the error, and no others', async () => {
    const [, fields] = await answered(make(App, [failing]), 'text/plain')
    // Node 24 has no such property: there koa-onerror removes no field of any response.
    const kept = '_headers' in ServerResponse.prototype ? [undefined, undefined] : ['a', 'Accept']
    expect(fields).toEqual([...kept, 'b', 'text/plain; charset=utf-8', '13'])
  })
})

test('code for old versions of Node finds and replaces the fields of a response, as in Koa', async () => {
  const old: Koa.Middleware = async (ctx, next) => {
    await next()
    ctx.body = 'new'
    const res = ctx.res as unknown as { _headers?: Record<string, unknown> }
    const names = Object.keys(res._headers ?? {}).filter(name => name !== 'x-content-type-options')
    res._headers = { 'X-Names': names.join() }
    ctx.set('X-Since', 'c')
  }
  const page: Koa.Middleware = ctx => void (ctx.body = '<p>')
  const sent = (app: Koa) =>
    serve(app, async url => {
      const { headers, text } = await ask(url)
      return ['x-names', 'content-type', 'x-since'].map(name => headers[name]).concat(text)
    })
  const inKoa = await sent(koaOf(old, page))
  for (const [, make] of worlds) expect(await sent(make(App, [old]))).toEqual(inKoa)
  if ('_headers' in ServerResponse.prototype)
    expect(inKoa).toEqual(['content-type,content-length', undefined, 'c', 'new'])
})
