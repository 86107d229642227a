// Every code block of every Markdown file is a test: compiled in both dialects of decorators, then run.
// blocks.mjs says what the words behind ```ts mean. Links, anchors and names of files are checked as well.
import { availableParallelism } from 'node:os'
import { check, skip, summarize } from '../../scripts/checks.mjs'
import { examplesOf, pages, runs } from './blocks.mjs'
import { DIALECTS, compile } from './compilation.mjs'
import { execute } from './execution.mjs'
import { endPrograms } from './programs.mjs'
import { checkReferences } from './references.mjs'
import { makeWorkplace } from './workplace.mjs'

const wanted = process.argv.slice(2) // some pages, while they are written
const chosen = pages().filter(page => wanted.length === 0 || wanted.includes(page))

const shown = {}
const examples = []
for (const page of chosen) {
  const found = await check(`${page}: each code block has a known kind`, () => examplesOf(page, shown))
  examples.push(...(found ?? []))
  await check(`${page}: its links, anchors, files and commands exist`, () => checkReferences(page))
}
const workplace = await check('flaskoa builds', makeWorkplace)
if (workplace !== undefined) {
  try {
    await testExamples(workplace.site)
  } finally {
    endPrograms()
    workplace.remove()
  }
}
report()
summarize()

async function testExamples(site) {
  const [skipped, tested] = [examples.filter(isSkipped), examples.filter(example => !isSkipped(example))]
  const compiled = DIALECTS.map(dialect => compile(tested, dialect, site))
  for (const { where, options } of skipped) skip(where, options.skip)
  await inParallel(tested, async example => {
    const problem = await problemOf(
      example,
      compiled.map(results => results.get(example)),
    )
    await check(`${example.where} ${kindOf(example)}`, () => {
      if (problem !== undefined) throw problem
    })
  })
}

function isSkipped({ options }) {
  return options.skip !== undefined
}

/** The first thing that is wrong with an example in any dialect. */
async function problemOf(example, results) {
  for (const [index, { file, messages }] of results.entries()) {
    try {
      checkMessages(example, messages)
      if (runs(example)) await execute(example, file)
    } catch (error) {
      return new Error(`${DIALECTS[index]}: ${error.message}`)
    }
  }
}

function checkMessages({ options }, messages) {
  if (options.error === undefined) {
    if (messages.length > 0) throw new Error(messages.join('\n'))
  } else if (!messages.some(message => message.includes(options.error))) {
    throw new Error(`the compiler does not say "${options.error}", but: ${messages.join('\n') || 'nothing'}`)
  }
}

function kindOf(example) {
  const { options, requests } = example
  if (options.error !== undefined) return 'is refused by the compiler'
  if (options.in !== undefined) return 'compiles, a fragment'
  if (options.norun !== undefined) return `compiles, not run: ${options.norun}`
  if (!runs(example)) return 'compiles, a file that others import'
  return requests.length > 0 ? `compiles and runs, requests: ${requests.length}` : 'compiles and runs'
}

/** As many at a time as the machine has processors, with the results in order. */
async function inParallel(items, work) {
  const waiting = [...items]
  const worker = async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await work(item)
  }
  await Promise.all(Array.from({ length: Math.min(availableParallelism(), 4) }, worker))
}

/** What there was, so that a block that is not tested is at least counted. */
function report() {
  const blocks = examples.reduce((sum, example) => sum + example.blocks, 0)
  const count = test => examples.filter(test).length
  const others = Object.entries(shown).map(([language, number]) => `${number} ${language}`)
  console.log(
    `${blocks} ts blocks in ${examples.length} programs, each in ${DIALECTS.length} dialects: ${count(runs)} run, ` +
      `${count(({ options }) => options.in !== undefined)} fragments, ${count(({ options }) => options.error !== undefined)} refused by ` +
      `the compiler, ${count(({ options }) => options.norun !== undefined)} compiled only, ${count(isSkipped)} skipped; ` +
      `${examples.reduce((sum, { requests }) => sum + requests.length, 0)} requests. Shown, not run: ${others.join(', ')}`,
  )
}
