import fastify, { type FastifyInstance, type FastifyRequest } from 'fastify'
import { cached, each, megabyte, quarters, SECRET, serve, tornDown } from './support'

declare module 'fastify' {
  interface FastifyRequest {
    user: string
    hooks: number
  }
}

declare module '@fastify/secure-session' {
  interface SessionData {
    visits: number
  }
}

const params = { type: 'object', properties: { id: { type: 'integer' } } } as const

serve({
  hello: () => listening(fastify().get('/', () => 'Hello World')),
  lifecycle: () => listening(withHooks().get('/users/:id', { schema: { params } }, show)),
  'lifecycle-async': () =>
    listening(withAsyncHooks().get('/users/:id', { schema: { params } }, async request => show(request))),
  'lifecycle-awaits': () =>
    listening(
      withAwaitingHooks().get('/users/:id', { schema: { params } }, async request => {
        await cached()
        return show(request)
      }),
    ),
  http2: () => listening(withHooksOf(fastify({ http2: true })).get('/users/:id', { schema: { params } }, show)),
  routes() {
    const app = withHooks()
    for (const index of each) app.get(`/r${index}/:id`, { schema: { params } }, show)
    return listening(app)
  },
  hooks() {
    const app = fastify().decorateRequest('hooks', 0)
    for (const _ of each) {
      app.addHook('onRequest', (request, _reply, done) => {
        request.hooks++
        done()
      })
    }
    return listening(app.get('/', ({ hooks }) => ({ hooks })))
  },
  'async-hooks'() {
    const app = fastify().decorateRequest('hooks', 0)
    for (const _ of each) {
      app.addHook('onRequest', async request => {
        request.hooks++
      })
    }
    return listening(app.get('/', ({ hooks }) => ({ hooks })))
  },
  async session() {
    const app = fastify()
    await app.register((await import('@fastify/secure-session')).default, { key: Buffer.from(SECRET) })
    app.get('/', ({ session }) => {
      const visits = (session.get('visits') ?? 0) + 1
      session.set('visits', visits)
      return { visits }
    })
    return listening(app)
  },
  // The cookie of @fastify/secure-session is encrypted: a signed one is what Koa and flaskoa have.
  async 'session-read'() {
    const app = fastify()
    await app.register((await import('@fastify/cookie')).default, { secret: SECRET })
    app.get('/login', (_, reply) => {
      const session = JSON.stringify({ user: 'root' })
      return reply.setCookie('session', session, { signed: true, httpOnly: true, path: '/' }).send('welcome')
    })
    app.get('/', (request, reply) => {
      const { valid, value } = request.unsignCookie(request.cookies.session ?? '')
      const session = JSON.parse(valid ? value : '{}') as { user?: string }
      reply.header('Vary', 'Cookie')
      return { user: session.user }
    })
    return listening(app)
  },
  stream: () => listening(fastify().get('/', (_, reply) => reply.type('application/octet-stream').send(megabyte()))),
  'stream-64k': () =>
    listening(fastify().get('/', (_, reply) => reply.type('application/octet-stream').send(quarters()))),
  abort() {
    const app = fastify().get('/users/:id', { schema: { params } }, ({ params }) => {
      throw Object.assign(new Error(`no user ${(params as { id: number }).id}`), { statusCode: 404 })
    })
    app.setErrorHandler((error: Error & { statusCode: number }, _, reply) => {
      if (error.statusCode !== 404) throw error
      return reply.code(404).send({ error: error.message })
    })
    return listening(app)
  },
  'not-found': () => listening(fastify().get('/', () => 'Hello World')),
  errors() {
    const app = withHooks().get('/users/:id', { schema: { params } }, show)
    app.get('/fail', () => {
      throw new Error('broken')
    })
    app.setErrorHandler((error: Error, _, reply) => reply.code(500).send({ error: error.message }))
    return listening(app)
  },
  input: () => listening(fastify().post('/users', { schema: { body: newUser } }, createUser)),
  json: () =>
    listening(fastify().post('/', request => ({ items: (request.body as { items: unknown[] }).items.length }))),
})

const newUser = {
  type: 'object',
  properties: {
    name: { type: 'string', minLength: 1 },
    email: { type: 'string' },
    age: { type: 'integer' },
    tags: { type: 'array', items: { type: 'string' } },
  },
  required: ['name', 'email', 'age', 'tags'],
  additionalProperties: false,
} as const

function createUser({ body }: FastifyRequest): object {
  const { name, tags } = body as { name: string; tags: string[] }
  return { name, tags: tags.length }
}

function show({ params, user }: FastifyRequest): object {
  return { id: (params as { id: number }).id, by: user }
}

function withHooks(): FastifyInstance {
  return withHooksOf(fastify())
}

/** The hooks are the same over HTTP/2, the types are not. */
function withHooksOf(bare: object): FastifyInstance {
  const app = (bare as FastifyInstance).decorateRequest('user', '')
  app.addHook('onRequest', (request, _reply, done) => {
    request.user = 'root'
    done()
  })
  app.addHook('onSend', (request, reply, _payload, done) => {
    reply.header('X-User', request.user)
    done()
  })
  app.addHook('onResponse', (_request, _reply, done) => {
    tornDown.requests++
    done()
  })
  return app
}

function withAsyncHooks(): FastifyInstance {
  const app = fastify().decorateRequest('user', '')
  app.addHook('onRequest', async request => {
    request.user = 'root'
  })
  app.addHook('onSend', async (request, reply) => {
    reply.header('X-User', request.user)
  })
  app.addHook('onResponse', async () => {
    tornDown.requests++
  })
  return app
}

function withAwaitingHooks(): FastifyInstance {
  const app = fastify().decorateRequest('user', '')
  app.addHook('onRequest', async request => {
    request.user = 'root'
    await cached()
  })
  app.addHook('onSend', async (request, reply) => {
    reply.header('X-User', request.user)
    await cached()
  })
  app.addHook('onResponse', async () => {
    await cached()
    tornDown.requests++
  })
  return app
}

/** Fastify takes the port as an option. */
function listening(app: FastifyInstance): { listen(port: number, host: string): unknown } {
  return { listen: (port, host) => app.listen({ port, host }) }
}
