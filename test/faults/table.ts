import type { Run } from './run'

/** The ledger's sums. */
export function tableOf({ ledger, totals, seen, openAtShutdown }: Run, alive: number): string {
  const rows: [string, unknown][] = [
    ['requests sent', [...seen.values()].reduce((sum, each) => sum + each, 0)],
    ['reached the lifecycle', ledger.arrived],
    ['were torn down (each method once)', totals.tornDown],
    ['notified of their outcome (each method once)', totals.notified],
    ['teardown runs in all', totals.teardowns],
    ['failed by plan', totals.faults],
    ['errors thrown by plan', totals.thrown],
    ['errors reported', totals.errors],
    ['met the deadline', totals.interrupted],
    ['whole responses', seen.get('complete') ?? 0],
    ['broken responses', seen.get('broken') ?? 0],
    ['without a response (client or connection gone)', seen.get('nothing') ?? 0],
    ['errors reported without a request', ledger.strays.length],
    ['contexts alive at the end', alive],
    ['requests open when @OnShutdown ran', openAtShutdown],
  ]
  return rows.map(([name, value]) => `${name.padEnd(48)} ${String(value).padStart(9)}`).join('\n')
}
