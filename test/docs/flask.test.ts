import * as flaskoa from 'flaskoa'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as templates from 'flaskoa/templates'

const document = readFileSync(join(__dirname, '../../docs/flask.md'), 'utf8')

/** The second cells of the tables' rows: flaskoa's names, beside Flask's in the first. */
const cells = document
  .split('\n')
  .filter(line => line.startsWith('| '))
  .map(line => line.split(/(?<!\\)\|/)[2] ?? '')

/** Classes that no decorator has a name of. */
const isClass = (value: unknown) =>
  typeof value === 'function' && (value.prototype instanceof Error || /^class\b/.test(String(value)))

/** As the document writes an export: decorators are the only names in capitals that are no classes. */
function written([name, value]: [string, unknown]): string {
  return /^[A-Z]/.test(name) && !isClass(value) ? `@${name}` : name
}

const names = Object.entries(flaskoa).map(written)

test.each(names)('docs/flask.md has %s in a table', name => {
  const pattern = new RegExp(`\`${name}[\`(]`)
  expect(cells.filter(cell => pattern.test(cell))).not.toEqual([])
})

test('docs/flask.md names no decorator that flaskoa does not export', () => {
  const all = [...names, ...Object.entries(templates).map(written)]
  const named = cells.flatMap(cell => [...cell.matchAll(/`(@[A-Z]\w*)/g)].map(([, name]) => name))
  expect(named.filter(name => !all.includes(name as string))).toEqual([])
})
