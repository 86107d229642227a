// `npm run bench:types`: what the compiler needs for routes that declare body, query and response, beside the same routes
// without. Both have the same schemas and their types, so that the difference is flaskoa's own. Processor time of the whole compilation,
// against the compiled flaskoa, as its users have it.
import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { build, built, dist, root } from './build'
import { fitLine } from './statistics'
import { markdown } from './table'

const PER_FILE = 10
const ROUTES = 200
const COUNTS = [50, 100, 200, 400]

/** Each compiler with the ratio that it must not exceed. */
const compilers = { 'typescript-5.9': 1.25, typescript: 1.25, 'typescript-7': 1.4 }
type Compiler = keyof typeof compilers

const dialects = ['standard', 'legacy'] as const
type Dialect = (typeof dialects)[number]

/** A route as it is written in each shape. */
const shapes = {
  plain: (i: number) => `  @Post('/r${i}/<int:id>') m${i}({ id }: { id: number }) {
    return { id, name: '', page: 1 }
  }`,
  declared: (
    i: number,
  ) => `  @Post('/r${i}/<int:id>', { body: B${i}, query: Q${i}, response: { 201: R${i}, 404: Problem } })
  m${i}({ id, body, query }: { id: number; body: B${i}; query: Q${i} }) {
    return { id, name: body.name, page: query.page }
  }`,
}
type Shape = keyof typeof shapes

const schemas = (i: number) => `
const B${i} = z.object({ name: z.string().min(1), age${i}: z.number().int().optional(), tags: z.array(z.string()), kind: z.enum(['a', 'b${i}']) })
type B${i} = z.infer<typeof B${i}>
const Q${i} = z.object({ page: z.number().int().default(1), q${i}: z.string().optional() })
type Q${i} = z.infer<typeof Q${i}>
const R${i} = z.object({ id: z.number(), name: z.string(), page: z.number() })
type R${i} = z.input<typeof R${i}>
`

const { values: options } = parseArgs({ options: { rounds: { type: 'string', default: '5' } } })
const rounds = Number(options.rounds)

function main(): void {
  build()
  const rows: string[][] = []
  for (const compiler of Object.keys(compilers) as Compiler[]) {
    for (const dialect of dialects) rows.push(compared(compiler, dialect))
  }
  console.log(`\n${markdown(['compiler', 'plain', 'declared', 'ratio', 'limit'], rows)}\n`)
  const heads = COUNTS.map(count => `${count} routes`)
  console.log(`${markdown(['seconds', ...heads, 'each, in ms'], Object.keys(compilers).map(growth))}\n`)
}

/** One row: the seconds of both shapes, which are compiled in turn, in the least disturbed round of each, and their ratio. */
function compared(compiler: Compiler, dialect: Dialect): string[] {
  const projects = { plain: project('plain', ROUTES, dialect), declared: project('declared', ROUTES, dialect) }
  const best = { plain: Infinity, declared: Infinity }
  for (let round = 0; round < rounds; round++) {
    for (const shape of Object.keys(shapes) as Shape[]) {
      best[shape] = Math.min(best[shape], seconds(compiler, projects[shape]))
    }
  }
  const ratio = best.declared / best.plain
  const limit = compilers[compiler]
  if (ratio > limit) process.exitCode = 1
  const shown = [best.plain, best.declared].map(value => `${value.toFixed(2)} s`)
  return [`${compiler}, ${dialect}`, ...shown, ratio.toFixed(2), limit.toFixed(2)]
}

/** One row: the seconds for each number of declared routes, and what one more costs. */
function growth(compiler: string): string[] {
  const points = COUNTS.map(count => {
    const directory = project('declared', count, 'standard')
    return [count, Math.min(...Array.from({ length: rounds }, () => seconds(compiler, directory)))] as const
  })
  return [compiler, ...points.map(([, value]) => value.toFixed(2)), (fitLine(points).slope * 1000).toFixed(2)]
}

/** Writes a project of so many routes, and returns its directory. */
function project(shape: Shape, count: number, dialect: Dialect): string {
  const directory = join(built, 'types', `${shape}-${count}-${dialect}`)
  rmSync(directory, { recursive: true, force: true })
  mkdirSync(directory, { recursive: true })
  for (let first = 0; first < count; first += PER_FILE) {
    const ids = Array.from({ length: PER_FILE }, (_, index) => first + index)
    writeFileSync(join(directory, `c${first}.ts`), sourceOf(shape, first, ids))
  }
  const compilerOptions = { experimentalDecorators: dialect === 'legacy', types: ['node'], paths: { flaskoa: [dist] } }
  const config = { extends: join(root, 'tsconfig.json'), compilerOptions, include: ['*.ts'], exclude: [] }
  writeFileSync(join(directory, 'tsconfig.json'), JSON.stringify(config))
  return directory
}

function sourceOf(shape: Shape, first: number, ids: readonly number[]): string {
  return [
    "import { z } from 'zod'\nimport { Post } from 'flaskoa'",
    'const Problem = z.object({ title: z.string() })',
    ...ids.map(schemas),
    // Used on both sides, so that zod's types are the same work on both.
    `export const all${first} = [Problem, ${ids.map(i => `B${i}, Q${i}, R${i}`).join(', ')}]`,
    `export type All${first} = [${ids.map(i => `B${i}['name'], Q${i}['page'], R${i}['id']`).join(', ')}]`,
    `export class C${first} {\n${ids.map(shapes[shape]).join('\n')}\n}\n`,
  ].join('\n')
}

/** The processor time of a compilation and of the processes that it starts. */
function seconds(compiler: string, directory: string): number {
  const command = `TIMEFORMAT='%U %S'; time "${process.execPath}" "$1" --pretty false -p "$2"`
  const bin = join(root, 'node_modules', compiler, 'bin', 'tsc')
  const { status, stdout, stderr } = spawnSync('bash', ['-c', command, 'bash', bin, directory], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${compiler} on ${directory}:\n${stdout}${stderr}`)
  return stderr
    .trim()
    .split(' ')
    .reduce((sum, value) => sum + Number(value), 0)
}

main()
