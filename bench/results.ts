import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './build'
import { peers } from './peers'
import { titleWithVersion } from './versions'

/** Where figures and pictures are saved: the only folder outside of `bench/` that the benchmarks write to. */
const folder = join(root, 'docs/performance')

/** The Node that runs the benchmarks and the servers: its figures have files of their own. */
export const nodeMajor = parseInt(process.versions.node)
/** The Node whose figures are drawn. */
const HEADLINE = 24

export interface Measured {
  /** The ratio to Koa by hand: the median over rounds. */
  readonly ratio: number
  /** The same of the least disturbed rounds. */
  readonly best?: number
  /** The measured value, in its unit. */
  readonly value: number
}

/** By workload, then by server. */
export type Ratios = Record<string, Record<string, Measured>>

/** What grows with a number, and the line through it. */
export interface Growth {
  readonly points: readonly (readonly [count: number, value: number])[]
  readonly slope: number
  readonly intercept: number
}

interface Saved<T> {
  readonly node: string
  /** Each server's title, with the measured version. */
  readonly titles: Readonly<Record<string, string>>
  readonly results: Record<string, T>
}

/** Replaces the figures of the servers and workloads that were measured, and keeps the others. */
export function save<T>(name: string, results: Readonly<Record<string, T>>): void {
  const all: Saved<T> = {
    node: process.version,
    titles: Object.fromEntries(peers.map(peer => [peer.name, titleWithVersion(peer)])),
    results: { ...load<T>(name, nodeMajor)?.results, ...results },
  }
  write(`${name}-node${nodeMajor}.json`, `${JSON.stringify(all, round, 2)}\n`)
}

export function load<T>(name: string, node = HEADLINE): Saved<T> | undefined {
  const path = join(folder, `${name}-node${node}.json`)
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Saved<T>) : undefined
}

export function write(file: string, content: string): void {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, file), content)
}

/** Rounds to four digits, which is more than the measurement's precision. */
function round(_: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(4)) : value
}
