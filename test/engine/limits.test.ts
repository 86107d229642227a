import { Readable } from 'node:stream'
import { lifecycle, Route, session } from 'flaskoa'
import Koa from 'koa'
import { same } from '../support/same'
import { serve } from '../support/serve'

const many = Array.from({ length: 600 }, (_, index) => index)

test('any number of types and of names of fields', async () => {
  const { notes } = await same((app, note) =>
    app.use(ctx => {
      for (const index of many) {
        ctx.type = `application/x-${index}`
        ctx.set(`X-${index}`, 'x')
        ctx.remove(`x-${index}`)
      }
      note(ctx.type, ctx.response.headers)
      ctx.body = 'x'
    }),
  )
  expect(notes).toEqual(['application/x-599', { 'content-type': 'application/x-599' }])
})

test('a body that is like a stream and is none of Node’s', async () => {
  await same(app =>
    app.use(ctx => {
      const inner = Readable.from(['like a stream'])
      const methods = [
        'pipe',
        'read',
        'destroy',
        'on',
        'once',
        'off',
        'removeListener',
        'emit',
        'listenerCount',
      ] as const
      const bound = methods.map(name => [name, (inner[name] as () => unknown).bind(inner)])
      ctx.body = { ...Object.fromEntries(bound), readable: true, readableObjectMode: false, destroyed: false }
    }),
  )
})

test('two lifecycles one after the other, neither around the other', async () => {
  class One {
    @Route('/') index() {
      return 'one'
    }
  }
  class Two {
    @Route('/') index() {
      return `two ${Object.keys(session).length}`
    }
  }
  const [first, second] = [lifecycle(One), lifecycle(Two)]
  const app = new Koa().use(async (ctx, next) => {
    await first(ctx, next)
    await second(ctx, next)
  })
  expect(await serve(app, async url => (await fetch(url)).text())).toBe('two 0')
})
