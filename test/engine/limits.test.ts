import { Readable } from 'node:stream'
import { bootstrap, currentContext, lifecycle, Route, session } from 'flaskoa'
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

test('a stream-like body that is not a Node stream', async () => {
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
      return `two ${Object.keys(session).length} ${Object.getPrototypeOf(session) !== null}`
    }
  }
  const [first, second] = [lifecycle(One), lifecycle(Two)]
  const app = new Koa().use(async (ctx, next) => {
    await first(ctx, next)
    await second(ctx, next)
  })
  expect(await serve(app, async url => (await fetch(url)).text())).toBe('two 0 true')
})

test('null for a status that has a body is an empty body', async () => {
  const { short } = await same(app =>
    app.use(ctx => {
      ctx.body = null
      ctx.status = 200
    }),
  )
  expect(short[0]).toMatch(/^200 OK \| Content-Length: 0/)
})

test('a response that fails when it is sent is an error of the application, and answered', async () => {
  class Failing {
    @Route('/') index() {
      const { res } = currentContext()
      const end = res.end.bind(res)
      res.end = () => {
        res.end = end
        throw new Error('at the end')
      }
      return 'x'
    }
  }
  const reported: unknown[] = []
  const app = bootstrap(Failing, { logger: false }).on('error', error => reported.push(String(error)))
  expect(await serve(app, async url => (await fetch(url)).status)).toBe(500)
  expect(reported).toEqual(['Error: at the end'])
})
