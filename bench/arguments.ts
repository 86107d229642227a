import { parseArgs } from 'node:util'
import { peersNamed, type Peer } from './peers'
import { workloadNamed, workloads, type Workload } from './workloads'

export interface Arguments {
  readonly peers: readonly Peer[]
  readonly workloads: readonly Workload[]
  /** Whether all servers and workloads were measured, so that the results may replace the saved ones. */
  readonly isFull: boolean
  number(name: string): number
  has(name: string): boolean
}

/**
 * The arguments after `npm run … --`: `--servers a,b`, `--workloads a,b`, and the program's own options.
 *
 * @param defaults the program's own options: a number takes one value, a boolean is a flag
 * @param usual the workloads without `--workloads`; `--workloads all` selects every workload
 */
export function readArguments(
  defaults: Readonly<Record<string, number | false>>,
  usual: readonly string[] = workloads.map(({ name }) => name),
): Arguments {
  const own = Object.entries(defaults).map(([name, value]) => {
    return [name, { type: value === false ? ('boolean' as const) : ('string' as const) }]
  })
  const options = { servers: { type: 'string' as const }, workloads: { type: 'string' as const } }
  const { values } = parseArgs({ options: { ...options, ...(Object.fromEntries(own) as typeof options) } })
  const given = values as Readonly<Record<string, string | boolean | undefined>>
  const names = (option: string) => given[option]?.toString().split(',')
  const wanted = given.workloads === 'all' ? workloads.map(({ name }) => name) : (names('workloads') ?? usual)
  return {
    peers: peersNamed(names('servers')),
    workloads: wanted.map(workloadNamed),
    isFull: given.servers === undefined,
    number: name => Number(given[name] ?? defaults[name]),
    has: name => given[name] === true,
  }
}
