// The check of CI: what flaskoa costs beside Koa by hand, as a ratio of instructions, which hardly depends on the machine.
import { instructions, WARMUP, type Counts } from './callgrind'
import { BASELINE, peersNamed, type Peer } from './peers'
import { workloadNamed } from './workloads'

/**
 * What was counted on Node 20, the least of some counts: by server, then by workload. As multiples of Koa by hand in the
 * lifecycle, which stands for the machine and its Node: a count of Koa for each workload would take twice the time.
 */
const REACHED: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  flaskoa: {
    lifecycle: 0.622,
    'lifecycle-async': 0.87,
    'lifecycle-awaits': 1.01,
    'async-hooks-8': 1.061,
    input: 0.975,
    session: 2.3,
    'session-read': 1.14,
    abort: 0.91,
    'not-found': 0.58,
    'stream-64k': 2.43,
  },
  'flaskoa-on-koa': { lifecycle: 1.385 },
  'flaskoa-no-async-context': { lifecycle: 0.58, 'lifecycle-awaits': 0.711, 'async-hooks-8': 0.741 },
}
const TOLERANCE = 1.01
/** A busy machine lets V8 compile later and collect garbage on more threads, which only adds: the least of some counts is compared. */
const MOST_COUNTS = 4
/** A small machine has two processors. */
const AT_ONCE = 2

const COUNTS: Counts = { warmup: WARMUP, requests: 1000, dumps: 3 }

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
  const koa = count(BASELINE, 'lifecycle')
  const waiting = checks.values()
  let passed = 0
  const work = async () => {
    for (const check of waiting) if (await isWithin(check, await koa)) passed++
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  return { passed, failed: checks.length - passed }
}

async function isWithin({ server, workload, reached }: Guarded, koa: number): Promise<boolean> {
  const limit = reached * TOLERANCE
  let least = Infinity
  for (let counts = 0; counts < MOST_COUNTS && least > limit * koa; counts++) {
    least = Math.min(least, await count(server, workload))
  }
  const ratio = least / koa
  console.log(
    `${ratio <= limit ? 'ok  ' : 'FAIL'} ${workload}, ${server}: ${Math.round(least)} instructions; ` +
      `the ratio is ${ratio.toFixed(4)}, the limit ${limit.toFixed(4)}`,
  )
  return ratio <= limit
}

function count(server: string, workload: string): Promise<number> {
  const [peer] = peersNamed([server]) as [Peer]
  return instructions(peer, workloadNamed(workload), COUNTS)
}
