import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import serveFiles from 'koa-static'
import { send } from '@koa/send'
import { AfterRequest, ErrorHandler, Get, Post, lifecycle, type Context, type Response } from 'flaskoa'
import { ask } from '../support/ask'
import { serve } from '../support/serve'
import { koaOf, worlds } from '../support/worlds'

const root = mkdtempSync(join(tmpdir(), 'flaskoa-static-'))
writeFileSync(join(root, 'index.html'), '<p>index')
writeFileSync(join(root, 'style.css'), 'a{}')
afterAll(() => rmSync(root, { recursive: true }))

class App {
  @Get('/view') view() {
    return 'view'
  }

  @Get('/files/<path:file>') async file({ file }: { file: string }, ctx: Context) {
    await send(ctx, file, { root })
    return ctx.response
  }

  @ErrorHandler(404) missing() {
    return 'nothing here'
  }

  @AfterRequest stamp(response: Response) {
    response.set('X-After', 'yes')
    return response
  }
}

describe.each(worlds)('koa-static and @koa/send %s', (_, make) => {
  test('files are served in front of the lifecycle, and the lifecycle answers all other requests', async () => {
    await serve(make(App, [serveFiles(root, { maxage: 60_000 })]), async url => {
      const css = await ask(`${url}/style.css`)
      expect([css.status, css.text, css.headers['x-after']]).toEqual([200, 'a{}', undefined])
      expect(css.headers).toMatchObject({
        'content-type': 'text/css; charset=utf-8',
        'content-length': '3',
        'cache-control': 'max-age=60',
      })
      expect((await ask(`${url}/`)).text).toBe('<p>index')
      expect((await ask(`${url}/style.css`, { method: 'HEAD' })).headers['content-length']).toBe('3')
      expect((await ask(`${url}/view`)).text).toBe('view')
      expect((await ask(`${url}/unknown.css`)).text).toBe('nothing here')
      expect((await ask(`${url}/..%2f..%2fetc%2fpasswd`)).text).not.toContain('root:')
    })
  })

  test('a view sends a file', async () => {
    await serve(make(App, []), async url => {
      const css = await ask(`${url}/files/style.css`)
      expect([css.text, css.headers['content-type'], css.headers['x-after']]).toEqual([
        ...['a{}', 'text/css; charset=utf-8', 'yes'],
      ])
      expect((await ask(`${url}/files/unknown`)).text).toBe('nothing here')
    })
  })
})

class Plain {
  @Get('/view') view() {
    return 'view'
  }

  @Post('/save.css') save() {
    return 'saved'
  }

  @AfterRequest stamp(response: Response) {
    response.set('X-After', 'yes')
    return response
  }
}

describe.each(worlds)('koa-static with defer %s', (_, make) => {
  test.each(['GET', 'HEAD'])('%s: it serves what no rule matches, as in Koa', async method => {
    const deferred = () => serveFiles(root, { defer: true, maxage: 60_000 })
    const expected = await serve(koaOf(deferred()), url => ask(`${url}/style.css`, { method }))
    expect([expected.status, expected.text]).toEqual([200, method === 'GET' ? 'a{}' : ''])
    await serve(make(Plain, [deferred()]), async url => {
      const { headers, ...answer } = await ask(`${url}/style.css`, { method })
      expect({ ...answer, headers: { ...headers, date: '' } }).toEqual({
        ...expected,
        headers: { ...expected.headers, date: '', 'x-after': 'yes' },
      })
      expect((await ask(`${url}/view`, { method })).status).toBe(200)
      const unknown = await ask(`${url}/unknown.css`, { method })
      expect([unknown.status, unknown.headers['content-type'], unknown.headers['content-length']]).toEqual([
        ...[404, 'text/html; charset=utf-8', '112'],
      ])
    })
  })

  test('it serves nothing where a handler has answered, or for a method that no rule allows', async () => {
    await serve(make(App, [serveFiles(root, { defer: true })]), async url => {
      expect((await ask(`${url}/style.css`)).text).toBe('nothing here')
    })
    writeFileSync(join(root, 'save.css'), 'b{}')
    await serve(make(Plain, [serveFiles(root, { defer: true })]), async url => {
      expect((await ask(`${url}/save.css`)).status).toBe(405)
    })
  })
})

test('koa-static behind the lifecycle answers inside of its hooks', async () => {
  const app = koaOf(lifecycle(App), serveFiles(root))
  await serve(app, async url => {
    const css = await ask(`${url}/style.css`)
    expect([css.text, css.headers['x-after']]).toEqual(['a{}', 'yes'])
    expect((await ask(`${url}/unknown.css`)).text).toBe('nothing here')
  })
})
