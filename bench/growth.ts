// `npm run bench:growth`: the cost of one more hook, route, level of blueprints, or controller at start-up. Requests are
// counted in instructions, the start-up is timed. The slope of the line through the points is the cost of one more.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { build, built, dist } from './build'
import { hasValgrind, instructions, WARMUP } from './callgrind'
import { drawGrowth } from './draw'
import { peersNamed, type Peer } from './peers'
import { save, type Growth } from './results'
import { fitLine, median } from './statistics'
import { markdown } from './table'
import { workloadNamed } from './workloads'

const BOOTS = 9

const series: Readonly<Record<string, readonly number[]>> = {
  hooks: [1, 4, 16, 64],
  'bare-hooks': [1, 4, 16, 64],
  'async-hooks': [1, 4, 16, 64],
  routes: [1, 10, 100, 1000],
  levels: [0, 1, 2, 4, 8],
  controllers: [1, 10, 100, 1000],
}

const { values: options } = parseArgs({ options: { only: { type: 'string' } } })

async function main(): Promise<void> {
  build()
  const wanted = options.only?.split(',') ?? Object.keys(series)
  const results: Record<string, Growth> = {}
  for (const [name, counts] of Object.entries(series)) {
    if (!wanted.includes(name)) continue
    if (name !== 'controllers' && !hasValgrind()) {
      console.log(`skip ${name}: there is no valgrind (Debian: apt-get install valgrind)`)
      continue
    }
    const points: [number, number][] = []
    for (const count of counts) {
      points.push([count, name === 'controllers' ? bootMilliseconds(count) : await countInstructions(name, count)])
      console.log(name, ...(points.at(-1) as [number, number]))
    }
    results[name] = { points, ...fitLine(points) }
  }
  console.log(`\n${growthTable(results)}\n`)
  save('growth', results)
  drawGrowth()
}

async function countInstructions(name: string, count: number): Promise<number> {
  const [flaskoa] = peersNamed(['flaskoa']) as [Peer]
  const workload = workloadNamed(`${name}-${count}`)
  return Math.round(await instructions(flaskoa, workload, { warmup: WARMUP, requests: 2000, dumps: 3 }))
}

function bootMilliseconds(count: number): number {
  const env = { ...process.env, FLASKOA_DIST: dist, COUNT: String(count), NODE_ENV: 'production' }
  const once = () => {
    const { stdout, stderr } = spawnSync(process.execPath, [join(built, 'flaskoa-boot.js')], { env, encoding: 'utf8' })
    if (stdout === '') throw new Error(stderr)
    return Number(stdout)
  }
  return median(Array.from({ length: BOOTS }, once))
}

function growthTable(results: Readonly<Record<string, Growth>>): string {
  const rows = Object.entries(results).map(([name, { points, slope, intercept }]) => {
    const unit = name === 'controllers' ? 'ms' : 'instructions'
    const shown = points.map(([count, value]) => `${count}: ${short(value)}`).join(', ')
    return [name, unit, shown, short(slope), short(intercept)]
  })
  return markdown(['of', 'in', 'points', 'each', 'besides'], rows)
}

const short = (value: number) => (Math.abs(value) < 100 ? value.toFixed(2) : Math.round(value).toString())

void main()
