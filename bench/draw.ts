// Draws the saved results as pictures. `tsx bench/draw.ts` draws all of them.
import { BASELINE, peers } from './peers'
import { load, write, type Growth, type Ratios } from './results'
import { dot, line, picture, polyline, rect, text } from './svg'
import { workloadNamed } from './workloads'

const WIDTH = 940
const NAMES = 190
const COLUMN = 450
const ROW = 18
const HEAD = 40
const PANEL_HEAD = 28
const TICKS = [0.5, 1, 2, 5, 10, 20]

export function drawCpu(): void {
  drawRatios('cpu', 'Processor time per request, × Koa by hand (less is better)', name => workloadNamed(name).title)
}

export function drawInstructions(): void {
  const title = 'Instructions per request, × Koa by hand (less is better)'
  drawRatios('instructions', title, name => workloadNamed(name).title)
}

export function drawFootprint(titles: Readonly<Record<string, string>>): void {
  drawRatios('footprint', 'Memory and time to start, × Koa by hand (less is better)', name =>
    (titles[name] ?? name).replace(/, .*/, ''),
  )
}

/** A panel of bars for each workload, two panels in a row. */
function drawRatios(file: string, title: string, titleOf: (name: string) => string): void {
  const saved = load<Ratios[string]>(file)
  if (saved === undefined) return
  // A workload that only a few servers have gets no panel.
  const panels = Object.entries(saved.results).filter(([, measured]) => Object.keys(measured).length > 3)
  const scale = scaleOf(panels.map(([, measured]) => measured))
  const height = PANEL_HEAD + peers.length * ROW + 32
  const parts = panels.flatMap(([name, measured], index) => {
    const [x, y] = [16 + (index % 2) * (COLUMN + 16), HEAD + Math.floor(index / 2) * height]
    return panel(x, y, titleOf(name), measured, scale)
  })
  const rows = Math.ceil(panels.length / 2)
  const width = panels.length > 1 ? WIDTH : COLUMN + 92
  write(`${file}.svg`, picture(width, HEAD + rows * height, title, [text(16, 26, title, 'title'), ...parts]))
}

/** The position of a ratio in a panel: logarithmic, so that half and twice are equally far from 1. */
function scaleOf(all: readonly Ratios[string][]): (ratio: number) => number {
  const ratios = all.flatMap(measured => Object.values(measured).map(({ ratio }) => ratio))
  const [least, most] = [0.35, Math.max(20, ...ratios)] // what is less has its number
  const room = COLUMN - NAMES - 45 // for the number behind the longest bar
  return ratio => NAMES + (Math.log(Math.max(ratio / least, 1)) / Math.log(most / least)) * room
}

/** Bars from 1, to the left for less and to the right for more. */
function panel(
  x: number,
  y: number,
  title: string,
  measured: Ratios[string],
  scale: (ratio: number) => number,
): string[] {
  const at = (ratio: number) => x + scale(ratio)
  const rows = peers.filter(({ name }) => measured[name] !== undefined)
  const top = y + PANEL_HEAD
  const bottom = top + rows.length * ROW
  const grid = TICKS.flatMap(tick => [
    line(at(tick), top, at(tick), bottom, tick === 1 ? 'axis' : 'grid'),
    text(at(tick), bottom + 13, `${tick}`, 'muted middle'),
  ])
  const bars = rows.flatMap(({ name, title: label }, index) => {
    const { ratio } = measured[name] as Ratios[string][string]
    const middle = top + (index + 0.5) * ROW
    const [from, to] = [Math.min(at(1), at(ratio)), Math.max(at(1), at(ratio))]
    const color = name.startsWith('flaskoa') ? 'own' : name === BASELINE ? 'base' : 'other'
    return [
      text(x + NAMES - 8, middle + 4, label, 'right'),
      rect(from - 1, middle - 6, to - from + 2, 12, color),
      text(to + 6, middle + 4, ratio.toFixed(2), 'muted'),
    ]
  })
  return [text(x, y + 16, title, 'panel'), ...grid, ...bars]
}

interface Series {
  readonly name: string
  readonly label: string
  readonly color: 'own' | 'second'
}

const growths: readonly { title: string; unit: string; series: readonly Series[] }[] = [
  {
    title: 'hooks',
    unit: 'instructions per request',
    series: [
      { name: 'async-hooks', label: 'async', color: 'second' },
      { name: 'hooks', label: 'with g', color: 'own' },
      { name: 'bare-hooks', label: 'without', color: 'own' },
    ],
  },
  { title: 'routes', unit: 'instructions per request', series: [{ name: 'routes', label: '', color: 'own' }] },
  {
    title: 'levels of blueprints',
    unit: 'instructions per request',
    series: [{ name: 'levels', label: '', color: 'own' }],
  },
  {
    title: 'controllers',
    unit: 'milliseconds of bootstrap',
    series: [{ name: 'controllers', label: '', color: 'own' }],
  },
]

/** A panel of lines for each number that grows. Both axes are linear and begin at zero, so that slopes can be compared. */
export function drawGrowth(): void {
  const results = load<Growth>('growth')?.results
  if (results === undefined) return
  const title = 'What one more costs flaskoa'
  const parts = [text(16, 26, title, 'title')]
  const height = 230
  for (const [index, { title: name, unit, series }] of growths.entries()) {
    const x = 16 + (index % 2) * (COLUMN + 16)
    const y = HEAD + Math.floor(index / 2) * height
    const lines = series.flatMap(each => {
      const growth = results[each.name]
      return growth === undefined ? [] : [{ ...each, ...growth }]
    })
    if (lines.length > 0) parts.push(...growthPanel(x, y, height, `${name}: ${unit}`, lines))
  }
  write('growth.svg', picture(WIDTH, HEAD + 2 * height + 8, title, parts))
}

function growthPanel(
  x: number,
  y: number,
  height: number,
  title: string,
  lines: readonly (Series & Growth)[],
): string[] {
  const [left, right, top, bottom] = [x + 56, x + COLUMN - 100, y + 30, y + height - 36]
  const points = lines.flatMap(each => each.points)
  const [mostX, mostY] = [
    Math.max(...points.map(([count]) => count)),
    niceCeiling(Math.max(...points.map(([, value]) => value))),
  ]
  const atX = (count: number) => left + (count / mostX) * (right - left)
  const atY = (value: number) => bottom - (value / mostY) * (bottom - top)
  const drawn = [text(x, y + 16, title, 'panel')]
  for (const share of [0, 0.25, 0.5, 0.75, 1]) {
    drawn.push(line(left, atY(share * mostY), right, atY(share * mostY), share === 0 ? 'axis' : 'grid'))
    drawn.push(text(left - 6, atY(share * mostY) + 4, abbreviate(share * mostY), 'muted right'))
  }
  // The smallest counts are too close to each other for labels.
  for (const count of new Set(points.map(([value]) => value))) {
    if (count >= mostX / 10) drawn.push(text(atX(count), bottom + 15, `${count}`, 'muted middle'))
  }
  for (const { label, color, points: own, slope } of lines) {
    const path = own.map(([count, value]) => [atX(count), atY(value)] as const)
    const [endX, endY] = path.at(-1) as readonly [number, number]
    drawn.push(polyline(path, `line ${color}`), ...path.map(([px, py]) => dot(px, py, color)))
    drawn.push(
      text(endX + 8, endY + 4, `${label} ${slope < 0 ? '−' : '+'}${abbreviate(Math.abs(slope))}`.trim(), color),
    )
  }
  return drawn
}

function niceCeiling(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value))
  return ([1, 2, 4, 5, 8, 10].find(factor => factor * power >= value) as number) * power
}

function abbreviate(value: number): string {
  if (value >= 1000) return `${Number((value / 1000).toPrecision(3))} k`
  return `${Number(value.toPrecision(2))}`
}

if (require.main === module) {
  drawCpu()
  drawInstructions()
  drawGrowth()
}
