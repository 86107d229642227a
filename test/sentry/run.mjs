// The recipe for Sentry of docs/observability.md, with the packed flaskoa and Sentry's SDK from the npm registry. The SDK is not among
// the development dependencies, because it is as large as half of them. Nothing is sent: the transport is a fake.
import assert from 'node:assert/strict'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { check, npm, root, run, summarize } from '../../scripts/checks.mjs'
import { packFlaskoa } from '../package/install.mjs'

const scratch = mkdtempSync(join(tmpdir(), 'flaskoa-sentry-'))
const program = join(scratch, 'program')

try {
  const printed = await check('the recipe for Sentry compiles and runs', start)
  if (printed !== undefined) await checkNames(printed)
} finally {
  rmSync(scratch, { recursive: true, force: true })
}
summarize()

function start() {
  cpSync(import.meta.dirname, program, { recursive: true })
  const { tarball } = packFlaskoa(scratch)
  npm(['install', '--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund', tarball], program)
  compile()
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href
  const env = { ...process.env, TSX_TSCONFIG_PATH: join(program, 'tsconfig.json') }
  return JSON.parse(run(process.execPath, ['--import', tsx, 'main.ts'], program, env))
}

function compile() {
  const options = ['--noEmit', '-p', program, '--typeRoots', join(root, 'node_modules/@types')]
  run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), ...options])
}

async function checkNames({ errors, transactions }) {
  await check('transactions have the names of rules', () => {
    const names = ['GET /users/<int:id>', 'GET /users/<int:id>', 'GET /broken/<name>', 'GET /handled', 'GET']
    assert.deepEqual(transactions, names)
  })
  await check('errors have the rule, once each, and no handled error is among them', () => {
    assert.deepEqual(errors, [
      ['GET /users/<int:id>', 'there is no user 0'],
      ['GET /broken/<name>', 'broken off'],
    ])
  })
}
