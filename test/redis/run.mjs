// `npm run test:redis`: sessions in a redis-server of the tests' own. Without one it is skipped, but not in CI.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { root, skip, summarize } from '../../scripts/checks.mjs'

if (spawnSync('redis-server', ['--version']).error !== undefined) {
  skip('sessions in Redis', 'they need redis-server in the PATH: apt-get install redis-server')
  summarize()
  if (process.env.CI) process.exitCode = 1
} else {
  const jest = join(root, 'node_modules/jest/bin/jest.js')
  const args = [jest, '--config', 'test/redis/jest.config.ts', '--runInBand', ...process.argv.slice(2)]
  process.exitCode = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' }).status ?? 1
}
