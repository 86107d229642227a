import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { built, dist } from './build'
import { connect } from './http1'
import type { Peer } from './peers'

/** A server in its own process. */
export class ServerProcess {
  private said = ''

  private constructor(
    readonly peer: Peer,
    readonly port: number,
    private readonly child: ChildProcess,
  ) {
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (text: Buffer) => (this.said = (this.said + text.toString()).slice(-4000)))
    }
  }

  /** @param wrapper the program that runs the server, with its arguments: valgrind, for instance */
  static async start(peer: Peer, workload: string, wrapper: readonly string[] = []): Promise<ServerProcess> {
    const port = await freePort()
    const [program, ...args] = [...wrapper, ...commandOf(peer, port)] as [string, ...string[]]
    const child = spawn(program, args, {
      cwd: join(__dirname, 'servers'),
      env: { ...process.env, PORT: String(port), WORKLOAD: workload, FLASKOA_DIST: dist, NODE_ENV: 'production' },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const server = new ServerProcess(peer, port, child)
    await server.listening()
    return server
  }

  get pid(): number {
    return this.child.pid as number
  }

  /** The process and its child processes. */
  get pids(): number[] {
    return [this.pid, ...descendants(this.pid)]
  }

  /** The processor time that it has used so far, in microseconds. */
  cpuMicroseconds(): number {
    const nanoseconds = this.pids.flatMap(threads).map(thread => Number(read(`${thread}/schedstat`).split(' ')[0]))
    return sum(nanoseconds) / 1000
  }

  /** Resident memory in kilobytes. Memory that gunicorn's two processes share is counted twice. */
  memoryKilobytes(): number {
    return sum(this.pids.map(pid => Number(/^VmRSS:\s+(\d+)/m.exec(read(`/proc/${pid}/status`))?.[1] ?? 0)))
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return
    const gone = new Promise(resolve => this.child.once('exit', resolve))
    this.child.kill('SIGTERM')
    const late = setTimeout(() => this.child.kill('SIGKILL'), 5000)
    await gone
    clearTimeout(late)
  }

  private async listening(): Promise<void> {
    const end = performance.now() + 120_000
    while (performance.now() < end) {
      if (this.child.exitCode !== null || this.child.signalCode !== null) break
      try {
        ;(await connect(this.port)).destroy()
        return
      } catch {
        await sleep(2)
      }
    }
    await this.stop()
    throw new Error(`${this.peer.title} does not start\n${this.said}`)
  }
}

/** What a server needs and this machine lacks; undefined when nothing is missing. */
export function missing(peer: Peer): string | undefined {
  if (peer.python === true)
    return existsSync('/usr/bin/gunicorn') ? undefined : 'Debian: apt-get install gunicorn python3-flask'
  const needs = peer.package === undefined || peer.package === 'koa' ? undefined : peer.package
  const found = needs === undefined || existsSync(join(__dirname, 'node_modules', needs))
  return found ? undefined : 'npm ci --prefix bench'
}

function commandOf(peer: Peer, port: number): string[] {
  if (peer.python !== true) return [process.execPath, join(built, `${peer.name}.js`)]
  // One process and one thread, like the other servers. gthread is the worker that keeps connections alive.
  const worker = '--workers 1 --worker-class gthread --threads 1 --worker-connections 10000 --keep-alive 75 --timeout 0'
  // Isolated, so that Debian's Flask is used even if another is installed.
  return [
    '/usr/bin/python3',
    '-s',
    '/usr/bin/gunicorn',
    ...worker.split(' '),
    '--bind',
    `127.0.0.1:${port}`,
    `${peer.name}_app:app`,
  ]
}

/** Below the range of ephemeral ports, so that no other process gets a port before a slow server has started. */
async function freePort(): Promise<number> {
  const port = 10_000 + Math.floor(Math.random() * 20_000)
  const server = createServer()
  const isFree = await new Promise<boolean>(resolve => {
    server.once('error', () => resolve(false)).listen(port, '127.0.0.1', () => resolve(true))
  })
  if (!isFree) return freePort()
  await new Promise(resolve => server.close(resolve))
  return port
}

function descendants(pid: number): number[] {
  const children = threads(pid).flatMap(thread => read(`${thread}/children`).split(' ').filter(Boolean).map(Number))
  return children.flatMap(child => [child, ...descendants(child)])
}

function threads(pid: number): string[] {
  return readdirSync(`/proc/${pid}/task`).map(thread => `/proc/${pid}/task/${thread}`)
}

/** A thread may end while its files are read. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0)
