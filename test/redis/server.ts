import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, connect, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from '../support/until'

/** A redis-server of the test's own on 127.0.0.1, which has on disk whatever it has acknowledged. */
export class RedisServer {
  readonly #directory = mkdtempSync(join(tmpdir(), 'flaskoa-redis-'))
  #process: ChildProcess | undefined

  private constructor(readonly port: number) {}

  static async start(): Promise<RedisServer> {
    const server = new RedisServer(await freePort())
    await server.start()
    return server
  }

  async start(): Promise<void> {
    const where = ['--port', String(this.port), '--bind', '127.0.0.1', '--dir', this.#directory]
    const durable = ['--appendonly', 'yes', '--appendfsync', 'always', '--save', '']
    this.#process = spawn('redis-server', [...where, ...durable], { stdio: 'ignore' })
    await until('redis-server answers', () => this.#answers())
  }

  /** Without any warning, as a power cut. */
  async kill(): Promise<void> {
    const running = this.#process as ChildProcess
    const exited = once(running, 'exit')
    running.kill('SIGKILL')
    await exited
  }

  async remove(): Promise<void> {
    await this.kill()
    rmSync(this.#directory, { recursive: true, force: true })
  }

  async #answers(): Promise<boolean> {
    if (this.#process?.exitCode !== null) throw new Error('redis-server has ended')
    const socket = connect(this.port, '127.0.0.1')
    try {
      await once(socket, 'connect')
      socket.write('PING\r\n')
      const [answer] = (await once(socket, 'data')) as [Buffer]
      return answer.toString().startsWith('+PONG')
    } catch {
      return false
    } finally {
      socket.destroy()
    }
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo
  probe.close()
  await once(probe, 'close')
  return port
}
