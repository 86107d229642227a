// `npm run bench`: the processor time per request of every server's process, at 64 connections. All servers of a workload
// run at once and are loaded in turn, in short slices A B C … A B C …, so that other load on the machine affects all of them.
// The results are ratios to the baseline in the same round.
import { readArguments } from './arguments'
import { build } from './build'
import type { Exchange, Until } from './client'
import { drawCpu } from './draw'
import { BASELINE, can, type Peer } from './peers'
import { save, type Ratios } from './results'
import { missing, ServerProcess } from './server-process'
import { median } from './statistics'
import { printTable } from './table'
import { check, open, type Workload } from './workloads'

const CONNECTIONS = 64
/** Requests until Node 24 has compiled what they run: `bench/README.md` shows how it was found. */
const WARMUP = 60_000
/** Milliseconds. An expensive request needs fewer repetitions. */
const LONGEST_WARMUP = 15_000
const args = readArguments({ rounds: 8, seconds: 0.5, warmup: WARMUP, check: false })

interface Contestant {
  readonly server: ServerProcess
  readonly workload: Workload
  readonly exchanges: readonly Exchange[]
  /** Microseconds per request, one for each round. */
  readonly slices: number[]
}

async function main(): Promise<void> {
  build()
  const ready = args.peers.filter(peer => {
    const reason = missing(peer)
    if (reason !== undefined) console.log(`skip ${peer.title}: ${reason}`)
    return reason === undefined
  })
  const results: Ratios = {}
  for (const workload of args.workloads) {
    const contestants = await startAll(ready, workload)
    try {
      if (!args.has('check')) results[workload.name] = await measure(contestants, workload)
    } catch (error) {
      fail(workload.name, error) // and the other workloads still have their turn
    } finally {
      for (const { server } of contestants) await server.stop()
    }
    if (args.isFull && !args.has('check')) save('cpu', results)
  }
  if (args.has('check')) return
  printTable(results)
  if (args.isFull) drawCpu()
}

/** The servers that have this workload and answer it correctly. */
async function startAll(peers: readonly Peer[], workload: Workload): Promise<Contestant[]> {
  const contestants: Contestant[] = []
  for (const peer of peers.filter(each => can(each, workload.name))) {
    const name = `${workload.name} ${peer.name}`
    let server: ServerProcess | undefined
    try {
      server = await ServerProcess.start(peer, workload.name)
      contestants.push({ server, workload, exchanges: await check(workload, server.port), slices: [] })
      if (args.has('check')) console.log(`ok   ${name}`)
    } catch (error) {
      fail(name, error)
      await server?.stop()
    }
  }
  return contestants
}

function fail(name: string, error: unknown): void {
  console.log(`FAIL ${name}\n${(error as Error).message}`)
  process.exitCode = 1
}

async function measure(contestants: readonly Contestant[], workload: Workload): Promise<Ratios[string]> {
  const warmup = { requests: args.number('warmup'), milliseconds: LONGEST_WARMUP }
  for (const contestant of contestants) await slice(contestant, warmup)
  for (let round = 0; round < args.number('rounds'); round++) {
    for (const contestant of contestants) {
      contestant.slices.push(await slice(contestant, { milliseconds: args.number('seconds') * 1000 }))
    }
  }
  const baseline = contestants.find(({ server }) => server.peer.name === BASELINE)?.slices
  if (baseline === undefined) throw new Error(`${BASELINE} is the baseline of all ratios: measure it too`)
  console.log(`${workload.title}: ${median(baseline).toFixed(1)} µs for Koa by hand`)
  return Object.fromEntries(
    contestants.map(({ server, slices }) => {
      const ratio = median(slices.map((value, round) => value / (baseline[round] as number)))
      const best = Math.min(...slices) / Math.min(...baseline)
      return [server.peer.name, { ratio, best, value: median(slices) }]
    }),
  )
}

/** Microseconds of processor time per request. */
async function slice({ server, workload, exchanges }: Contestant, until: Until): Promise<number> {
  const client = await open(workload, server.port, CONNECTIONS, exchanges)
  try {
    await client.run({ milliseconds: 50 }) // what connecting costs is no part of it
    const before = server.cpuMicroseconds()
    const requests = await client.run(until)
    return (server.cpuMicroseconds() - before) / requests
  } finally {
    client.close()
  }
}

void main()
