// Runs the example programs and compares what they do with what the page shows.
import { setTimeout as sleep } from 'node:timers/promises'
import { curl } from './curl.mjs'
import { start } from './programs.mjs'

/** How long a program may take, in milliseconds: for one that hangs. */
const LIMIT = 30_000

/** @throws when the program fails, or does something else than the page shows */
export async function execute(example, file) {
  const program = start(example, file)
  const timer = setTimeout(program.kill, LIMIT)
  try {
    if (/\.listen\(/.test(example.code)) await asked(program, example)
    else await ended(program, example)
    await program.release()
  } catch (error) {
    program.kill()
    throw error
  } finally {
    clearTimeout(timer)
  }
}

/** A program that ends by itself. */
async function ended(program, example) {
  if (example.requests.length > 0) throw new Error('the page sends requests, but the program does not listen')
  const status = await program.ended
  const { throws } = example.options
  if (throws !== undefined) {
    if (status === 0 || !program.stderr.includes(throws)) throw new Error(`no error "${throws}", but\n${said(program)}`)
  } else {
    if (status !== 0) throw new Error(`failed, or did not end by itself\n${said(program)}`)
    await printed(program, example)
  }
}

/** A server: it gets the page's requests in their order. */
async function asked(program, example) {
  const failed = program.ended.then(status => (status === 0 ? program.listening : undefined))
  const port = await Promise.race([program.listening, failed])
  if (port === undefined) {
    // One that closes its server again may have ended before it listened.
    if ((await program.ended) !== 0 || example.requests.length > 0) throw new Error(`does not listen\n${said(program)}`)
    return printed(program, example)
  }
  const jars = {}
  for (const request of example.requests) {
    await curl(request, port, jars).catch(error => {
      throw new Error(`${error.message}\n${program.stderr}`)
    })
  }
  // A program of its own goes on as long as its server, one in a host has ended when all of it has run.
  if (program.isHosted && (await program.ended) !== 0) throw new Error(`failed\n${said(program)}`)
  await printed(program, example)
}

/** What is printed behind the last byte of a response, or through a pipe, comes a moment later. */
async function printed(program, { code, prints }) {
  const lines = comments(code)
  const inOrder = new RegExp(lines.map(line => `^${escaped(line)}$`).join('[^]*'), 'm')
  const complete = () =>
    (prints === undefined || withoutAddress(program.stdout).trim() === prints.trim()) && inOrder.test(program.stdout)
  for (let waited = 0; !complete() && waited < 250; waited++) await sleep(20)
  if (!complete()) throw new Error(`should print\n${prints ?? lines.join('\n')}\nprinted\n${said(program)}`)
}

/** The pages do not repeat where an example listens. */
const withoutAddress = stdout => stdout.replace(/^http:\/\/localhost:5000\n/m, '')

const said = ({ stdout, stderr }) => `${stdout}${stderr}`

/** What `console.log(…) // this` must print. */
const comments = code => [...code.matchAll(/^\s*console\.log\(.*\) \/\/ (.+)$/gm)].map(found => found[1])

const escaped = text => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
