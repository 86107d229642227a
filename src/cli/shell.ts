import { AsyncLocalStorage } from 'node:async_hooks'
import { start, type REPLServer } from 'node:repl'
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
  // Node evaluates a line in the context in which it arrived, which is none of ours.
  const inContext = AsyncLocalStorage.snapshot()
  const repl = start({ prompt: 'flaskoa> ', input: stdin, output: stdout, terminal: isTerminal })
  const evaluate = repl.eval.bind(repl)
  // Only the types are read-only.
  ;(repl as { eval: REPLServer['eval'] }).eval = (...given) => inContext(() => evaluate(...given))
  Object.assign(repl.context, { app, client: testClient(app), urlFor, g })
  const ended = new Promise<void>(resolve => repl.once('exit', resolve))
  const history = env.NODE_REPL_HISTORY
  if (history !== undefined && history.trim() !== '') await withHistory(repl, history)
  await ended
}

/** A file that can't be written is no reason not to start: Node says so itself. */
const withHistory = (repl: REPLServer, file: string) =>
  new Promise<void>(resolve => repl.setupHistory(file, () => resolve()))
