import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import fc from 'fast-check'
import { conversations, http2Conversations } from './plan'
import { Run, type Problem } from './run'
import { tableOf } from './table'

// `npm run chaos -- --requests N --seed N --protocol http1`: random faults over real sockets, and whether every account balances.
// Without a protocol N requests of each.

const PROTOCOLS = { http1: conversations, http2: http2Conversations } as const
type Protocol = keyof typeof PROTOCOLS

const BATCH = 250
/** Batches at once: some of their requests only wait. */
const BATCHES = 4
const INTERVAL = 100_000
/** What the heap may have grown from the first interval to the last, in MB. Compiled code and caches grow at first. */
const MOST_GROWTH = 20

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '20000' },
    seed: { type: 'string' },
    timeout: { type: 'string', default: '60' },
    protocol: { type: 'string' },
  },
})
const wanted = Number(values.requests)
const seed = values.seed === undefined ? Date.now() % 1_000_000_000 : Number(values.seed)
const interval = Math.min(INTERVAL, Math.ceil(wanted / 4))

// Thousands of errors are made, and nobody reads where.
Error.stackTraceLimit = 1

const escaped: string[] = []
process.on('unhandledRejection', error => escaped.push(`unhandled rejection: ${String(error)}`))
process.on('uncaughtException', error => escaped.push(`uncaught exception: ${String(error)}`))

// Files of forms are written here, and must be gone at the end.
const temporary = (process.env.TMPDIR = mkdtempSync(join(tmpdir(), 'flaskoa-chaos-')))

const isCollecting = global.gc !== undefined

async function main(): Promise<number> {
  const protocols = (Object.keys(PROTOCOLS) as Protocol[]).filter(each => (values.protocol ?? each) === each)
  if (protocols.length === 0) throw new Error(`--protocol is one of ${Object.keys(PROTOCOLS).join(', ')}`)
  let code = 0
  for (const protocol of protocols) code = (await balance(protocol)) || code
  return code
}

/** Returns the exit code. */
async function balance(protocol: Protocol): Promise<number> {
  console.log(`${protocol}: ${wanted} requests, seed ${seed}, requestTimeout ${values.timeout} ms`)
  const conversationsOf = PROTOCOLS[protocol]
  const run = new Run({ requestTimeout: Number(values.timeout), parallel: 24, http2: protocol === 'http2' })
  const heaps: number[] = []
  const start = performance.now()
  let batch = seed
  // What Node makes at its first use keeps the store of the request that used it, once and for ever.
  await run.all(fc.sample(conversationsOf(), { seed: batch++, numRuns: 100 }))
  run.ledger.collects = isCollecting
  const work = async () => {
    while (run.requests < Math.min(wanted, (heaps.length + 1) * interval)) {
      await run.all(fc.sample(conversationsOf(), { seed: batch++, numRuns: BATCH }))
    }
  }
  while (run.requests < wanted) {
    await Promise.all(Array.from({ length: BATCHES }, work))
    await measure(run, heaps)
  }
  const seconds = (performance.now() - start) / 1000
  await run.shutDown()
  return report(run, heaps, seconds)
}

/** When all requests so far have ended, and their contexts are gone. */
async function measure(run: Run, heaps: number[]): Promise<void> {
  const alive = await aliveAtLast(run)
  heaps.push(process.memoryUsage().heapUsed / 2 ** 20)
  console.log(
    `${run.requests} requests, ${run.failed} failed, heap ${heaps.at(-1)?.toFixed(1)} MB, ${alive} contexts alive`,
  )
}

/** Returns the exit code. */
async function report(run: Run, heaps: readonly number[], seconds: number): Promise<number> {
  const alive = await aliveAtLast(run)
  const growth = heaps.length > 2 ? (heaps.at(-1) as number) - (heaps[0] as number) : 0
  console.log(`\n${tableOf(run, alive)}\n`)
  console.log(
    `${Math.round(run.requests / seconds)} requests/s; heap after gc: ${heaps.map(each => each.toFixed(1)).join(', ')} MB`,
  )
  for (const problem of kindsOf(run.problems)) console.log(show(problem))
  for (const each of escaped.slice(0, 10)) console.log(each)
  const left = readdirSync(temporary)
  const others = [
    left.length > 0,
    escaped.length > 0,
    run.ledger.strays.length > 0,
    alive > 0,
    growth > MOST_GROWTH,
    run.openAtShutdown !== 0,
  ]
  const failed = run.failed + others.filter(Boolean).length
  if (left.length > 0) console.log(`files are left: ${left.join(', ')}`)
  if (growth > MOST_GROWTH) console.log(`the heap has grown by ${growth.toFixed(1)} MB`)
  console.log(`${run.requests - run.failed} passed, ${failed} failed`)
  return failed === 0 ? 0 : 1
}

/** Contexts that nothing but a forgotten reference keeps. A finaliser runs in a turn of its own. */
async function aliveAtLast({ ledger }: Run): Promise<number> {
  for (let turn = 0; isCollecting && ledger.alive > 0 && turn < 150; turn++) {
    global.gc?.()
    await new Promise(resolve => setTimeout(resolve, 20))
  }
  return ledger.alive
}

/** The first problem of each kind. */
function kindsOf(problems: readonly Problem[]): Problem[] {
  const kinds = new Map<string, Problem>()
  for (const problem of problems) {
    const kind = problem.what.replaceAll(/\d+/g, '0')
    if (!kinds.has(kind)) kinds.set(kind, problem)
  }
  return [...kinds.values()].slice(0, 10)
}

function show({ what, id, log, conversation: { plans, ...how } }: Problem): string {
  const lines = plans.map((plan, index) => `  ${index} ${JSON.stringify(plan)}`)
  return [`\n${id}: ${what}`, `  ${JSON.stringify(how)}`, ...lines, `  ${log.join(', ')}`].join('\n')
}

void main().then(code => {
  rmSync(temporary, { recursive: true, force: true })
  process.exit(code)
})
