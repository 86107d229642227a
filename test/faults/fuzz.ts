import { parseArgs } from 'node:util'
import { Fuzzer } from './fuzzer'

// npm run fuzz -- --inputs 100000 --seed 1

const MOST_SHOWN = 10

async function main(): Promise<void> {
  const options = { inputs: { type: 'string', default: '100000' }, seed: { type: 'string' } } as const
  const { values } = parseArgs({ options })
  const seed = values.seed === undefined ? Date.now() % 1_000_000_000 : Number(values.seed)
  console.log(`${values.inputs} inputs, seed ${seed}`)
  const start = performance.now()
  const { passed, failures, counts } = await Fuzzer.run(Number(values.inputs), seed)
  for (const failure of failures.slice(0, MOST_SHOWN)) console.log(`FAIL ${failure}`)
  for (const [status, count] of Object.entries(counts).sort()) console.log(`${status.padEnd(8)}${count}`)
  console.log(`${Math.round((performance.now() - start) / 1000)} s`)
  console.log(`${passed} passed, ${failures.length} failed`)
  if (failures.length > 0) process.exitCode = 1
}

void main()
