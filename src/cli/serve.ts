import cluster from 'node:cluster'
import { availableParallelism } from 'node:os'
import type { Call, Command } from './command'
import { numberFrom } from './number'
import { serveApp, type ServeSettings } from './serve-worker'
import { Workers } from './workers'
import { LONGEST_DELAY_MS } from '../util/longest-delay'

const HELP = `Starts one process for each worker, which accept connections on one port. It is for one machine: behind a proxy, in
a container, under systemd.

  SIGTERM, SIGINT  end all workers without losing a request; a second signal kills them
  SIGHUP           replaces the workers, one after the other: each ends when its replacement listens
  A worker that dies is replaced, later each time it dies at once. If no worker can start, the command ends with exit code 1.

Each worker accepts its connections itself: a few connections that are kept open may be spread unevenly, even all on one worker.

Each worker is a process of its own, and has of its own:
  - @OnStart and @OnShutdown methods, and @BeforeFirstRequest with its first request
  - everything in memory: caches, counters, limits of rates
  - the locks of sessions: with a store that is not shared, or has no compareAndSet, parallel requests may lose writes
  - a teardown that debug mode keeps back until the next request of the same worker
  - checks of flaskoa/health, and metrics: a scrape asks one worker`

export const serve: Command = {
  name: 'serve',
  args: '',
  summary: 'serves the application in production, by several processes',
  help: HELP,
  options: {
    workers: { type: 'string', value: 'N', help: 'the number of processes; default: one for each processor' },
    port: { type: 'string', value: 'PORT', help: 'default: the variable PORT, or 5000' },
    host: { type: 'string', value: 'HOST', help: 'default: the variable HOST, or all addresses' },
    'trust-proxy': { type: 'boolean', help: 'believe X-Forwarded-* fields: only behind a proxy that sets all of them' },
    delay: { type: 'string', value: 'MS', help: 'accept connections for so long after a signal; default: 0' },
    timeout: { type: 'string', value: 'MS', help: 'how long requests may take to end after that; default: 10000' },
  },
  examples: [
    ['flaskoa serve --workers 4', 'serves by four processes on port 5000'],
    ['PORT=8080 flaskoa serve --trust-proxy', 'behind a proxy'],
    ['kill -HUP PID', 'loads the code again, without losing a request'],
  ],
  async run({ io, values, load }) {
    const settings = settingsOf(values, io.env)
    if (cluster.isWorker) return serveApp((await load()).app, settings)
    return runWorkers(settings.workers, line => io.stdout.write(`${line}\n`))
  },
}

function settingsOf(values: Call['values'], env: Call['io']['env']): ServeSettings & { readonly workers: number } {
  return {
    workers: numberFrom('--workers', values.workers ?? availableParallelism(), [1, 1024], 'serve'),
    port: numberFrom('The port', values.port ?? env.PORT ?? 5000, [0, 65_535], 'serve'),
    host: (values.host ?? env.HOST) as string | undefined,
    trustProxy: values['trust-proxy'] === true,
    delay: numberFrom('--delay', values.delay ?? 0, [0, LONGEST_DELAY_MS], 'serve'),
    timeout: numberFrom('--timeout', values.timeout ?? 10_000, [1, LONGEST_DELAY_MS], 'serve'),
  }
}

/**
 * Runs the workers until a signal ends them. Each accepts its connections itself: those that Node's own distribution hands to a
 * worker that is just dying stay open, and their clients wait for ever.
 */
function runWorkers(count: number, log: (line: string) => void): Promise<number> {
  cluster.schedulingPolicy = cluster.SCHED_NONE
  const workers = new Workers(count, log)
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => workers.stop())
  process.on('SIGHUP', () => void workers.reload())
  return workers.ended
}
