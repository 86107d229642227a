// The tests to run after each change, in about a minute on two idle cores. Arguments are jest's:
// `npm run test:quick -- test/session`.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { root } from './checks.mjs'

/** What `npm test` runs and this leaves out, with the reason. */
const LEFT_OUT = {
  'test/faults/': 'random faults on real sockets: slow, and they seldom find what the tests of a feature do not',
  'test/hostile/fuzz.test.ts': 'broken requests to a process of its own: slow',
  'test/engine/random.test.ts': 'random cases; the engine has a test for each of its features besides',
  'test/middlewares/': 'middleware of other packages, whose seams with flaskoa seldom change',
}
// The legacy dialect, coverage, the types and the installed package are left out, too: `npm test` has them.

const options = ['--selectProjects=standard', `--testPathIgnorePatterns=${Object.keys(LEFT_OUT).join('|')}`]
const jest = [join(root, 'node_modules/jest/bin/jest.js'), ...options, ...process.argv.slice(2)]
process.exitCode = spawnSync(process.execPath, jest, { cwd: root, stdio: 'inherit' }).status ?? 1
