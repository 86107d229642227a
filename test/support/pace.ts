import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

// Limits of time for tests. A slow or busy machine must not fail them, so a limit is ten times what a step takes here.

/** How long the reference step takes on an idle machine with two cores, in milliseconds. */
const USUAL = 150
const MEASUREMENTS = 2
const MARGIN = 10

/** How many times slower this machine is than that one, at least 1: the slowest of a few measurements. */
export function measureSlowness(): number {
  const times = Array.from({ length: MEASUREMENTS }, () => {
    const start = performance.now()
    const { status, stderr } = spawnSync(process.execPath, [join(__dirname, 'pace-step.mjs')], { encoding: 'utf8' })
    if (status !== 0) throw new Error(`The reference step failed: ${stderr}`)
    return performance.now() - start
  })
  return Math.max(1, ...times.map(time => time / USUAL))
}

/** Measured once for a run: jest's workers and the processes that tests start get it by their environment. */
const slowness = Number((process.env.PACE_SLOWNESS ??= String(measureSlowness())))

/**
 * How long to wait, in milliseconds, before time alone fails a test.
 *
 * @param usual how long the step takes on an idle machine, in milliseconds
 */
export const patience = (usual: number): number => Math.ceil(MARGIN * usual * slowness)
