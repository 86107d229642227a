// `npm run bench:instructions`: instructions per request, which hardly depend on the machine's other load. `--guard` measures
// only what CI checks.
import { readArguments } from './arguments'
import { build } from './build'
import { hasValgrind, instructions, WARMUP, type Counts } from './callgrind'
import { drawInstructions } from './draw'
import { guard } from './guard'
import { BASELINE, can } from './peers'
import { save, type Measured, type Ratios } from './results'
import { missing } from './server-process'
import { printTable } from './table'
import type { Workload } from './workloads'

const COUNTS: Counts = { warmup: WARMUP, requests: 4000, dumps: 3 }
/** An expensive request needs fewer repetitions. */
const FEW: Counts = { warmup: WARMUP / 10, requests: 300, dumps: 3 }

const args = readArguments({ guard: false }, ['lifecycle'])

async function main(): Promise<void> {
  if (!hasValgrind()) return withoutValgrind()
  build()
  await (args.has('guard') ? runGuard() : compare())
}

async function runGuard(): Promise<void> {
  const { passed, failed } = await guard()
  console.log(`${passed} passed, ${failed} failed`)
  if (failed > 0) process.exitCode = 1
}

async function compare(): Promise<void> {
  const results: Ratios = {}
  for (const workload of args.workloads) {
    const counted = await countAll(workload)
    const base = counted.get(BASELINE)
    if (base === undefined) throw new Error(`${BASELINE} is the baseline of all ratios: measure it too`)
    results[workload.name] = Object.fromEntries(
      [...counted].map(([name, value]): [string, Measured] => [
        name,
        { ratio: value / base, value: Math.round(value) },
      ]),
    )
  }
  printTable(results)
  if (!args.isFull) return
  save('instructions', results)
  drawInstructions()
}

async function countAll(workload: Workload): Promise<Map<string, number>> {
  const counted = new Map<string, number>()
  for (const peer of args.peers.filter(each => can(each, workload.name))) {
    const reason = peer.uncountable ?? missing(peer)
    if (reason !== undefined) {
      console.log(`skip ${peer.title}: ${reason}`)
      continue
    }
    const few = ['stream', 'json'].includes(workload.name)
    const count = await instructions(peer, workload, few ? FEW : COUNTS)
    console.log(`${workload.name} ${peer.name} ${Math.round(count)}`)
    counted.set(peer.name, count)
  }
  return counted
}

/** Valgrind is optional on a developer's machine and required in CI. */
function withoutValgrind(): void {
  const isNeeded = Boolean(process.env.CI)
  console.log(
    `${isNeeded ? 'FAIL' : 'skip'} instructions per request: there is no valgrind (Debian: apt-get install valgrind)`,
  )
  console.log(isNeeded ? '0 passed, 1 failed' : '0 passed, 0 failed, 1 skipped')
  if (isNeeded) process.exitCode = 1
}

void main()
