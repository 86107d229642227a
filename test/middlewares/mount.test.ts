import type Koa from 'koa'
import mount from 'koa-mount'
import { BeforeRequest, Get, bootstrap, g, lifecycle, redirect, request, urlFor, type Context } from 'flaskoa'
import { ask } from '../support/ask'
import { serve } from '../support/serve'
import { koaOf, worlds } from '../support/worlds'

class Inner {
  @BeforeRequest before() {
    g.name = 'inner'
  }

  @Get('/') index() {
    return `inner at ${urlFor('index')}`
  }

  @Get('/users/<int:id>') user({ id }: { id: number }, ctx: Context) {
    return [
      id,
      g.name,
      urlFor('user', { id }),
      request.path,
      ctx.originalUrl,
      urlFor('user', { id }, { external: true }),
    ]
  }

  @Get('/away') away() {
    return redirect(urlFor('folder'))
  }

  @Get('/folder/') folder() {
    return 'folder'
  }
}

class Outer {
  @BeforeRequest before() {
    g.name = 'outer'
  }

  @Get('/') index() {
    return `outer at ${urlFor('index')}, ${g.name}`
  }
}

describe.each(worlds)('koa-mount %s', (_, make) => {
  test.each<[string, () => Koa.Middleware | Koa]>([
    ['a lifecycle', () => lifecycle(Inner)],
    ['what bootstrap makes', () => bootstrap(Inner, { logger: false })],
    ['a Koa application with a lifecycle', () => koaOf(lifecycle(Inner))],
  ])('%s below a prefix', async (_, inner) => {
    await serve(make(Outer, [mount('/site', inner() as Koa)]), async url => {
      expect((await ask(`${url}/site`)).text).toBe('inner at /site/')
      expect(JSON.parse((await ask(`${url}/site/users/5`)).text)).toEqual([
        ...[5, 'inner', '/site/users/5', '/users/5', '/site/users/5', `${url}/site/users/5`],
      ])
      expect((await ask(`${url}/site/away`)).headers.location).toBe('/site/folder/')
      expect((await ask(url)).text).toBe('outer at /, outer')
      expect((await ask(`${url}/users/5`)).status).toBe(404)
    })
  })

  test('a plain Koa application below a prefix', async () => {
    const inner = koaOf(ctx => void (ctx.body = `${ctx.path} in ${String(ctx.mountPath)}`))
    await serve(make(Outer, [mount('/koa', inner)]), async url => {
      expect((await ask(`${url}/koa/a`)).text).toBe('/a in /koa')
      expect((await ask(`${url}/koala`)).status).toBe(404)
      expect((await ask(url)).text).toBe('outer at /, outer')
    })
  })
})

test('a missing slash below a prefix', async () => {
  const app = koaOf(mount('/site', lifecycle(Inner)))
  await serve(app, async url => {
    const { status, headers } = await ask(`${url}/site/folder?a=b`)
    expect([status, headers.location]).toEqual([308, '/site/folder/?a=b'])
  })
})
