import { once } from 'node:events'
import type Koa from 'koa'
import mount from 'koa-mount'
import {
  AfterResponse,
  BeforeRequest,
  Get,
  bootstrap,
  g,
  lifecycle,
  redirect,
  request,
  streamWithContext,
  urlFor,
  type Context,
  type Outcome,
} from 'flaskoa'
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

/** Answers with its own URL at each place of a request, and has a rule that needs a slash. */
class Page {
  @Get('/') index() {
    return urlFor('index')
  }

  @Get('/x/') page() {
    return urlFor('page')
  }

  @Get('/admin/users/') users() {
    return urlFor('users')
  }

  @Get('/late') late() {
    return streamWithContext(
      (async function* () {
        // After the mount has put the path back.
        await new Promise(resolve => setImmediate(resolve))
        yield urlFor('late')
      })(),
    )
  }

  @AfterResponse after(_outcome: Outcome, ctx: Context) {
    ctx.app.emit('mounted', urlFor('index'))
  }
}

const pass: Koa.Middleware = (_ctx, next) => next()

/** Replaces the start of a path, as middleware for old URLs or languages does. */
const rewrite =
  (from: string, to: string): Koa.Middleware =>
  (ctx, next) => {
    if (ctx.path.startsWith(from)) ctx.path = to + ctx.path.slice(from.length)
    return next()
  }

/** Several middleware as one. */
const all = (...middleware: Koa.Middleware[]): Koa => koaOf(...middleware)

describe('the URLs of a mounted lifecycle begin with what the mounts have taken off', () => {
  const page = () => lifecycle(Page)
  test.each<[string, () => Koa.Middleware[], Record<string, string>]>([
    ['one mount', () => [mount('/a', page())], { '/a/x/': '/a/x/', '/a/x?b=1': '308 /a/x/?b=1', '/a': '/a/' }],
    [
      'a mount in a mount',
      () => [mount('/a', mount('/b', bootstrap(Page)))],
      { '/a/b/x/': '/a/b/x/', '/a/b/x': '308 /a/b/x/', '/a/b': '/a/b/', '/a/b/': '/a/b/', '/a/b/late': '/a/b/late' },
    ],
    [
      'three mounts of the same name',
      () => [mount('/a', mount('/a', mount('/a', page())))],
      { '/a/a/a/x/': '/a/a/a/x/', '/a/a/a/x': '308 /a/a/a/x/', '/a/a/a': '/a/a/a/' },
    ],
    ['a slash at the end', () => [mount('/a/', page())], { '/a/x/': '/a/x/', '/a/x': '308 /a/x/', '/a/': '/a/' }],
    [
      'a slash at the end of the inner one',
      () => [mount('/a', mount('/b/', page()))],
      { '/a/b/x/': '/a/b/x/', '/a/b/x': '308 /a/b/x/', '/a/b/': '/a/b/' },
    ],
    [
      'a mount that has passed the request on',
      () => [mount('/admin', pass), page()],
      { '/admin/users/': '/admin/users/', '/admin/users': '308 /admin/users/', '/x': '308 /x/' },
    ],
    [
      'a mount that has passed the request on, inside of a mount',
      () => [mount('/a', all(mount('/admin', mount('/users', pass)), page()))],
      { '/a/admin/users/': '/a/admin/users/', '/a/admin/users': '308 /a/admin/users/', '/a/x/': '/a/x/' },
    ],
    [
      'nested mounts that have passed the request on',
      () => [mount('/admin', mount('/users', pass)), page()],
      { '/admin/users/': '/admin/users/', '/admin/users': '308 /admin/users/' },
    ],
    [
      'a mount whose name the path has again',
      () => [mount('/admin', page())],
      { '/admin/admin/users/': '/admin/admin/users/', '/admin/admin/users': '308 /admin/admin/users/' },
    ],
    [
      'a lifecycle behind another one that is mounted',
      () => [mount('/a', lifecycle(Inner)), page()],
      { '/x': '308 /x/', '/x/': '/x/' },
    ],
    [
      'a path that was rewritten before',
      () => [rewrite('/old', '/a'), mount('/a', page())],
      { '/old/x/': '/a/x/', '/old/x': '308 /a/x/', '/a/x': '308 /a/x/' },
    ],
    [
      'a path that was rewritten inside',
      () => [mount('/a', mount('/b', all(rewrite('/old', '/x'), page())))],
      { '/a/b/old/': '/a/b/x/', '/a/b/old': '308 /a/b/x/' },
    ],
    [
      'a path that was rewritten before a mount that has passed it on',
      () => [rewrite('/old', '/admin'), mount('/admin', pass), page()],
      { '/old/users': '308 /admin/users/', '/admin/users': '308 /admin/users/' },
    ],
    ['no mount, and a path that was rewritten', () => [rewrite('/de', ''), page()], { '/de/x/': '/x/' }],
    ['a whole URL as the request target', () => [mount('/a', page())], { 'http://a.example/a/x': '308 /a/x/' }],
    [
      'an original URL that cannot be read',
      () => [(ctx, next) => ((ctx.originalUrl = 'http://['), next()), mount('/a', page())],
      { '/a/x': '308 /a/x/' },
    ],
  ])('%s', async (_, middleware, expected) => {
    await serve(koaOf(...middleware()), async url => {
      for (const [path, answer] of Object.entries(expected)) {
        const { status, headers, text } = await ask(url, { target: path })
        expect([path, status === 200 ? text : `${status} ${headers.location}`]).toEqual([path, answer])
      }
    })
  })

  test('after the response, too', async () => {
    const app = koaOf(mount('/a', mount('/b', page())))
    const mounted = once(app, 'mounted')
    await serve(app, url => ask(`${url}/a/b/x/`))
    expect(await mounted).toEqual(['/a/b/'])
  })
})
