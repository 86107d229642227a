// Node without a framework: only the work of each workload.
import {
  createServer,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type RequestListener,
  type ServerResponse,
} from 'node:http'
import { each, megabyte, serve, tornDown } from './support'

const NUMBERED = /^\/users\/(\d+)$/
const ANY_NUMBERED = /^\/(\w+)\/(\d+)$/

serve({
  hello: () => createServer((_, res) => send(res, 200, 'text/plain; charset=utf-8', 'Hello World')),
  lifecycle: () => createServer(lifecycle(path => NUMBERED.exec(path)?.[1])),
  'lifecycle-async': () => createServer(asyncLifecycle),
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
  stream: () =>
    createServer((_, res) => {
      res.setHeader('Content-Type', 'application/octet-stream')
      megabyte().pipe(res)
    }),
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

async function asyncLifecycle(req: IncomingMessage, res: ServerResponse): Promise<void> {
  const state = { user: '' }
  try {
    await before(state)
    const answer = await view(req, state)
    sendJson(res, 200, answer, await after(state))
  } finally {
    await teardown()
  }
}

const before = async (state: { user: string }) => void (state.user = 'root')
const view = async (req: IncomingMessage, { user }: { user: string }) => ({
  id: Number(NUMBERED.exec(req.url!)![1]),
  by: user,
})
const after = async ({ user }: { user: string }) => ({ 'X-User': user })
const teardown = async () => void tornDown.requests++

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
