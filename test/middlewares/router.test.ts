import type Koa from 'koa'
import Router from '@koa/router'
import { AfterRequest, ErrorHandler, Get, lifecycle, type Context, type Response } from 'flaskoa'
import { ask } from '../support/ask'
import { serve } from '../support/serve'
import { koaOf, worlds } from '../support/worlds'

class App {
  @Get('/view/<int:id>') view({ id }: { id: number }, ctx: Context) {
    return { id, params: ctx.params }
  }

  @ErrorHandler(404) missing() {
    return 'nothing here'
  }

  @AfterRequest stamp(response: Response) {
    response.set('X-After', 'yes')
    return response
  }
}

/** Routes of Koa's own router, beside those of the lifecycle. */
function router(): Router {
  const routes = new Router({ prefix: '/koa' })
  routes.get('user', '/users/:id', ctx => {
    ctx.body = { params: ctx.params, url: routes.url('user', { id: 7 }), matched: ctx._matchedRoute }
  })
  routes.post('/users', ctx => void (ctx.status = 201))
  routes.get('/refused', ctx => ctx.throw(403, 'not you'))
  return routes
}

const middleware = () => {
  const routes = router()
  return [routes.routes(), routes.allowedMethods()] as unknown as Koa.Middleware[]
}

describe.each(worlds)('@koa/router %s', (_, make) => {
  test('in front of the lifecycle, both have their routes', async () => {
    await serve(make(App, middleware()), async url => {
      const user = await ask(`${url}/koa/users/5`)
      expect(JSON.parse(user.text)).toEqual({ params: { id: '5' }, url: '/koa/users/7', matched: '/koa/users/:id' })
      expect(user.headers['x-after']).toBeUndefined()
      expect((await ask(`${url}/koa/users`, { method: 'POST' })).status).toBe(201)
      expect(JSON.parse((await ask(`${url}/view/5`)).text)).toEqual({ id: 5, params: { id: 5 } })
      expect((await ask(`${url}/koa/unknown`)).text).toBe('nothing here')
      expect((await ask(`${url}/koa/refused`)).status).toBe(403)
    })
  })
})

class Plain {
  @Get('/view') view() {
    return 'view'
  }

  @AfterRequest stamp(response: Response) {
    response.set('X-After', 'yes')
    return response
  }
}

describe.each(worlds)('allowedMethods of @koa/router %s', (_, make) => {
  test.each([
    ['PUT', '/koa/users', 405],
    ['DELETE', '/koa/users/5', 405],
    ['OPTIONS', '/koa/users', 200],
    ['TRACE', '/koa/users', 501],
    ['HEAD', '/koa/users', 405],
  ])('%s %s is a %d, as in Koa', async (method, path, status) => {
    const { date: _date, ...expected } = (await serve(koaOf(...middleware()), url => ask(url + path, { method })))
      .headers
    await serve(make(Plain, middleware()), async url => {
      const { headers, ...answer } = await ask(url + path, { method })
      const { date, 'x-after': after, ...own } = headers
      expect([answer.status, date, after]).toEqual([status, expect.any(String), 'yes'])
      expect(own).toEqual(expected)
      expect(own.allow).toEqual(expect.any(String))
      if (status === 405 && method !== 'HEAD') expect(answer.text).toBe('Method Not Allowed')
    })
  })

  test('a URL that no router has is the default 404 page', async () => {
    await serve(make(Plain, middleware()), async url => {
      const { status, text, headers } = await ask(`${url}/koa/unknown`)
      expect([status, text, headers.allow, headers['x-after']]).toEqual([
        ...[404, expect.stringContaining('<title>404 Not Found'), undefined, 'yes'],
      ])
    })
  })

  test('an error that it throws is sent', async () => {
    const routes = router()
    const throwing = [routes.routes(), routes.allowedMethods({ throw: true })] as unknown as Koa.Middleware[]
    await serve(make(Plain, throwing), async url => {
      const { status, text, headers } = await ask(`${url}/koa/users`, { method: 'PUT' })
      expect([status, text, headers['content-type']]).toEqual([405, 'Method Not Allowed', 'text/plain; charset=utf-8'])
    })
  })
})

test('behind the lifecycle its routes run inside of the hooks', async () => {
  await serve(koaOf(lifecycle(App), ...middleware()), async url => {
    const user = await ask(`${url}/koa/users/5`)
    expect([JSON.parse(user.text), user.headers['x-after']]).toEqual([
      ...[{ params: { id: '5' }, url: '/koa/users/7', matched: '/koa/users/:id' }, 'yes'],
    ])
    expect(JSON.parse((await ask(`${url}/view/5`)).text)).toEqual({ id: 5, params: { id: 5 } })
    const wrong = await ask(`${url}/koa/users`, { method: 'PUT' })
    expect([wrong.status, wrong.headers.allow]).toEqual([405, 'POST'])
  })
})
