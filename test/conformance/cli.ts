import fc from 'fast-check'
import { parseArgs } from 'node:util'
import { Coverage, line } from './coverage'
import { DIFFERENCES } from './differences'
import { programs } from './generate'
import { flaskVersion, Oracle } from './oracle'
import { checked, failureOf, kindOf, type Failure } from './run'
import { saved, show } from './show'

const BATCH = 100
/** Situations are rare: a small run does not meet all of them. */
const ENOUGH = 2000

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      programs: { type: 'string', default: '2000' },
      seed: { type: 'string' },
      /** Stops at the first failure and does not shrink it: for the mutants. */
      quick: { type: 'boolean', default: false },
    },
  })
  const version = flaskVersion()
  if (version === undefined) {
    console.log('skipped: python3-flask is not installed')
    return process.env.CI === undefined ? 0 : 1
  }
  const count = Number(values.programs)
  const seed = values.seed === undefined ? Date.now() % 1_000_000_000 : Number(values.seed)
  console.log(`Flask ${version}, ${count} programs, seed ${seed}`)
  return new Conformance(count, seed, values.quick).run()
}

class Conformance {
  readonly #oracle = new Oracle(DIFFERENCES.map(({ rule }) => rule))
  readonly #coverage = new Coverage()
  readonly #applied = new Map<string, number>()
  /** The first failure of each kind, and where it came from. */
  readonly #failures = new Map<string, { failure: Failure; seed: number }>()
  #failed = 0
  #ran = 0

  constructor(
    private readonly count: number,
    private readonly seed: number,
    private readonly quick: boolean,
  ) {}

  async run(): Promise<number> {
    const start = performance.now()
    for (let seed = this.seed; this.#ran < this.count && !(this.quick && this.#failed > 0); seed++) {
      await this.#batch(seed)
      if (this.#ran % 10_000 === 0) console.log(`${this.#ran} programs, ${this.#failed} failed`)
    }
    const rate = Math.round((this.#ran / (performance.now() - start)) * 1000)
    if (!this.quick) await this.#shrink()
    this.#oracle.close()
    const missing = this.#report(rate)
    console.log(`${this.#ran - this.#failed} passed, ${this.#failed + missing} failed`)
    return this.#failed + missing === 0 ? 0 : 1
  }

  /** While Flask runs one program, flaskoa runs the one before. */
  async #batch(seed: number): Promise<void> {
    const batch = fc.sample(programs, { seed, numRuns: Math.min(BATCH, this.count - this.#ran) })
    const answers = batch.map(program => this.#oracle.run(program))
    for (const [index, program] of batch.entries()) {
      const answer = await (answers[index] as (typeof answers)[number])
      this.#coverage.add(program, answer)
      for (const [rule, times] of Object.entries(answer.applied)) {
        this.#applied.set(rule, (this.#applied.get(rule) ?? 0) + times)
      }
      const failure = await failureOf(program, answer)
      this.#ran++
      if (failure === undefined) continue
      this.#failed++
      if (this.#failures.has(kindOf(failure))) continue
      this.#failures.set(kindOf(failure), { failure, seed })
      console.log(`differs: ${kindOf(failure)} (seed ${seed})`)
    }
  }

  /** The smallest program for each kind of failure: the same seed again, until fast-check finds nothing smaller. */
  async #shrink(): Promise<void> {
    for (const [kind, { failure, seed }] of [...this.#failures].slice(0, 3)) {
      const differs = async (program: Failure['program']) => {
        const found = await checked(this.#oracle, program)
        return found === undefined || kindOf(found) !== kind
      }
      const options = { seed, numRuns: BATCH, interruptAfterTimeLimit: 60_000 }
      const { counterexample } = await fc.check(fc.asyncProperty(programs, differs), options)
      const smallest = counterexample?.[0] ?? failure.program
      const shown = (await checked(this.#oracle, smallest)) ?? failure
      console.log(show(shown))
      console.log(`as files: ${saved(shown, seed).join(' ')}`)
    }
  }

  /** Returns how many situations and declared differences were never met. */
  #report(rate: number): number {
    if (!this.quick) {
      console.log(`\n${this.#ran} programs, ${this.#coverage.requests} requests, ${rate} programs/s\n`)
      console.log(`Situations\n${String(this.#coverage)}\n\nDeclared differences`)
      for (const { rule, flaskoa } of DIFFERENCES) console.log(line(rule, this.#applied.get(rule) ?? 0, flaskoa))
    }
    const unused = DIFFERENCES.filter(({ rule }) => !this.#applied.has(rule)).map(({ rule }) => `difference ${rule}`)
    const missing = this.#ran < ENOUGH ? [] : [...this.#coverage.missing, ...unused]
    for (const what of missing) console.log(`never reached: ${what}`)
    return missing.length
  }
}

void main().then(code => (process.exitCode = code))
