import { explain as explained, type Explanation } from '../inspect/explain'
import type { Call, Command } from './command'
import { explanationText } from './explanation-text'
import { routeJson, stagesJson, stepsJson } from './facts-json'
import { Locator } from './locate'

export const explain: Command = {
  name: 'explain',
  args: 'METHOD PATH',
  summary: 'says what runs for a request, in order, and where it is written',
  help:
    'Shows each method that runs for a request, in its order, with its file and line, and the error handlers that its errors can\n' +
    'reach. Nothing of it is run. Exit code 1 if no route matches: then it says why, and which rules come near.',
  options: { json: { type: 'boolean', help: 'the same as JSON' } },
  examples: [
    ['flaskoa explain GET /users/5', 'what runs for this request'],
    ['flaskoa explain /users/5', 'the same: GET is the default'],
    ['flaskoa explain DELETE /users', 'why this request is a 405'],
  ],
  async run(call) {
    const [method, path] = call.args.length === 1 ? ['GET', call.args[0] as string] : (call.args as [string, string])
    const { app } = await call.load()
    const explanation = explained(app, method, path)
    const locator = new Locator()
    try {
      const shown =
        call.values.json === true ? json(explanation, locator, call) : explanationText(explanation, locator, call)
      call.io.stdout.write(`${shown}\n`)
    } finally {
      locator.close()
    }
    return explanation.kind === 'found' ? 0 : 1
  },
}

function json(explanation: Explanation, locator: Locator, { io: { cwd } }: Call): string {
  const { beforeFirst, teardownAppContext, ...rest } = explanation
  const around = {
    beforeFirst: stepsJson(beforeFirst, locator, cwd),
    teardownAppContext: stepsJson(teardownAppContext, locator, cwd),
  }
  const facts =
    rest.kind === 'found'
      ? { ...rest, route: routeJson(rest.route, locator, cwd) }
      : { ...rest, runs: stagesJson(rest.runs, locator, cwd) }
  return JSON.stringify({ ...facts, ...around }, null, 2)
}
