// The check of CI: what flaskoa costs beside Koa by hand, as a ratio of instructions, which hardly depends on the machine.
import { instructions, WARMUP, type Counts } from './callgrind'
import { BASELINE, peersNamed, type Peer } from './peers'
import { workloadNamed } from './workloads'

/** What was counted on Node 20, the least of some counts: by server, then by workload. */
const REACHED: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  flaskoa: {
    lifecycle: 0.617,
    'lifecycle-async': 0.866,
    'lifecycle-awaits': 0.957,
    'async-hooks-8': 1.05,
    input: 0.766,
    session: 0.767,
    'session-read': 0.463,
    abort: 0.317,
    'not-found': 1.2,
    'stream-64k': 0.7,
  },
  'flaskoa-on-koa': { lifecycle: 1.375 },
  'flaskoa-no-async-context': { lifecycle: 0.6, 'lifecycle-awaits': 0.7, 'async-hooks-8': 0.8 },
}
const TOLERANCE = 1.01
/** A busy machine lets V8 compile later and collect garbage on more threads, which only adds: the least of some counts is compared. */
const MOST_COUNTS = 4
/** A small machine has two processors. */
const AT_ONCE = 2

/** Fewer than elsewhere: a check of CI has minutes. */
const COUNTS: Counts = { warmup: WARMUP / 2, requests: 1000, dumps: 3 }

interface Guarded {
  readonly server: string
  readonly workload: string
  readonly reached: number
}

/** How many of the checks passed and failed. */
export async function guard(): Promise<{ passed: number; failed: number }> {
  const checks = Object.entries(REACHED).flatMap(([server, ratios]) =>
    Object.entries(ratios).map(([workload, reached]): Guarded => ({ server, workload, reached })),
  )
  const waiting = checks.values()
  let passed = 0
  const work = async () => {
    for (const check of waiting) if (await isWithin(check)) passed++
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  return { passed, failed: checks.length - passed }
}

async function isWithin({ server, workload, reached }: Guarded): Promise<boolean> {
  const limit = reached * TOLERANCE
  const koa = await baselineOf(workload)
  let least = Infinity
  for (let counts = 0; counts < MOST_COUNTS && least > limit * koa; counts++) {
    least = Math.min(least, await count(server, workload))
  }
  const ratio = least / koa
  const result = ratio <= limit ? 'ok  ' : 'FAIL'
  console.log(
    `${result} ${workload} ${server}: ${Math.round(least)} instructions, ${Math.round(koa)} with Koa by hand; ` +
      `the ratio is ${ratio.toFixed(4)}, the limit ${limit.toFixed(4)}`,
  )
  return ratio <= limit
}

/** Koa by hand is counted once for each workload: a second count could only be less, and the ratio higher. */
const baselines = new Map<string, Promise<number>>()

function baselineOf(workload: string): Promise<number> {
  const counted = baselines.get(workload) ?? count(BASELINE, workload)
  baselines.set(workload, counted)
  return counted
}

function count(server: string, workload: string): Promise<number> {
  const [peer] = peersNamed([server]) as [Peer]
  return instructions(peer, workloadNamed(workload), COUNTS)
}
