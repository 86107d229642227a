// Runs Koa's own tests against the application of src/engine, and against Koa, and prints where they differ:
//
//   npm run koa-suite -- PATH [--application FILE]
//
// PATH is a checkout of https://github.com/koajs/koa, FILE a module to test instead of src/engine. Nothing is written to
// the checkout: its tests run in a copy, where lib/ is made of files that pass on the application. The engine is tested
// twice: behind a server that makes Node's requests and responses, and behind one that makes its own, as `listen` does.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { root, run, skip, summarize } from './checks.mjs'

const require = createRequire(import.meta.url)
const { positionals, values } = parseArgs({ allowPositionals: true, options: { application: { type: 'string' } } })

if (positionals.length === 0) {
  skip("Koa's own tests", 'they need the path of a checkout of Koa: npm run koa-suite -- PATH')
  summarize()
  if (process.env.CI) process.exitCode = 1
} else {
  const scratch = mkdtempSync(join(tmpdir(), 'flaskoa-koa-suite-'))
  try {
    compareIn(scratch, resolve(positionals[0]))
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

function compareIn(scratch, checkout) {
  symlinkSync(join(root, 'node_modules'), join(scratch, 'node_modules'), 'junction')
  const testsOn = (application, env) => testsOf(copyOf(checkout, mkdtempSync(join(scratch, 'koa-'))), application, env)
  const koa = testsOn(require.resolve('koa'))
  if (values.application) return report("Node's classes", koa, testsOn(resolve(values.application)))
  const engine = build(scratch)
  const application = join(engine, 'application.js')
  report("Node's classes", koa, testsOn(application))
  const preload = fileURLToPath(import.meta.resolve('./koa-suite-preload.cjs'))
  const { NODE_OPTIONS = '' } = process.env
  const env = { NODE_OPTIONS: `${NODE_OPTIONS} --require ${JSON.stringify(preload)}`, KOA_SUITE_ENGINE: engine }
  report('our classes', koa, testsOn(application, env))
}

/** Compiles the project, so that the run tests src and not an older build. It does not check types. */
function build(scratch) {
  const dist = join(scratch, 'dist')
  const options = ['-p', 'tsconfig.build.json', '--noCheck', '--declaration', 'false', '--outDir', dist]
  run(process.execPath, [require.resolve('typescript/bin/tsc'), ...options])
  return join(dist, 'engine')
}

/** Copies Koa's tests, with its package.json, because some tests import 'koa' by its name from inside the package. */
function copyOf(checkout, copy) {
  cpSync(checkout, copy, {
    recursive: true,
    filter: source => !/^(node_modules|lib|dist|\.git)$/.test(basename(source)),
  })
  // Tests of functions that only Koa's own files call.
  rmSync(join(copy, '__tests__/lib'), { recursive: true, force: true })
  return copy
}

/** The result of each of Koa's tests, by name, when they run on a class. */
function testsOf(copy, application, env = {}) {
  writeLibrary(copy, application)
  const reporter = import.meta.resolve('./koa-suite-reporter.mjs')
  const args = ['--test', '--test-timeout=60000', `--test-reporter=${reporter}`, ...testFiles(copy)]
  const options = { cwd: copy, env: { ...process.env, NODE_ENV: '', ...env }, encoding: 'utf8', maxBuffer: 2 ** 28 }
  const { stdout, stderr } = spawnSync(process.execPath, args, options)
  const lines = stdout.split('\n').filter(line => line.startsWith('{'))
  if (lines.length === 0) throw new Error(`no test ran on ${application}\n${stdout}${stderr}`)
  const tests = new Map()
  for (const test of lines.map(line => JSON.parse(line))) tests.set(unused(tests, test.name), test)
  return tests
}

/** The name, numbered when another test has it. */
function unused(tests, name, number = 2) {
  if (!tests.has(name)) return name
  return tests.has(`${name} (${number})`) ? unused(tests, name, number + 1) : `${name} (${number})`
}

function testFiles(copy) {
  const files = readdirSync(join(copy, '__tests__'), { recursive: true })
  return files.filter(file => file.endsWith('.test.js')).map(file => join('__tests__', file))
}

/** Koa's files that its tests load. Both classes are loaded through them, so that both are loaded the same way. */
function writeLibrary(copy, application) {
  const files = {
    'lib/application.js': `
      const loaded = require(${JSON.stringify(application)})
      module.exports = loaded.Application ?? loaded`,
    'dist/koa.mjs': `
      import Application from '../lib/application.js'
      export { Application as default }
      export const { ${statics(application).join(', ')} } = Application`,
  }
  for (const part of ['context', 'request', 'response'])
    files[`lib/${part}.js`] = `
      const Application = require('./application')
      module.exports = Object.getPrototypeOf(new Application().${part})`
  mkdirSync(join(copy, 'lib'))
  mkdirSync(join(copy, 'dist'))
  for (const [file, text] of Object.entries(files)) writeFileSync(join(copy, file), text)
}

/** The names that `import { … } from 'koa'` gives. */
function statics(application) {
  const loaded = require(application)
  const own = Object.getOwnPropertyNames(loaded.Application ?? loaded)
  return own.filter(name => !['prototype', 'length', 'name', 'default'].includes(name))
}

function report(classes, koa, ours) {
  const passes = (tests, name) => tests.get(name)?.passed === true
  const passed = [...ours.keys()].filter(name => passes(ours, name))
  const both = [...koa.keys()].filter(name => !passes(koa, name) && !passes(ours, name))
  const others = [...new Set([...koa.keys(), ...ours.keys()])].filter(name => !both.includes(name))
  const failed = others.filter(name => !passes(ours, name))
  for (const name of failed)
    console.log(`FAIL ${name} (on ${classes})\n${indent(ours.get(name)?.message ?? 'it did not run')}`)
  for (const name of both) console.log(`fails on Koa as well: ${name}`)
  console.log(`${passed.length} passed, ${failed.length} failed on ${classes}`)
  if (failed.length > 0) process.exitCode = 1
}

function indent(text) {
  return text.trim().replace(/^/gm, '     ')
}
