import { AsyncLocalStorage } from 'node:async_hooks'
import { writeFileSync } from 'node:fs'
import { EOL } from 'node:os'
import { createInterface } from 'node:readline'
import { start, writer, type REPLServer } from 'node:repl'
import { PassThrough } from 'node:stream'
import { inspect } from 'node:util'
import type Koa from 'koa'
import { g } from '../functions/proxies'
import { urlFor } from '../functions/url-for'
import { withAppContext } from '../functions/with-app-context'
import { testClient } from '../testing/client'
import type { Command } from './command'
import type { Io } from './io'

export const shell: Command = {
  name: 'shell',
  args: '',
  summary: 'a REPL with the application, a test client, urlFor and g',
  help:
    'Starts a REPL in an application context: app is the application, client a test client that keeps cookies, urlFor builds URLs,\n' +
    'g is empty at the start. await works. At the end the @TeardownAppContext methods run. Its history is kept only if\n' +
    'NODE_REPL_HISTORY names a file.',
  options: {},
  examples: [
    ['flaskoa shell', 'starts it'],
    ['echo "(await client.get(\'/\')).status" | flaskoa shell', 'evaluates lines of a script'],
  ],
  async run({ io, load }) {
    const { app } = await load()
    await withAppContext(app, () => converse(app, io))
    return 0
  },
}

async function converse(app: Koa, { stdin, stdout, isTerminal, env }: Io): Promise<void> {
  const lines = isTerminal ? undefined : new PassThrough()
  const input = lines ?? stdin
  const repl = start({ prompt: 'flaskoa> ', input, output: stdout, terminal: isTerminal, writer: shown })
  evaluateInContext(repl)
  Object.assign(repl.context, { app, client: testClient(app), urlFor, g })
  const ended = new Promise<void>(resolve => repl.once('exit', resolve))
  const history = env.NODE_REPL_HISTORY ?? ''
  const keepsHistory = history.trim() !== ''
  if (keepsHistory) await keepHistory(repl, history)
  if (lines !== undefined) await feed(lines, stdin, repl)
  await ended
  if (keepsHistory) writeHistory(repl, history)
}

/** A REPL shows proxies as such. `g` is one, and of interest is what it has. */
const shown = (value: unknown): string => inspect(value, { ...writer.options, showProxy: false })

/** Has the lines evaluated in this context: Node's is that in which a line arrived. */
function evaluateInContext(repl: REPLServer): void {
  const inContext = AsyncLocalStorage.snapshot()
  const evaluate = repl.eval.bind(repl)
  // Only the types are read-only.
  ;(repl as { eval: REPLServer['eval'] }).eval = (...given) => inContext(() => evaluate(...given))
}

/** One line after the other: Node evaluates the lines of a pipe without waiting for what they await. */
async function feed(input: PassThrough, stdin: NodeJS.ReadableStream, repl: REPLServer): Promise<void> {
  const ended = new AbortController()
  let whenReady = () => undefined as void
  repl.once('exit', () => {
    ended.abort()
    whenReady()
  })
  const display = repl.displayPrompt.bind(repl)
  repl.displayPrompt = keepsCursor => {
    display(keepsCursor)
    whenReady()
  }
  for await (const line of createInterface({ input: stdin })) {
    const ready = new Promise<void>(resolve => (whenReady = resolve))
    input.write(`${line}\n`)
    await ready
    if (ended.signal.aborted) return
  }
  input.end()
}

/** A file that can't be written is no reason not to start: Node says so itself. */
const keepHistory = (repl: REPLServer, file: string) =>
  new Promise<void>(resolve => repl.setupHistory(file, () => resolve()))

/** Node writes the history a moment after each line. The process ends before it has written the last one. */
function writeHistory(repl: REPLServer, file: string): void {
  const { history } = repl as unknown as { history: readonly string[] }
  try {
    writeFileSync(file, history.join(EOL))
  } catch {
    // Node has said so at the start.
  }
}
