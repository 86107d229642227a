import type Koa from 'koa'
import koaSession from 'koa-session'
import { AfterRequest, Get, Post, lifecycle, session, type Response } from 'flaskoa'
import { ask, type Answer } from '../support/ask'
import { serve } from '../support/serve'
import { koaOf, worlds } from '../support/worlds'

class App {
  @Post('/count') count() {
    session.count = (session.count ?? 0) + 1
    return String(session.count)
  }

  @Get('/count') read() {
    return String(session.count)
  }

  @Post('/fail') fail(): string {
    session.count = 99
    throw new Error('from the view')
  }

  @Post('/clear') clear() {
    session.clear()
    return ''
  }

  @AfterRequest after(response: Response) {
    response.set('X-After', String(session.count))
    return response
  }
}

const cookies = (headers: Answer['headers']) =>
  (headers['set-cookie'] ?? []).map(each => each.slice(0, each.indexOf(';'))).join('; ')

/** The session keeps its count from one request to the next, also when one of them fails. */
async function counts(app: Koa): Promise<void> {
  await serve(app, async url => {
    const first = await ask(`${url}/count`, { method: 'POST' })
    expect([first.text, first.headers['x-after']]).toEqual(['1', '1'])
    const Cookie = cookies(first.headers)
    const second = await ask(`${url}/count`, { method: 'POST', headers: { Cookie } })
    expect(second.text).toBe('2')
    expect((await ask(`${url}/count`, { headers: { Cookie: cookies(second.headers) } })).text).toBe('2')
    const forged = Cookie.replace(/=./, '=X')
    expect((await ask(`${url}/count`, { headers: { Cookie: forged } })).text).toBe('undefined')
    expect((await ask(`${url}/fail`, { method: 'POST', headers: { Cookie } })).status).toBe(500)
  })
}

test.each(worlds)('koa-session, as flaskoa opens it, %s', async (_, make) => {
  const app = make(App, [], { secretKey: 'secret' })
  await counts(app)
  await serve(app, async url => {
    const Cookie = cookies((await ask(`${url}/count`, { method: 'POST' })).headers)
    const { headers } = await ask(`${url}/clear`, { method: 'POST', headers: { Cookie } })
    expect(headers['set-cookie']?.[0]).toMatch(/=; .*expires=Thu, 01 Jan 1970/)
  })
})

test('koa-session of the application’s own is the session', async () => {
  const app = koaOf()
  app.keys = ['secret']
  app.use(koaSession({ key: 'own' }, app as never) as Koa.Middleware)
  app.use(lifecycle(App))
  await counts(app)
})
