import { serve as listen } from '@hono/node-server'
import { Hono, type Context, type MiddlewareHandler } from 'hono'
import { getSignedCookie, setSignedCookie } from 'hono/cookie'
import { Readable } from 'node:stream'
import { each, megabyte, SECRET, serve, tornDown } from './support'

interface Env {
  Variables: { user: string; hooks: number }
}

const lifecycle: MiddlewareHandler<Env> = async (c, next) => {
  c.set('user', 'root')
  try {
    await next()
    c.header('X-User', c.get('user'))
  } finally {
    tornDown.requests++
  }
}

const show = (c: Context<Env>) => c.json({ id: Number(c.req.param('id')), by: c.get('user') })

serve({
  hello: () => listening(new Hono().get('/', c => c.text('Hello World'))),
  lifecycle: () => listening(new Hono<Env>().use(lifecycle).get('/users/:id{[0-9]+}', show)),
  'lifecycle-async': () => listening(new Hono<Env>().use(lifecycle).get('/users/:id{[0-9]+}', async c => show(c))),
  routes() {
    const app = new Hono<Env>().use(lifecycle)
    for (const index of each) app.get(`/r${index}/:id{[0-9]+}`, show)
    return listening(app)
  },
  hooks() {
    const app = new Hono<Env>()
    for (const index of each) {
      app.use((c, next) => {
        c.set('hooks', index === 0 ? 1 : c.get('hooks') + 1)
        return next()
      })
    }
    return listening(app.get('/', c => c.json({ hooks: c.get('hooks') })))
  },
  // Hono has signed cookies and leaves sessions to its users.
  session: () =>
    listening(
      new Hono().get('/', async c => {
        const session = JSON.parse((await getSignedCookie(c, SECRET, 'session')) || '{}') as { visits?: number }
        session.visits = (session.visits ?? 0) + 1
        await setSignedCookie(c, 'session', JSON.stringify(session), SECRET, { httpOnly: true })
        return c.json({ visits: session.visits })
      }),
    ),
  stream: () =>
    listening(
      new Hono().get('/', c => {
        c.header('Content-Type', 'application/octet-stream')
        return c.body(Readable.toWeb(megabyte()) as ReadableStream)
      }),
    ),
  errors() {
    const app = new Hono<Env>().use(lifecycle).get('/users/:id{[0-9]+}', show)
    app.get('/fail', () => {
      throw new Error('broken')
    })
    app.onError((error, c) => c.json({ error: error.message }, 500))
    return listening(app)
  },
  json: () =>
    listening(
      new Hono().post('/', async c => {
        const { items } = await c.req.json<{ items: unknown[] }>()
        return c.json({ items: items.length })
      }),
    ),
})

function listening({ fetch }: Pick<Hono, 'fetch'>): { listen(port: number, host: string): unknown } {
  return { listen: (port, hostname) => listen({ fetch, port, hostname }) }
}
