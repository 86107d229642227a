import { execFile } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MUTANTS, type Mutant } from './mutants'
import { flaskVersion } from './oracle'

const ROOT = join(__dirname, '../..')
const RUN = ['test/conformance/cli.ts', '--quick', '--programs', '4000', '--seed', '7']

/** What the comparison says of a copy of flaskoa with the mistake in it; `undefined` when it notices nothing. */
async function verdictOn(mutant?: Mutant): Promise<string | undefined> {
  const copy = mkdtempSync(join(tmpdir(), 'flaskoa-mutant-'))
  try {
    for (const name of ['src', 'test/conformance', 'test/support', 'package.json', 'tsconfig.json']) {
      cpSync(join(ROOT, name), join(copy, name), { recursive: true })
    }
    symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'))
    if (mutant !== undefined) apply(mutant, copy)
    return await run(copy)
  } finally {
    rmSync(copy, { recursive: true })
  }
}

function apply({ file, text, replacement }: Mutant, copy: string): void {
  const source = readFileSync(join(copy, file), 'utf8')
  if (source.split(text).length !== 2) throw new Error(`outdated: ${file} does not have the text once`)
  writeFileSync(
    join(copy, file),
    source.replace(text, () => replacement),
  )
}

function run(cwd: string): Promise<string | undefined> {
  const tsx = join(ROOT, 'node_modules/tsx/dist/cli.mjs')
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [tsx, ...RUN], { cwd, timeout: 240_000 }, (error, stdout, stderr) => {
      const difference = stdout.split('\n').find(line => line.startsWith('differs: '))
      if (difference !== undefined || error === null) resolve(difference)
      else if (error.killed === true) resolve('it does not end')
      else reject(new Error(`not a difference: ${stderr.trim().slice(-200)}`))
    })
  })
}

async function judge(mutant: Mutant): Promise<boolean> {
  const verdict = await verdictOn(mutant).catch((error: unknown) => error as Error)
  const noticed = typeof verdict === 'string'
  const [mark, why] = noticed ? ['noticed', verdict] : ['MISSED ', verdict?.message ?? '']
  console.log(`${mark}  ${mutant.breaks.padEnd(66)} ${why}`)
  return noticed
}

async function main(): Promise<number> {
  if (flaskVersion() === undefined) {
    console.log('skipped: python3-flask is not installed')
    return process.env.CI === undefined ? 0 : 1
  }
  const wrong = await verdictOn()
  if (wrong !== undefined) throw new Error(`without any mistake the comparison fails: ${wrong}`)
  const chosen = MUTANTS.filter(({ breaks }) => breaks.includes(process.argv[2] ?? ''))
  const waiting = [...chosen]
  let noticed = 0
  const worker = async () => {
    for (let mutant = waiting.shift(); mutant !== undefined; mutant = waiting.shift()) {
      if (await judge(mutant)) noticed++
    }
  }
  await Promise.all([worker(), worker(), worker()])
  console.log(`${noticed} passed, ${chosen.length - noticed} failed`)
  return noticed === chosen.length ? 0 : 1
}

void main().then(code => (process.exitCode = code))
