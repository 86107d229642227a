// A reporter for Node's test runner: one line of JSON for each test, named by its file and its suites.
import { relative } from 'node:path'

export default async function* (events) {
  const names = []
  for await (const { type, data } of events) {
    if (type === 'test:start') names.splice(data.nesting, Infinity, data.name)
    if (type !== 'test:pass' && type !== 'test:fail') continue
    if (data.details.type === 'suite' || data.skip !== undefined || data.todo !== undefined) continue
    const file = relative(process.cwd(), data.file ?? '')
    const name = [...names.slice(0, data.nesting), data.name].join(' › ')
    yield `${JSON.stringify({ name: `${file}: ${name}`, passed: type === 'test:pass', message: message(data) })}\n`
  }
}

/** The error of an assertion, which the runner wraps. */
function message({ details: { error } }) {
  const cause = error?.cause ?? error ?? ''
  return String(cause.stack ?? cause).replace(/^ +at .*(node:internal|node_modules).*\n?/gm, '')
}
