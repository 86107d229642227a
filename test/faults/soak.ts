import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { Client } from './client'
import { Ledger } from './ledger'
import type { Conversation, Plan } from './plan'

// `npm run soak -- --minutes N`: full load with clients that leave, and whether the server's heap keeps growing.

/** What the heap may gain in the second half, in MB, by a straight line through its figures. */
const MOST_GROWTH = 2
const CONNECTIONS = 32
const ABORTS = 0.05
/** How often the heap is weighed at rest. */
const TURNS = 20

interface Sample {
  readonly heapUsed: number
  readonly rss: number
  readonly open: number
  readonly ended: number
  readonly arrived: number
}

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '10' }, interval: { type: 'string', default: '30' } },
})

const bodies = ['json', 'json', 'text', 'made', 'upload', 'plain', 'generator', 'readable'] as const

/** Ten requests on one connection; of a hundred, five are left by their client. */
function conversation(turn: number): Conversation {
  const plans = Array.from({ length: 10 }, (_, index): Plan => {
    const body = bodies[(turn + index) % bodies.length] as Plan['body']
    const method = body === 'upload' ? 'POST' : 'GET'
    return { scope: 'inner', method, body, pace: 'promise', hasSession: index % 4 === 0 }
  })
  const when = (['view', 'bytes', 'sent'] as const)[turn % 2 === 0 ? 1 : 2]
  const leaves = Math.random() < ABORTS * 10
  return { plans, pipelined: turn % 5 === 0, cut: leaves ? { at: 9, when, bytes: 200, how: 'reset' } : undefined }
}

/** The number of the next request. */
let next = 0

async function load(port: number, ledger: Ledger, isOver: () => boolean): Promise<void> {
  const work = async () => {
    while (!isOver()) {
      const client = new Client(port, conversation(next), ledger, () => `s${next++}`)
      await client.run()
      for (const sent of client.sent) ledger.strike(sent.id)
    }
  }
  await Promise.all(Array.from({ length: CONNECTIONS }, work))
}

async function sampleOf(server: ChildProcess): Promise<Sample> {
  server.send('sample')
  const [sample] = (await once(server, 'message')) as [Sample]
  return sample
}

/** When all requests have ended, or should have. */
async function sampleAtRest(server: ChildProcess): Promise<Sample> {
  let sample = await sampleOf(server)
  for (let turn = 0; turn < 50 && sample.open > 0; turn++) {
    await sleep(100)
    sample = await sampleOf(server)
  }
  // Finalisers, and what they have let go of, have turns of their own: it may take some until nothing more is freed.
  for (let turn = 0; turn < TURNS; turn++) {
    await sleep(50)
    const next = await sampleOf(server)
    if (next.heapUsed < sample.heapUsed) sample = next
  }
  return sample
}

/** The slope of the straight line that fits best, per step. */
function slopeOf(numbers: readonly number[]): number {
  const middle = (numbers.length - 1) / 2
  const mean = numbers.reduce((sum, each) => sum + each, 0) / numbers.length
  const along = numbers.reduce((sum, each, index) => sum + (index - middle) * (each - mean), 0)
  return along / numbers.reduce((sum, _, index) => sum + (index - middle) ** 2, 0)
}

async function main(): Promise<number> {
  const seconds = Number(values.interval)
  const rounds = Math.max(4, Math.round((Number(values.minutes) * 60) / seconds))
  const execArgv = ['--expose-gc', '--import', 'tsx']
  const server = fork(join(__dirname, 'soak-server.ts'), { execArgv })
  const [{ port }] = (await once(server, 'message')) as [{ port: number }]
  const ledger = new Ledger(Infinity) // nobody enters anything: the server is elsewhere
  const samples: Sample[] = []
  for (let round = 0; round < rounds; round++) {
    const end = performance.now() + seconds * 1000
    await load(port, ledger, () => performance.now() > end)
    // What is under way would be counted, more of it or less.
    const sample = await sampleAtRest(server)
    samples.push(sample)
    const [heap, rss] = [sample.heapUsed, sample.rss].map(bytes => (bytes / 2 ** 20).toFixed(1))
    console.log(
      `${(round + 1) * seconds} s: heap ${heap} MB, rss ${rss} MB, ${sample.arrived} requests, ${sample.open} open`,
    )
  }
  const last = samples.at(-1) as Sample
  server.disconnect()
  const second = samples.slice(Math.floor(samples.length / 2)).map(({ heapUsed }) => heapUsed / 2 ** 20)
  const growth = slopeOf(second) * (second.length - 1)
  console.log(`heap: ${growth.toFixed(2)} MB in the second half, at most ${MOST_GROWTH} are allowed`)
  console.log(`${last.arrived} requests, ${last.arrived - last.ended} never ended`)
  const failed = Number(growth > MOST_GROWTH) + Number(last.ended !== last.arrived)
  console.log(`${2 - failed} passed, ${failed} failed`)
  return failed === 0 ? 0 : 1
}

void main().then(code => process.exit(code))
