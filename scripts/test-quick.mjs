// The tests to run after each change, in about a minute on two idle cores. Arguments are jest's:
// `npm run test:quick -- test/session`.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { root } from './checks.mjs'

/** Tests that `npm test` runs and this script does not, with the reason. */
const LEFT_OUT = {
  'test/faults/': 'random faults on real sockets: slow, and they seldom find what the tests of a feature do not',
  'test/hostile/fuzz.test.ts': 'broken requests to a process of its own: slow',
  'test/engine/random.test.ts': 'random cases; the engine has a test for each of its features besides',
  'test/middlewares/': 'middleware of other packages, whose seams with flaskoa seldom change',
}
// The legacy dialect, coverage, the types and the installed package are left out, too: `npm test` has them.

const given = process.argv.slice(2)
const isNamed = path => given.some(argument => path.startsWith(argument) || argument.startsWith(path))
const leftOut = Object.keys(LEFT_OUT).filter(path => !isNamed(path))

const options = ['--selectProjects=standard']
if (leftOut.length > 0) options.push(`--testPathIgnorePatterns=${leftOut.join('|')}`)
// By default jest reserves one core for its main process, which has little to do.
if (!given.some(argument => /^(-w|-i|--maxWorkers|--runInBand)/.test(argument))) options.push('--maxWorkers=100%')

const jest = join(root, 'node_modules/jest/bin/jest.js')
process.exitCode =
  spawnSync(process.execPath, [jest, ...options, ...given], { cwd: root, stdio: 'inherit' }).status ?? 1
