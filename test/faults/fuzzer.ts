import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { patience } from '../support/pace'
import { Inputs, type Input } from './fuzz-inputs'
import { statusesOf } from './http-answers'

export interface Result {
  readonly passed: number
  readonly failures: readonly string[]
  /** How often each status was answered. `closed` is a connection that was closed without an answer. */
  readonly counts: Readonly<Record<string, number>>
}

const PARALLEL = 64
/** How long a client waits for more to come before it ends its half. */
const QUIET = 25
/** A server that has not closed by then hangs. */
const LIMIT = patience(1000)
/** What Node itself says of requests that ask for what it has not. */
const ALLOWED = [501, 505]

/** Sends inputs to the sample application, over many connections at once, and judges what becomes of each. */
export class Fuzzer {
  readonly #counts: Record<string, number> = {}
  readonly #failures: string[] = []
  #passed = 0
  #printed = ''

  private constructor(
    private readonly child: ChildProcess,
    private readonly port: number,
  ) {
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.#printed += text))
  }

  static async run(count: number, seed: number, env: NodeJS.ProcessEnv = {}): Promise<Result> {
    const root = join(__dirname, '../..')
    const child = fork(join(__dirname, 'fuzz-server.ts'), {
      cwd: root,
      env: { ...process.env, RAISE: '', ...env },
      execArgv: ['--import', 'tsx'],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    })
    const [port] = (await once(child, 'message')) as [number]
    const fuzzer = new Fuzzer(child, port)
    try {
      return await fuzzer.#run(count, new Inputs(seed))
    } finally {
      child.kill()
    }
  }

  async #run(count: number, inputs: Inputs): Promise<Result> {
    let left = count
    const client = async () => {
      while (left-- > 0 && this.child.exitCode === null) await this.#check(inputs.next())
    }
    await Promise.all(Array.from({ length: PARALLEL }, client))
    await this.#checkServer()
    return { passed: this.#passed, failures: this.#failures, counts: this.#counts }
  }

  async #check(input: Input): Promise<void> {
    try {
      const received = await this.#send(input)
      const statuses = input.aborts ? [] : statusesOf(received)
      for (const status of statuses) this.#counts[status] = (this.#counts[status] ?? 0) + 1
      if (statuses.length === 0) this.#count(input.aborts ? 'aborted' : 'closed')
      const wrong = statuses.find(status => status >= 500 && !ALLOWED.includes(status))
      if (wrong !== undefined) throw new Error(`answered with ${wrong}`)
      this.#passed++
    } catch (error) {
      const sent = JSON.stringify(input.pieces.map(piece => piece.toString('latin1')))
      this.#failures.push(`${(error as Error).message}\n  sent: ${sent}`)
    }
  }

  #count(what: string): void {
    this.#counts[what] = (this.#counts[what] ?? 0) + 1
  }

  /** What the server answers until it closes the connection. */
  async #send({ pieces, aborts }: Input): Promise<string> {
    let received = ''
    let heard = performance.now()
    const socket = connect({ port: this.port, host: '127.0.0.1', noDelay: true })
    const closed = new Promise<true>(resolve => socket.once('close', () => resolve(true)))
    // A server that refuses a request resets what is still sent: what it said before counts.
    socket.on('error', () => undefined)
    socket.setEncoding('latin1').on('data', (text: string) => {
      received += text
      heard = performance.now()
    })
    for (const piece of pieces) {
      socket.write(piece)
      await new Promise(setImmediate)
    }
    if (aborts) {
      if (socket.connecting) await Promise.race([once(socket, 'connect'), closed]).catch(() => undefined)
      socket.resetAndDestroy()
      return ''
    }
    for (let wait = QUIET; wait > 0 && !socket.closed; wait = QUIET - (performance.now() - heard)) await sleep(wait)
    socket.end()
    if (await Promise.race([closed, sleep(LIMIT, false, { ref: false })])) return received
    socket.destroy()
    throw new Error('the server does not close the connection')
  }

  /** After all that, it is well, and has nothing to say. */
  async #checkServer(): Promise<void> {
    const healthy = { pieces: [Buffer.from('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')], aborts: false }
    const received = await this.#send(healthy).catch(String)
    if (!/^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\nHello world$/.test(received)) {
      this.#failures.push(`a healthy request at the end is answered with ${JSON.stringify(received)}`)
    }
    if (this.child.exitCode !== null) this.#failures.push(`the server ended with ${this.child.exitCode}`)
    if (/^\s+at |Unhandled|Exception/m.test(this.#printed)) this.#failures.push(`the server wrote\n${this.#printed}`)
  }
}
