import { BASELINE, peers, whyNot, type Peer } from './peers'
import type { Ratios } from './results'
import { titleWithVersion } from './versions'
import { workloadNamed } from './workloads'

/** A Markdown table: a row for each server, a column for each workload, ratios to the baseline. */
function table(results: Ratios): string {
  const columns = Object.keys(results)
  const measured = peers.filter(({ name }) => columns.some(column => results[column]?.[name] !== undefined))
  const rows = measured.map(peer => [
    peer.name === BASELINE ? `**${titleWithVersion(peer)}**` : titleWithVersion(peer),
    ...columns.map(column => results[column]?.[peer.name]?.ratio.toFixed(2) ?? '–'),
  ])
  const head = ['× Koa by hand', ...columns.map(column => workloadNamed(column).title)]
  return [markdown(head, rows), ...notes(measured, columns)].join('\n')
}

/** The reasons for empty cells, each reason once. */
function notes(measured: readonly Peer[], columns: readonly string[]): string[] {
  const found = measured.flatMap(peer =>
    columns.flatMap(column => {
      const reason = whyNot(peer, column)
      if (reason === undefined) return []
      const about = workloadNamed(column).title
      return [reason.startsWith('asked') ? `${about}: ${reason}.` : `${about}, ${peer.title}: ${reason}.`]
    }),
  )
  return found.length === 0 ? [] : ['', `–: ${[...new Set(found)].join(' ')}`]
}

export function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((_, index) => Math.max(3, ...[head, ...rows].map(row => (row[index] as string).length)))
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, index) => (index === 0 ? cell.padEnd(widths[0] as number) : cell.padStart(widths[index] as number))).join(' | ')} |`
  const rule = widths.map((width, index) => (index === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`))
  return [line(head), line(rule), ...rows.map(line)].join('\n')
}

export function printTable(results: Ratios): void {
  console.log(`\n${table(results)}\n`)
}
