import fastify, { type FastifyInstance, type FastifyRequest } from 'fastify'
import { each, megabyte, SECRET, serve, tornDown } from './support'

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
  stream: () => listening(fastify().get('/', (_, reply) => reply.type('application/octet-stream').send(megabyte()))),
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
  const app = fastify().decorateRequest('user', '')
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

/** Fastify takes the port as an option. */
function listening(app: FastifyInstance): { listen(port: number, host: string): unknown } {
  return { listen: (port, host) => app.listen({ port, host }) }
}
