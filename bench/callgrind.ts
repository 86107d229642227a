import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Peer } from './peers'
import { nodeMajor } from './results'
import { ServerProcess } from './server-process'
import { median } from './statistics'
import { check, open, type Workload } from './workloads'

export interface Counts {
  /** Requests before counting, until V8 has compiled the hot code. */
  readonly warmup: number
  /** Requests per dump. */
  readonly requests: number
  readonly dumps: number
}

/** Requests until V8 has compiled what they run. Node 24 does so later than Node 20 and 22: see `bench/README.md`. */
export const WARMUP = nodeMajor < 24 ? 15_000 : 60_000

/** One connection for all requests: a new connection costs as much as a thousand requests and would be counted. */
const CONNECTIONS = 1

export function hasValgrind(): boolean {
  return spawnSync('valgrind', ['--version']).status === 0
}

/** On a busy machine callgrind may answer only after the server has closed the idle connection. */
const MOST_TRIES = 3

/** Instructions that a server executes per request, in user space, in all its threads. */
export async function instructions(peer: Peer, workload: Workload, counts: Counts): Promise<number> {
  for (let tries = 1; ; tries++) {
    try {
      return await count(peer, workload, counts)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ECONNRESET' || tries === MOST_TRIES) throw error
    }
  }
}

async function count(peer: Peer, workload: Workload, { warmup, requests, dumps }: Counts): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'flaskoa-callgrind-'))
  const out = join(folder, 'out')
  const wrapper = [
    'valgrind',
    '--tool=callgrind',
    '--instr-atstart=no',
    `--callgrind-out-file=${out}.%p`,
    `--log-file=${join(folder, 'log.%p')}`,
  ]
  const server = await ServerProcess.start(peer, workload.name, wrapper)
  try {
    const exchanges = await check(workload, server.port)
    const client = await open(workload, server.port, CONNECTIONS, exchanges)
    const control = (command: string) => callgrindControl(command, String(server.pid))
    await client.run({ requests: warmup })
    control('--instr=on')
    await client.run({ requests: Math.ceil(requests / 8) }) // what is compiled anew for counting
    control('--zero')
    for (let dump = 0; dump < dumps; dump++) {
      await client.run({ requests })
      control('--dump')
    }
    client.close()
    return median(totals(folder, dumps).map(total => total / requests))
  } finally {
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

function callgrindControl(...args: string[]): void {
  const { status, stderr } = spawnSync('callgrind_control', args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`callgrind_control ${args.join(' ')}: ${stderr}`)
}

/** The total of each dump. Their files end with a number after the process's. */
function totals(folder: string, expected: number): number[] {
  const dumps = readdirSync(folder).filter(name => /^out\.\d+\.\d+$/.test(name))
  // callgrind_control fails without an error message.
  if (dumps.length !== expected) throw new Error(`callgrind wrote ${dumps.length} dumps, not ${expected}`)
  return dumps.map(name => Number(/^(?:totals|summary): (\d+)/m.exec(readFileSync(join(folder, name), 'utf8'))?.[1]))
}
