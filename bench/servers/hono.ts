import { serve as listen } from '@hono/node-server'
import { Hono, type Context, type MiddlewareHandler } from 'hono'
import { getSignedCookie, setSignedCookie } from 'hono/cookie'
import { HTTPException } from 'hono/http-exception'
import { createServer } from 'node:http2'
import { Readable } from 'node:stream'
import { cached, each, megabyte, quarters, SECRET, serve, tornDown, workload } from './support'

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

const awaitingLifecycle: MiddlewareHandler<Env> = async (c, next) => {
  c.set('user', 'root')
  await cached()
  try {
    await next()
    c.header('X-User', c.get('user'))
    await cached()
  } finally {
    await cached()
    tornDown.requests++
  }
}

const stream = (create: () => Readable) => (c: Context) => {
  c.header('Content-Type', 'application/octet-stream')
  return c.body(Readable.toWeb(create()) as ReadableStream)
}

const show = (c: Context<Env>) => c.json({ id: Number(c.req.param('id')), by: c.get('user') })

serve({
  hello: () => listening(new Hono().get('/', c => c.text('Hello World'))),
  lifecycle: () => listening(new Hono<Env>().use(lifecycle).get('/users/:id{[0-9]+}', show)),
  'lifecycle-async': () => listening(new Hono<Env>().use(lifecycle).get('/users/:id{[0-9]+}', async c => show(c))),
  'lifecycle-awaits': () =>
    listening(
      new Hono<Env>().use(awaitingLifecycle).get('/users/:id{[0-9]+}', async c => {
        await cached()
        return show(c)
      }),
    ),
  http2: () => listening(new Hono<Env>().use(lifecycle).get('/users/:id{[0-9]+}', show)),
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
  'async-hooks'() {
    const app = new Hono<Env>()
    for (const index of each) {
      app.use(async (c, next) => {
        c.set('hooks', index === 0 ? 1 : c.get('hooks') + 1)
        await next()
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
  'session-read': () =>
    listening(
      new Hono()
        .get('/login', async c => {
          await setSignedCookie(c, 'session', JSON.stringify({ user: 'root' }), SECRET, { httpOnly: true })
          return c.text('welcome')
        })
        .get('/', async c => {
          const session = JSON.parse((await getSignedCookie(c, SECRET, 'session')) || '{}') as { user?: string }
          c.header('Vary', 'Cookie')
          return c.json({ user: session.user })
        }),
    ),
  stream: () => listening(new Hono().get('/', stream(megabyte))),
  'stream-64k': () => listening(new Hono().get('/', stream(quarters))),
  abort() {
    const app = new Hono().get('/users/:id{[0-9]+}', c => {
      throw new HTTPException(404, { message: `no user ${c.req.param('id')}` })
    })
    app.onError((error, c) => {
      if (error instanceof HTTPException && error.status === 404) return c.json({ error: error.message }, 404)
      throw error
    })
    return listening(app)
  },
  'not-found': () => listening(new Hono().get('/', c => c.text('Hello World'))),
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
  const http2 = workload === 'http2' ? { createServer } : {}
  return { listen: (port, hostname) => listen({ fetch, port, hostname, ...http2 }) }
}
