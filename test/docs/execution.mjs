// Runs the example programs, each in a process of its own, and compares what they do with what the page shows.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { curl } from './curl.mjs'

const PRELOAD = pathToFileURL(join(import.meta.dirname, 'preload.mjs')).href
/** How long a program may take, in milliseconds: for one that hangs. */
const LIMIT = 30_000

/** @throws when the program fails, or does something else than the page shows */
export async function execute(example, file) {
  const program = start(file)
  const timer = setTimeout(() => program.child.kill('SIGKILL'), LIMIT)
  try {
    const port = /\.listen\(/.test(example.code) ? await program.listening : undefined
    if (port === undefined) await ended(program, example)
    else await asked(program, example, port)
  } finally {
    clearTimeout(timer)
    program.child.kill('SIGKILL')
  }
}

function start(file) {
  const env = {
    ...process.env,
    NODE_ENV: 'development',
    NO_COLOR: '1',
    SECRET_KEY: 'only for the examples of the documents',
  }
  const options = { cwd: dirname(file), env, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] }
  const child = spawn(process.execPath, ['--import', PRELOAD, file], options)
  const program = { child, stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', text => (program.stdout += text))
  child.stderr.setEncoding('utf8').on('data', text => (program.stderr += text))
  program.closed = once(child, 'close')
  const told = once(child, 'message').then(([{ port }]) => port)
  program.listening = Promise.race([told, program.closed.then(() => undefined)])
  return program
}

/** A program that ends by itself. */
async function ended(program, { code, options, requests, prints }) {
  const [status] = await program.closed
  const { stdout, stderr } = program
  if (requests.length > 0) throw new Error(`the page sends requests, but the program does not listen\n${stderr}`)
  if (options.throws !== undefined) {
    if (status === 0 || !stderr.includes(options.throws))
      throw new Error(`no error "${options.throws}", but\n${stderr}`)
    return
  }
  if (status !== 0) throw new Error(`ended with ${status ?? 'a signal: it did not end by itself'}\n${stdout}${stderr}`)
  const expected = prints ?? comments(code).join('\n')
  const isShown = prints !== undefined || comments(code).length > 0
  if (isShown && stdout.trim() !== expected.trim()) throw new Error(`expected ${expected}\nprinted ${stdout}`)
}

/** A server: it gets the page's requests in their order, and has printed then what the page shows. */
async function asked(program, { code, requests, prints }, port) {
  const jars = {}
  for (const request of requests) await curl(request, port, jars)
  const complete = () =>
    (prints === undefined || program.stdout.trim() === prints.trim()) &&
    comments(code).every(line => program.stdout.includes(`${line}\n`))
  // What a program prints behind the last byte of a response arrives after it.
  for (let waited = 0; !complete() && waited < 250; waited++) await new Promise(resolve => setTimeout(resolve, 20))
  if (!complete())
    throw new Error(`expected ${prints ?? comments(code).join('\n')}\nprinted ${program.stdout}${program.stderr}`)
}

/** What `console.log(…) // this` must print. */
const comments = code => [...code.matchAll(/^\s*console\.log\(.*\) \/\/ (.+)$/gm)].map(found => found[1])
