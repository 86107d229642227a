import { join } from 'node:path'
import type Koa from 'koa'
import views from '@ladjs/koa-views'
import { BeforeRequest, ErrorHandler, Get, abort, bootstrap, lifecycle, makeResponse, type Context } from 'flaskoa'
import { ask } from '../support/ask'
import { serve } from '../support/serve'
import { koaOf, worlds } from '../support/worlds'

const templates = join(__dirname, 'templates')
const render = views(templates, { extension: 'ejs' })

class App {
  @BeforeRequest locals(ctx: Context) {
    ctx.state.request = ctx.request
  }

  @Get('/') async index(ctx: Context) {
    await ctx.render('hello', { name: '<Ada>' })
    return ctx.response
  }

  @Get('/unknown-template') async unknown(ctx: Context) {
    await ctx.render('unknown')
    return ctx.response
  }

  @Get('/bad-template') async bad(ctx: Context) {
    await ctx.render('hello')
    return ctx.response
  }

  @Get('/refused') refused() {
    return abort(403)
  }

  @ErrorHandler(403) async forbidden(_: Error, ctx: Context) {
    await ctx.render('hello', { name: 'stranger' })
    ctx.status = 403
    return ctx.response
  }

  @ErrorHandler(Error) failed(error: Error) {
    return makeResponse(error.message.includes('name is not defined') ? 'no name' : 'no template', 500)
  }
}

/** `ctx.render` from middleware, and from the application's context: the two ways of koa-views. */
const ways: [string, () => Koa][] = [
  ...worlds.map(([name, make]): [string, () => Koa] => [name, () => make(App, [render as Koa.Middleware])]),
  ['on the context of bootstrap', () => extended(bootstrap(App, { logger: false }))],
  ['on the context of plain Koa', () => extended(koaOf(lifecycle(App)))],
]

function extended(app: Koa): Koa {
  app.context.render = (render as unknown as () => Koa.Context['render'])()
  return app
}

test.each(ways)('@ladjs/koa-views %s', async (_, make) => {
  await serve(make(), async url => {
    const page = await ask(url)
    expect([page.status, page.headers['content-type'], page.text]).toEqual([
      ...[200, 'text/html; charset=utf-8', '<p>Hello &lt;Ada&gt;, /\n'],
    ])
    const refused = await ask(`${url}/refused`)
    expect([refused.status, refused.text]).toEqual([403, '<p>Hello stranger, /refused\n'])
    expect((await ask(`${url}/unknown-template`)).text).toBe('no template')
    expect((await ask(`${url}/bad-template`)).text).toBe('no name')
  })
})
