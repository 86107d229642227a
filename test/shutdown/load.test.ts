import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect as connect2 } from 'node:http2'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'

// SIGTERM under load: each request that was sent before the client was told of the end is answered.

/** Each sends one request before SIGTERM, and keeps its connection. */
const HTTP1_CLIENTS = 400
const HTTP2_SESSIONS = 4
const HTTP2_REQUESTS = 200
/** When a request is sent, from this time before SIGTERM to this time after it, in milliseconds: far from the end of the grace. */
const BEFORE = 100
const AFTER = 400

const root = join(__dirname, '../..')

async function start() {
  const child = spawn(process.execPath, ['--import', 'tsx', 'test/support/loaded.ts'], {
    cwd: root,
    env: { ...process.env, TSX_TSCONFIG_PATH: join(root, 'tsconfig.json') },
  })
  const errors = text(child.stderr)
  const ended = once(child, 'close').then(async ([status]) => ({
    status: status as number | null,
    stderr: await errors,
  }))
  const [printed] = (await once(child.stdout, 'data')) as [Buffer]
  return { child, ended, ports: JSON.parse(String(printed)) as [number, number] }
}

/** A connection of HTTP/1 that sends one request after the other. */
class Client {
  readonly #socket: Socket
  #received = ''

  constructor(port: number) {
    this.#socket = connect(port, '127.0.0.1').on('error', () => undefined)
    this.#socket.on('data', chunk => (this.#received += String(chunk)))
  }

  /** What became of a request: `'answered'`, with `' at last'` if the connection ends with it, or `'lost'`. */
  async send(path: string): Promise<string> {
    this.#received = ''
    this.#socket.write(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`)
    while (!this.#received.endsWith('\r\n\r\nanswered')) {
      if (this.#socket.closed) return 'lost'
      await Promise.race([once(this.#socket, 'data'), once(this.#socket, 'close')])
    }
    return this.#received.includes('Connection: close') ? 'answered at last' : 'answered'
  }
}

const pathOf = (index: number) => (index % 2 === 0 ? '/' : '/sync')
const wait = () => sleep(Math.random() * (BEFORE + AFTER))

test('0 of 1,000 requests are lost', async () => {
  const { child, ended, ports } = await start()
  const clients = Array.from({ length: HTTP1_CLIENTS }, () => new Client(ports[0]))
  const sessions = Array.from({ length: HTTP2_SESSIONS }, () => connect2(`http://127.0.0.1:${ports[1]}`))
  const first = await Promise.all(clients.map((client, index) => client.send(pathOf(index))))
  await Promise.all(sessions.map(async session => session.connecting && once(session, 'connect')))

  const http1 = clients.map(async (client, index) => {
    await wait()
    return client.send(pathOf(index))
  })
  const http2 = Array.from({ length: HTTP2_REQUESTS }, async (_, index) => {
    await wait()
    const stream = sessions[index % HTTP2_SESSIONS]?.request({ ':path': pathOf(index) })
    return text(stream as NonNullable<typeof stream>).catch(() => 'lost')
  })
  setTimeout(() => child.kill('SIGTERM'), BEFORE)

  const answers = [first, await Promise.all(http1), await Promise.all(http2)]
  expect(answers.map(each => each.filter(answer => answer === 'lost').length)).toEqual([0, 0, 0])
  expect(answers.map(each => each.length)).toEqual([HTTP1_CLIENTS, HTTP1_CLIENTS, HTTP2_REQUESTS])
  expect(answers[1]).toContain('answered at last')
  expect(answers[2]?.every(answer => answer === 'answered')).toBe(true)
  expect(await ended).toEqual({ status: 0, stderr: '' })
})
