import { fork } from 'node:child_process'
import { relative } from 'node:path'
import type { Call, Command } from './command'
import { DevRunner } from './dev-runner'
import { programIn, runEntry, serveForDevelopment } from './dev-child'
import { UsageError } from './failures'
import { findApp, projectOf } from './find-app'
import type { Io } from './io'
import { tsxFor } from './load-module'
import { numberFrom } from './number'

/** Set for the process that runs the application. */
const CHILD = 'FLASKOA_DEV_CHILD'

const HELP = `Serves the application, and starts it again when a file changes that it has imported. With FILE, it runs this file instead, for
instance src/server.ts, as node or tsx would: it listens itself.

  - The terminal is not cleared, and the application reads from it.
  - Open connections, such as those of event streams, do not delay the start: running requests get 100 milliseconds to end, and a
    FILE that has not ended by itself after 500 milliseconds is killed.
  - If the application can't start, for instance because of a syntax error, the next change of a file of the project starts it.

Files that are read, and not imported, do not start it: templates, .env files, data.`

export const dev: Command = {
  name: 'dev',
  args: '[FILE]',
  summary: 'serves the application, and starts it again after each change',
  help: HELP,
  options: {
    port: { type: 'string', value: 'PORT', help: 'default: the variable PORT, or 5000' },
    host: { type: 'string', value: 'HOST', help: 'default: the variable HOST, or 127.0.0.1' },
  },
  examples: [
    ['flaskoa dev', 'serves it on http://127.0.0.1:5000'],
    ['flaskoa dev src/server.ts', 'runs a program of its own'],
  ],
  run(call) {
    const { io, args, values } = call
    const [file] = args
    if (file !== undefined && Object.values(values).some(value => value !== undefined))
      throw new UsageError(`${file} listens itself: leave the options out. See flaskoa dev --help.`)
    const port = numberFrom('The port', values.port ?? io.env.PORT ?? 5000, [0, 65_535], 'dev')
    const settings = { port, host: (values.host ?? io.env.HOST ?? '127.0.0.1') as string }
    if (io.env[CHILD] === undefined) return runParent(call, file)
    // Not for what the application starts.
    delete process.env[CHILD]
    return file === undefined ? serveForDevelopment(call, settings) : runEntry(file, io)
  },
}

/** @throws Failure and UsageError for what no change of a file repairs: no application, no tsx for TypeScript */
function runParent({ io, values }: Call, program: string | undefined): Promise<number> {
  const file = program === undefined ? findApp(values.app as string | undefined, io).file : programIn(io, program)
  tsxFor(file, relative(io.cwd, file))
  return watchAndRun(io)
}

function watchAndRun(io: Io): Promise<number> {
  const [, program, ...words] = process.argv as [string, string, ...string[]]
  const runner = new DevRunner({
    start: () =>
      fork(program, words, { env: { ...process.env, [CHILD]: '1' }, stdio: ['inherit', 'inherit', 'inherit', 'ipc'] }),
    folder: projectOf(io.cwd),
    log: line => io.stderr.write(`${line}\n`),
  })
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => runner.stop())
  return runner.ended
}
