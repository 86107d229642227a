// Uses the examples as a reader does: installed outside of the repository, with the packed flaskoa, tested by `npm test`, looked at
// by the command `flaskoa` and started by `npm start`. With `--nodes` on each supported version of Node, otherwise on the one that runs this script.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, delimiter, dirname, join } from 'node:path'
import { check, npm, npmCommand, root, run, summarize } from '../../scripts/checks.mjs'
import { installNode, nodeVersions } from '../../scripts/nodes.mjs'
import { packFlaskoa } from '../package/install.mjs'
import { testCommands } from './command.mjs'

/** How long `npm start` may take to compile and listen, and the process to end. */
const PATIENCE = 120_000

const scratch = mkdtempSync(join(tmpdir(), 'flaskoa-examples-'))
const example = join(scratch, 'bookmarks')

try {
  const installed = await check('examples/bookmarks is installed', install)
  if (installed !== undefined) for (const version of chosenVersions()) await test(version)
} finally {
  rmSync(scratch, { recursive: true, force: true })
}
summarize()

function install() {
  const isSource = path => !['node_modules', 'dist', 'data'].includes(basename(path))
  cpSync(join(root, 'examples/bookmarks'), example, { recursive: true, filter: isSource })
  const { tarball } = packFlaskoa(scratch)
  return npm(['install', '--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund', tarball], example)
}

function chosenVersions() {
  return process.argv.includes('--nodes') ? nodeVersions : [undefined]
}

async function test(version) {
  const node =
    version === undefined ? process.execPath : await check(`Node ${version}`, () => installNode(version, scratch))
  if (node === undefined) return
  const name = `examples/bookmarks, Node ${run(node, ['--version']).trim()}`
  const [program, ...before] = npmCommand(node)
  const npmRun = words => run(program, [...before, ...words], example, environment(node))
  await check(`${name}: npm test`, () => npmRun(['test']))
  rmSync(join(example, 'lifecycle.lock'), { force: true }) // another version of Node wrote it
  await testCommands(name, example, words => npmRun(['exec', '--', 'flaskoa', ...words]))
  await check(`${name}: npm start, a request, SIGTERM`, () => start(node))
}

/** Scripts find this version of Node first. */
function environment(node, more = {}) {
  return { ...process.env, PATH: [dirname(node), process.env.PATH].join(delimiter), ...more }
}

async function start(node) {
  const port = String(await freePort())
  const [program, ...before] = npmCommand(node)
  // npm sends a signal to the shell that runs the script. Bash becomes the program that it is to run; not every `sh` does.
  const args = [...before, 'start', '--script-shell', 'bash']
  const env = environment(node, { PORT: port, DATA: join(scratch, `data-${port}`) })
  const stdio = ['ignore', 'pipe', 'inherit']
  const npmStart = spawn(program, args, { cwd: example, env, stdio, detached: true, timeout: PATIENCE })
  const signal = AbortSignal.timeout(PATIENCE)
  try {
    await printed(npmStart, `http://127.0.0.1:${port}/`)
    const { status } = await fetch(`http://127.0.0.1:${port}/openapi.json`, { signal })
    assert.equal(status, 200)
    npmStart.kill('SIGTERM')
    assert.deepEqual(await once(npmStart, 'exit', { signal }), [0, null])
    await assert.rejects(fetch(`http://127.0.0.1:${port}/`, { signal }), /fetch failed/)
  } finally {
    endGroup(npmStart)
  }
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  await once(server.close(), 'close')
  return port
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
