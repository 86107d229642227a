// Runs the jest suite and the installed package on each supported version of Node, whichever version runs this script. Node
// itself comes from the npm registry. On a developer's machine, a version that cannot be installed is skipped. With `--others`
// the jest suite does not run on the version that runs this script, for a run in which `npm test` comes before.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { installPackage } from '../test/package/install.mjs'
import { check, root, run, skip, summarize } from './checks.mjs'
import { installNode, nodeVersions } from './nodes.mjs'

const scratch = mkdtempSync(join(tmpdir(), 'flaskoa-nodes-'))

try {
  const nodes = []
  for (const version of nodeVersions) nodes.push(...(await installed(version)))
  if (nodes.length > 0) await test(nodes)
} finally {
  rmSync(scratch, { recursive: true, force: true })
}
summarize()

/** A list with the path of one version of Node; empty if it cannot be installed, which fails in CI only. */
async function installed(version) {
  try {
    return [installNode(version, scratch)]
  } catch (error) {
    if (process.env.CI) await check(`Node ${version}`, () => Promise.reject(error))
    else skip(`Node ${version}`, `it can't be installed\n${error.message}`)
    return []
  }
}

async function test(nodes) {
  const consumer = join(scratch, 'consumer')
  mkdirSync(consumer)
  await check('flaskoa builds, packs and installs', () => installPackage(consumer))
  for (const node of nodes) {
    const version = run(node, ['--version']).trim()
    const name = `Node ${version}`
    const hasRun = process.argv.includes('--others') && version === process.version
    if (!hasRun) await check(`${name}, the jest suite`, () => run(node, [join(root, 'node_modules/jest/bin/jest.js')]))
    await check(`${name}, the package by require`, () => run(node, ['plain.cjs'], consumer))
    await check(`${name}, the package by import`, () => run(node, ['plain.mjs'], consumer))
  }
}
