import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import fc from 'fast-check'
import { dialect } from '../support/dialect'
import { patience } from '../support/pace'
import { conversations, http2Conversations, PLACES } from './plan'
import { Run } from './run'

// A small run of `npm run chaos`: random faults over real sockets, and an account of every request (balance.ts).

/** Requests that never end by themselves wait for this deadline; no other request should meet it. */
const REQUEST_TIMEOUT = patience(25)
const SETTINGS = { requestTimeout: REQUEST_TIMEOUT, parallel: 24 }

/** What is wrong, each with the plan that led to it. */
const problems = (run: Run) =>
  run.problems.map(({ what, id, index, conversation }) => [what, id, conversation.plans[index ?? 0], conversation.cut])

/** Has enough conversations for each place to fail. */
async function ledgerOf(seed: number): Promise<Run> {
  const run = new Run(SETTINGS)
  const sample = fc.sample(conversations(6), { seed, numRuns: 120 })
  const failing = new Set(
    sample.flatMap(({ plans }) => plans.flatMap(({ fault, late }) => [fault?.place, late?.place])),
  )
  expect(PLACES.filter(place => !failing.has(place))).toEqual([])
  await run.all(sample)
  return run
}

async function expectBalance(run: Run): Promise<void> {
  await run.close()
  const { ledger, totals } = run
  expect(problems(run)).toEqual([])
  expect([totals.tornDown, totals.notified]).toEqual([ledger.arrived, ledger.arrived])
  expect(ledger.strays).toEqual([])
}

test.each([1, 2, 3])('every request has one teardown and one outcome, whatever fails: seed %d', async seed => {
  await expectBalance(await ledgerOf(seed))
})

test.each([4, 5])('the same over HTTP/2, whose streams are reset at every step: seed %d', async seed => {
  const run = new Run({ ...SETTINGS, http2: true })
  await run.all(fc.sample(http2Conversations(6), { seed, numRuns: 120 }))
  await expectBalance(run)
})

test.each([11, 12])('the same when the server shuts down meanwhile: seed %d', async seed => {
  const run = new Run({ ...SETTINGS, shutdownTimeout: 50 })
  const load = run.all(fc.sample(conversations(6), { seed, numRuns: 120 }))
  await run.reached(100)
  await run.shutDown()
  const { arrived } = run.ledger
  await load
  expect(problems(run)).toEqual([])
  expect([run.openAtShutdown, run.totals.tornDown, run.totals.notified]).toEqual([0, arrived, arrived])
})

test('in a process of its own no error escapes, and no context stays alive', () => {
  const root = join(__dirname, '../..')
  const TSX_TSCONFIG_PATH = join(root, dialect === 'legacy' ? 'test/tsconfig.legacy.json' : 'tsconfig.json')
  const program = ['--expose-gc', '--import', 'tsx', join(__dirname, 'chaos.ts')]
  const args = [...program, '--requests', '300', '--seed', '21', '--timeout', String(REQUEST_TIMEOUT)]
  const env = { ...process.env, TSX_TSCONFIG_PATH }
  const { stdout, status } = spawnSync(process.execPath, args, { cwd: root, env, encoding: 'utf8' })
  expect([stdout.trimEnd().split('\n').at(-1), status]).toEqual([expect.stringMatching(/ passed, 0 failed$/), 0])
})
