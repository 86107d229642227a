// Uses the examples as a reader does: installed outside of the repository, with the packed flaskoa, tested by `npm test`, looked at
// by the command `flaskoa` and started by `npm start`. With `--nodes` on each supported version of Node, otherwise on the one that
// runs this script. What only one example has is in a file of its name.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, delimiter, dirname, join } from 'node:path'
import { check, npm, npmCommand, root, run, summarize } from '../../scripts/checks.mjs'
import { installNode, nodeVersions } from '../../scripts/nodes.mjs'
import { packFlaskoa } from '../package/install.mjs'
import * as bookmarks from './bookmarks.mjs'
import * as flaskr from './flaskr.mjs'
import { freePort } from './free-port.mjs'

/** How long `npm start` may take to compile and listen, and the process to end. */
const PATIENCE = 120_000

/** Each has `testCommands`, the variables of `npm start`, a path that is 200, and perhaps `testServed`. */
const EXAMPLES = { bookmarks, flaskr }

const scratch = mkdtempSync(join(tmpdir(), 'flaskoa-examples-'))
const installed = name => join(scratch, name)

try {
  const isReady = await check('flaskoa is packed, and the examples are installed', install)
  if (isReady) for (const [index, version] of chosenVersions().entries()) await testAll(version, index === 0)
} finally {
  rmSync(scratch, { recursive: true, force: true })
}
summarize()

function install() {
  const isSource = path => !['node_modules', 'dist', 'data', 'instance'].includes(basename(path))
  const { tarball } = packFlaskoa(scratch)
  for (const name of Object.keys(EXAMPLES)) {
    cpSync(join(root, 'examples', name), installed(name), { recursive: true, filter: isSource })
    const words = ['install', '--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund', tarball]
    npm(words, installed(name))
  }
  return true
}

function chosenVersions() {
  return process.argv.includes('--nodes') ? nodeVersions : [undefined]
}

/** @param isFirst what does not depend on the version of Node is tested once */
async function testAll(version, isFirst) {
  const node =
    version === undefined ? process.execPath : await check(`Node ${version}`, () => installNode(version, scratch))
  if (node === undefined) return
  for (const [name, example] of Object.entries(EXAMPLES)) await test(name, example, node, isFirst)
}

async function test(example, { testCommands, testServed, START }, node, isFirst) {
  const folder = installed(example)
  const name = `examples/${example}, Node ${run(node, ['--version']).trim()}`
  const [program, ...before] = npmCommand(node)
  const npmRun = words => run(program, [...before, ...words], folder, environment(node))
  await check(`${name}: npm test`, () => npmRun(['test']))
  rmSync(join(folder, 'lifecycle.lock'), { force: true }) // another version of Node wrote it
  await testCommands(name, folder, words => npmRun(['exec', '--', 'flaskoa', ...words]))
  await check(`${name}: npm start, a request, SIGTERM`, () => start(node, folder, START))
  if (isFirst) await testServed?.(name, folder, scratch, node)
}

/** Scripts find this version of Node first. */
function environment(node, more = {}) {
  return { ...process.env, PATH: [dirname(node), process.env.PATH].join(delimiter), ...more }
}

async function start(node, folder, { variables, path }) {
  const port = String(await freePort())
  const [program, ...before] = npmCommand(node)
  // npm sends a signal to the shell that runs the script. Bash becomes the program that it is to run; not every `sh` does.
  const args = [...before, 'start', '--script-shell', 'bash']
  const env = environment(node, { PORT: port, ...variables(join(scratch, `data-${port}`)) })
  const stdio = ['ignore', 'pipe', 'inherit']
  const npmStart = spawn(program, args, { cwd: folder, env, stdio, detached: true, timeout: PATIENCE })
  const signal = AbortSignal.timeout(PATIENCE)
  try {
    await printed(npmStart, `http://127.0.0.1:${port}/`)
    const { status } = await fetch(`http://127.0.0.1:${port}${path}`, { signal })
    assert.equal(status, 200)
    npmStart.kill('SIGTERM')
    assert.deepEqual(await once(npmStart, 'exit', { signal }), [0, null])
    await assert.rejects(fetch(`http://127.0.0.1:${port}/`, { signal }), /fetch failed/)
  } finally {
    endGroup(npmStart)
  }
}

/** Waits until the process has printed a text. @throws Error with its output if it ends without */
async function printed({ stdout }, text) {
  let output = ''
  for await (const chunk of stdout.setEncoding('utf8').iterator({ destroyOnReturn: false })) {
    output += chunk
    if (output.includes(text)) return stdout.resume()
  }
  throw new Error(`it has ended:\n${output}`)
}

/** Also what npm has started, which may be left after a failure. */
function endGroup({ pid }) {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch (error) {
    if (error.code !== 'ESRCH') throw error // it has ended
  }
}
