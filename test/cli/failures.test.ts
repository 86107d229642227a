import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { stripVTControlCharacters } from 'node:util'
import { shownError } from '../../src/cli/failures'
import { root } from './support'

const failed = (stack: readonly string[], more: object = {}, options: ErrorOptions = {}) =>
  Object.assign(new Error('', options), { stack: stack.join('\n') }, more)

const OWN = join(root, 'src/cli/load-app.ts')

test('an error is shown with the frames of the user alone, and with its properties', () => {
  const error = failed(
    [
      'Error: broken',
      '    at made (/shop/app.js:7:9)',
      `    at load (${OWN}:1:1)`,
      `    at ${pathToFileURL(OWN).href}:2:1`,
      '    at node:internal/main:3:1',
    ],
    { code: 7 },
  )
  expect(shownError(error, false)).toBe('Error: broken\n    at made (/shop/app.js:7:9) {\n  code: 7\n}')
})

test('what a cause has in common with its error is not mentioned', () => {
  const common = ['a', 'b', 'c', 'd'].map(name => `    at ${name} (node:internal/x:1:1)`)
  const cause = failed(['Error: refused', '    at open (/shop/db.js:3:1)', ...common])
  const error = failed(['Error: broken', '    at made (/shop/app.js:7:9)', ...common], {}, { cause })
  for (const hasColours of [false, true]) {
    expect(stripVTControlCharacters(shownError(error, hasColours))).toBe(
      'Error: broken\n    at made (/shop/app.js:7:9) {\n  [cause]: Error: refused\n      at open (/shop/db.js:3:1)\n}',
    )
  }
})
