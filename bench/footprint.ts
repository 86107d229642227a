// `npm run bench:footprint`: what a server needs to start, and its memory. Each figure is the median of several rounds, with new
// processes in each. The results are ratios, because memory and start-up time differ less between machines as ratios.
// Start and import are processor time of all threads: other load on the machine hardly changes it.
import { spawnSync } from 'node:child_process'
import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { readArguments } from './arguments'
import { build, dist } from './build'
import { connect, http1 } from './http1'
import { drawFootprint } from './draw'
import { BASELINE, type Peer } from './peers'
import { save, type Measured, type Ratios } from './results'
import { missing, ServerProcess } from './server-process'
import { median } from './statistics'
import { markdown } from './table'
import { check, open, requestTo, workloadNamed } from './workloads'

/** Many, so that they need more memory than a garbage collection frees. */
const IDLE_CONNECTIONS = 4000
/** Connections opened at once: as many as the shortest queue of new connections holds. */
const BATCH = 250
const LOAD_SECONDS = 3
const FLASK_IMPORT =
  'import time; start = time.process_time(); import flask; print((time.process_time() - start) * 1000)'

const args = readArguments({ rounds: 5 }, ['lifecycle'])
const workload = workloadNamed('lifecycle')

/** One round of one server. */
interface Sample {
  readonly start: number
  readonly import: number
  readonly idle: number
  readonly connection: number
  readonly load: number
}

const titles: Readonly<Record<keyof Sample, string>> = {
  start: 'start to first answer, ms of processor time',
  import: 'import, ms of processor time',
  idle: 'memory at rest, MB',
  connection: 'per idle connection, KB',
  load: 'memory under load, MB',
}

async function main(): Promise<void> {
  build()
  const ready = args.peers.filter(peer => missing(peer) === undefined)
  const samples = new Map(ready.map((peer): [Peer, Sample[]] => [peer, []]))
  for (let round = 0; round < args.number('rounds'); round++) {
    for (const [peer, list] of samples) list.push(await sample(peer))
    console.log(`round ${round + 1} of ${args.number('rounds')}`)
  }
  const results: Ratios = Object.fromEntries(
    (Object.keys(titles) as (keyof Sample)[]).map(kind => [kind, comparedBy(samples, kind)]),
  )
  console.log(`\n${footprintTable(results)}\n`)
  if (!args.isFull) return
  save('footprint', results)
  drawFootprint(titles)
}

async function sample(peer: Peer): Promise<Sample> {
  const server = await ServerProcess.start(peer, workload.name)
  try {
    await http1.ask(server.port, requestTo('/users/42'))
    const start = server.cpuMicroseconds() / 1000
    const exchanges = await check(workload, server.port)
    await sleep(300)
    const idle = server.memoryKilobytes()
    const connection = await perConnection(server, idle)
    const client = await open(workload, server.port, 64, exchanges)
    await client.run({ milliseconds: LOAD_SECONDS * 1000 })
    const load = server.memoryKilobytes()
    client.close()
    return { start, import: importTime(peer), idle: idle / 1024, connection, load: load / 1024 }
  } finally {
    await server.stop()
  }
}

/** Kilobytes per connection on which no request was sent yet. */
async function perConnection(server: ServerProcess, before: number): Promise<number> {
  const sockets: Socket[] = []
  let lost = 0
  while (sockets.length < IDLE_CONNECTIONS) {
    sockets.push(...(await Promise.all(Array.from({ length: BATCH }, () => connect(server.port)))))
  }
  for (const socket of sockets) socket.once('error', () => lost++)
  await sleep(500)
  const after = server.memoryKilobytes()
  for (const socket of sockets) socket.destroy()
  if (lost > 0) throw new Error(`${server.peer.title} closed ${lost} idle connections`)
  await sleep(200)
  return (after - before) / IDLE_CONNECTIONS
}

/** Milliseconds of processor time that an application's imports take in a new process. */
function importTime({ imports, python }: Peer): number {
  if (python === true) return Number(output('/usr/bin/python3', ['-s', '-c', FLASK_IMPORT]))
  const names = imports.map(name => (name === 'flaskoa' ? dist : name))
  const program =
    'const start = process.cpuUsage(); for (const name of process.argv.slice(1)) require(name);' +
    'const { user, system } = process.cpuUsage(start); console.log((user + system) / 1000); process.exit()'
  return Number(output(process.execPath, ['-e', program, ...names]))
}

function output(program: string, args: string[]): string {
  const { status, stdout, stderr } = spawnSync(program, args, { cwd: __dirname, encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
  return stdout
}

/** The ratio of each value to the baseline's value of the same round. */
function comparedBy(samples: ReadonlyMap<Peer, readonly Sample[]>, kind: keyof Sample): Record<string, Measured> {
  const values = new Map([...samples].map(([{ name }, list]) => [name, list.map(each => each[kind])]))
  const base = values.get(BASELINE)
  if (base === undefined) throw new Error(`${BASELINE} is the baseline of all ratios: measure it too`)
  return Object.fromEntries(
    [...values].map(([name, list]): [string, Measured] => [
      name,
      { ratio: median(list.map((value, round) => value / (base[round] as number))), value: median(list) },
    ]),
  )
}

function footprintTable(results: Ratios): string {
  const kinds = Object.keys(titles) as (keyof Sample)[]
  const rows = args.peers
    .filter(({ name }) => results.start?.[name] !== undefined)
    .map(({ name, title }) => [
      title,
      ...kinds.map(kind => {
        const { ratio, value } = results[kind]?.[name] as Measured
        return `${value.toFixed(value < 10 ? 1 : 0)} (${ratio.toFixed(2)})`
      }),
    ])
  return markdown(['value (× Koa by hand)', ...kinds.map(kind => titles[kind])], rows)
}

void main()
