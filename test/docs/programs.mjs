// The processes that run examples.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'

const LISTENING = pathToFileURL(join(import.meta.dirname, 'listening.mjs')).href
const HOST = join(import.meta.dirname, 'host.mjs')
const SECRET_KEY = 'only for the examples of the documents'

/** An example that listens to signals, ends its process or registers tests needs a process of its own. */
const needsItsOwn = ({ code, options }) =>
  /gracefulShutdown|node:test|process\.(?!env)/.test(code) || options.throws !== undefined

/** Hosts that wait for their next example. */
const waiting = []

/**
 * Starts an example.
 *
 * @returns `listening`, a promise of the port of its server; `ended`, of its status, `undefined` when it was killed; what it
 *   has printed; `kill`, and `release` for one that did what it should
 */
export function start(example, file) {
  if (needsItsOwn(example)) return programIn(spawnNode(['--import', LISTENING, file], dirname(file)), 'close')
  const host = waiting.pop() ?? spawnNode([HOST], dirname(file))
  const program = programIn(host, 'message')
  program.isHosted = true
  program.release = async () => {
    const stopped = nextMessage(host, 'stopped')
    host.send({})
    await stopped
    waiting.push(host)
  }
  host.send({ file })
  return program
}

/** Ends the processes. */
export function endPrograms() {
  for (const host of waiting.splice(0)) host.kill('SIGKILL')
}

function spawnNode(args, cwd) {
  const env = { ...process.env, NODE_ENV: 'development', NO_COLOR: '1', SECRET_KEY }
  const child = spawn(process.execPath, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] })
  child.stdout.setEncoding('utf8')
  child.stderr.setEncoding('utf8')
  child.setMaxListeners(0)
  return child
}

function programIn(child, end) {
  const program = { stdout: '', stderr: '', kill: () => child.kill('SIGKILL'), release: () => child.kill('SIGKILL') }
  for (const name of ['stdout', 'stderr']) {
    child[name].removeAllListeners('data').on('data', text => (program[name] += text))
  }
  const killed = once(child, 'close').then(([status]) => ({ status: status ?? undefined }))
  const status = end === 'close' ? killed : Promise.race([nextMessage(child, 'status'), killed])
  program.ended = status.then(message => message.status)
  program.listening = Promise.race([nextMessage(child, 'port'), killed]).then(({ port }) => port)
  return program
}

/** The next message of a process that says this. */
function nextMessage(child, name) {
  return new Promise(resolve => {
    child.on('message', function listener(message) {
      if (!(name in message)) return
      child.off('message', listener)
      resolve(message)
    })
  })
}
