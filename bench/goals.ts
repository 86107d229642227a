// `npm run bench:goals`: the goals of flaskoa's speed beside the saved figures of each Node, as a Markdown table.
import { load, type Ratios } from './results'
import { markdown } from './table'

interface Goal {
  readonly title: string
  readonly of: 'cpu' | 'instructions' | 'footprint'
  /** The workload, or the part of the footprint. */
  readonly name: string
  /** flaskoa, unless another is named. */
  readonly server?: string
  /** The server that the figure is divided by. Without it the goal is a number of instructions. */
  readonly by?: 'koa' | 'fastify'
  readonly most: number
  /** A further goal. */
  readonly beyond?: number
  /** The Node that the goal is for, if it is one. Figures of others are shown without a verdict. */
  readonly node?: number
}

const NODES = [20, 22, 24]
const NO_CONTEXT = 'flaskoa-no-async-context'

const lifecycle = { title: 'lifecycle', of: 'cpu', name: 'lifecycle' } as const
const awaits = { title: 'four async methods', of: 'cpu', name: 'lifecycle-awaits' } as const
const withoutContext = { title: 'four async methods, `asyncContext: false`', server: NO_CONTEXT }
const hooks = { title: 'eight async before methods', of: 'instructions', name: 'async-hooks-8' } as const
const session = { title: 'session, read', of: 'cpu', name: 'session-read' } as const
const abort = { title: '`abort(404)` with a handler', of: 'cpu', name: 'abort' } as const
const unknown = { title: 'unknown URL', of: 'cpu', name: 'not-found' } as const
const stream = { title: '64 KB stream', of: 'cpu', name: 'stream-64k' } as const

const goals: readonly Goal[] = [
  { ...lifecycle, by: 'koa', most: 0.72, beyond: 0.68, node: 24 },
  { ...lifecycle, by: 'fastify', most: 0.95, beyond: 0.9, node: 24 },
  { ...awaits, by: 'koa', most: 0.7, node: 24 },
  { ...awaits, by: 'fastify', most: 1, node: 24 },
  { ...awaits, ...withoutContext, by: 'fastify', most: 0.9, node: 24 },
  { ...hooks, most: 100_000, node: 20 },
  { ...hooks, title: `${hooks.title}, \`asyncContext: false\``, server: NO_CONTEXT, most: 63_000, node: 20 },
  { ...session, by: 'koa', most: 0.85, beyond: 0.7 },
  { ...session, by: 'fastify', most: 2, beyond: 1.5 },
  { ...abort, by: 'koa', most: 0.55, beyond: 0.45 },
  { ...abort, by: 'fastify', most: 0.78, beyond: 0.65 },
  { ...unknown, by: 'koa', most: 0.55, beyond: 0.45 },
  { ...unknown, by: 'fastify', most: 0.78, beyond: 0.65 },
  { ...stream, by: 'koa', most: 0.65 },
  { ...stream, by: 'fastify', most: 1.15, beyond: 1 },
  { ...lifecycle, title: '`lifecycle()` in a Koa application', server: 'flaskoa-on-koa', by: 'koa', most: 1.1 },
  { title: 'lifecycle over HTTP/2', of: 'cpu', name: 'http2', by: 'koa', most: 0.9 },
  { title: 'start to first answer', of: 'footprint', name: 'start', by: 'koa', most: 1.15 },
  { title: 'import', of: 'footprint', name: 'import', by: 'koa', most: 1.3 },
  { title: 'JSON body with declared input', of: 'cpu', name: 'input', by: 'fastify', most: 1.05 },
]

function row(goal: Goal): string[] {
  return [goal.title, limitOf(goal), ...NODES.map(node => cell(goal, node))]
}

const units = { koa: ' × Koa', fastify: ' × Fastify' }

function limitOf({ by, most, beyond }: Goal): string {
  const unit = by === undefined ? ' instructions' : units[by]
  return `≤ ${shown(most)}${unit}${beyond === undefined ? '' : `, beyond: ${shown(beyond)}`}`
}

/** The figure, and whether it is within the goal. */
function cell(goal: Goal, node: number): string {
  const figure = figureOf(goal, node)
  if (figure === undefined) return '–'
  if (goal.node !== undefined && goal.node !== node) return shown(figure)
  if (figure > goal.most) return `**${shown(figure)}, missed**`
  return `${shown(figure)}, ${figure <= (goal.beyond ?? 0) ? 'beyond' : 'reached'}`
}

function figureOf({ of, name, server = 'flaskoa', by }: Goal, node: number): number | undefined {
  const measured = load<Ratios[string]>(of, node)?.results[name]
  const own = measured?.[server]
  const other = by === undefined ? undefined : measured?.[by]
  if (by === undefined || own === undefined) return own?.value
  return other === undefined ? undefined : own.ratio / other.ratio
}

const shown = (figure: number) => (figure < 100 ? figure.toFixed(2) : figure.toLocaleString('en'))

console.log(markdown(['goal', 'limit', ...NODES.map(node => `Node ${node}`)], goals.map(row)))
