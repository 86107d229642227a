// Node without a framework: only the work of each workload.
import {
  createServer,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type RequestListener,
  type ServerResponse,
} from 'node:http'
import { createServer as createHttp2Server } from 'node:http2'
import type { Readable } from 'node:stream'
import { cached, each, megabyte, quarters, serve, tornDown } from './support'

const NUMBERED = /^\/users\/(\d+)$/
const ANY_NUMBERED = /^\/(\w+)\/(\d+)$/

serve({
  hello: () => createServer((_, res) => send(res, 200, 'text/plain; charset=utf-8', 'Hello World')),
  lifecycle: () => createServer(lifecycle(path => NUMBERED.exec(path)?.[1])),
  'lifecycle-async': () => createServer(asyncLifecycle(plain)),
  'lifecycle-awaits': () => createServer(asyncLifecycle(awaiting)),
  // Requests and responses of HTTP/2 have the methods of those of HTTP/1.
  http2: () => createHttp2Server(lifecycle(path => NUMBERED.exec(path)?.[1]) as unknown as Http2Listener),
  routes() {
    const names = new Set(each.map(index => `r${index}`))
    return createServer(
      lifecycle(path => {
        const match = ANY_NUMBERED.exec(path)
        return match !== null && names.has(match[1]!) ? match[2] : undefined
      }),
    )
  },
  hooks() {
    const hooks = each.map(() => (state: { hooks: number }) => void state.hooks++)
    return createServer((_, res) => {
      const state = { hooks: 0 }
      for (const hook of hooks) hook(state)
      sendJson(res, 200, state)
    })
  },
  'async-hooks'() {
    const hooks = each.map(() => async (state: { hooks: number }) => void state.hooks++)
    return createServer((_, res) => void runAsync(hooks, res))
  },
  stream: () => createServer(piping(megabyte)),
  'stream-64k': () => createServer(piping(quarters)),
  errors: () =>
    createServer((req, res) => {
      const state = { user: 'root' }
      try {
        if (req.url === '/fail') throw new Error('broken')
        show(res, state, NUMBERED.exec(req.url!)?.[1])
      } catch (error) {
        sendJson(res, 500, { error: (error as Error).message })
      } finally {
        tornDown.requests++
      }
    }),
  json: () =>
    createServer((req, res) => {
      const chunks: Buffer[] = []
      req.on('data', (chunk: Buffer) => chunks.push(chunk))
      req.on('end', () => {
        const { items } = JSON.parse(Buffer.concat(chunks).toString()) as { items: unknown[] }
        sendJson(res, 200, { items: items.length })
      })
    }),
})

type Http2Listener = NonNullable<Parameters<typeof createHttp2Server>[1]>

function piping(create: () => Readable): RequestListener {
  return (_, res) => {
    res.setHeader('Content-Type', 'application/octet-stream')
    create().pipe(res)
  }
}

async function runAsync(hooks: ((state: { hooks: number }) => Promise<void>)[], res: ServerResponse): Promise<void> {
  const state = { hooks: 0 }
  for (const hook of hooks) await hook(state)
  sendJson(res, 200, state)
}

function lifecycle(idIn: (path: string) => string | undefined): RequestListener {
  return (req, res) => {
    const state = { user: '' }
    try {
      state.user = 'root'
      show(res, state, idIn(req.url!))
    } finally {
      tornDown.requests++
    }
  }
}

/** Four asynchronous functions. */
interface Steps {
  before(state: State): Promise<void>
  view(req: IncomingMessage, state: State): Promise<unknown>
  after(state: State): Promise<OutgoingHttpHeaders>
  teardown(): Promise<void>
}
interface State {
  user: string
}

function asyncLifecycle({ before, view, after, teardown }: Steps): RequestListener {
  return async (req, res) => {
    const state = { user: '' }
    try {
      await before(state)
      const answer = await view(req, state)
      sendJson(res, 200, answer, await after(state))
    } finally {
      await teardown()
    }
  }
}

const idOf = (req: IncomingMessage) => Number(NUMBERED.exec(req.url!)![1])

const plain: Steps = {
  before: async state => void (state.user = 'root'),
  view: async (req, { user }) => ({ id: idOf(req), by: user }),
  after: async ({ user }) => ({ 'X-User': user }),
  teardown: async () => void tornDown.requests++,
}

const awaiting: Steps = {
  async before(state) {
    state.user = 'root'
    await cached()
  },
  async view(req, { user }) {
    await cached()
    return { id: idOf(req), by: user }
  },
  async after({ user }) {
    await cached()
    return { 'X-User': user }
  },
  async teardown() {
    await cached()
    tornDown.requests++
  },
}

function show(res: ServerResponse, { user }: { user: string }, id: string | undefined): void {
  if (id === undefined) return sendJson(res, 404, { error: 'not found' })
  sendJson(res, 200, { id: Number(id), by: user }, { 'X-User': user })
}

function sendJson(res: ServerResponse, status: number, value: unknown, headers?: OutgoingHttpHeaders): void {
  send(res, status, 'application/json; charset=utf-8', JSON.stringify(value), headers)
}

function send(res: ServerResponse, status: number, type: string, body: string, headers?: OutgoingHttpHeaders): void {
  res.writeHead(status, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(body), ...headers }).end(body)
}
