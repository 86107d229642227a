// `npm run bench:faults`: the same faults in flaskoa, Koa and Fastify, over real sockets: how often and when the end hook of a
// request runs, and what the client receives.
import { writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { FAULTS, PATIENCE, type Fault } from './faults'
import { FRAMEWORKS, type Framework } from './frameworks'

interface Measured {
  /** How often the end hook ran. */
  readonly ends: number
  /** Whether it ran after the handler, or its stream, had ended. */
  readonly order: 'after' | 'before' | 'alone' | ''
  readonly client: string
}

/** Errors that escape from a request, for instance from a hook whose errors are not caught. */
const escaped: unknown[] = []
process.on('unhandledRejection', error => escaped.push(error))
process.on('uncaughtException', error => escaped.push(error))

async function measure(framework: Framework, fault: Fault): Promise<Measured> {
  const log: string[] = []
  escaped.length = 0
  const server = await framework.serve(fault, { log })
  const client = await ask((server.address() as AddressInfo).port, fault, log)
  for (let turn = 0; turn < 60 && !log.includes('end'); turn++) await sleep(10)
  await sleep(150)
  server.closeAllConnections()
  server.close()
  const ends = log.filter(each => each === 'end').length
  const handler = log.indexOf('handler')
  const first = log.indexOf('end')
  const order = ends === 0 ? '' : handler === -1 ? 'alone' : handler < first ? 'after' : 'before'
  return { ends, order, client: escaped.length === 0 ? client : `${client}, and an error escapes` }
}

/** Sends the request and describes the response. */
function ask(port: number, fault: Fault, log: readonly string[]): Promise<string> {
  const text = (path: string) => `${fault.method ?? 'GET'} ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1')
    let seen = ''
    let hasLeft = false
    const finish = (what: string) => {
      clearTimeout(timer)
      clearInterval(watch)
      socket.destroy()
      resolve(what)
    }
    const leave = () => {
      hasLeft = true
      finish('disconnected')
    }
    const timer = setTimeout(() => {
      finish('hangs')
    }, PATIENCE)
    const watch = setInterval(() => {
      if (fault.leaves === 'handler' && log.includes('begun')) leave()
    }, 5)
    socket.on('connect', () => socket.write((fault.isBehind ? text('/before') : '') + text('/')))
    socket.on('error', () => undefined)
    socket.on('data', (data: Buffer) => {
      seen += data.toString('latin1')
      if (fault.leaves === 'first byte') leave()
      else if (isWhole(seen, fault.method)) finish(`${seen.slice(9, 12)}, whole`)
    })
    socket.on('close', () => {
      if (!hasLeft) finish(seen === '' ? 'connection closed' : `${seen.slice(9, 12)}, broken off`)
    })
  })
}

function isWhole(seen: string, method: string | undefined): boolean {
  const end = seen.indexOf('\r\n\r\n')
  if (end === -1) return false
  if (method === 'HEAD') return true
  const length = /\r\ncontent-length: (\d+)/i.exec(seen.slice(0, end))?.[1]
  return length === undefined ? seen.endsWith('0\r\n\r\n') : seen.length === end + 4 + Number(length)
}

const shown = ({ ends, order, client }: Measured): string => {
  const times = ['never', 'once', 'twice'][ends] ?? `${ends} times`
  return `${times}${order === 'before' ? ', **too early**' : ''}; ${client}`
}

async function main(): Promise<void> {
  const results: Record<string, Record<string, Measured>> = {}
  console.log(`| Fault | ${FRAMEWORKS.map(({ name }) => name).join(' | ')} |`)
  console.log(`| --- | ${FRAMEWORKS.map(() => '---').join(' | ')} |`)
  for (const fault of FAULTS) {
    const row: Record<string, Measured> = (results[fault.name] = {})
    for (const framework of FRAMEWORKS) row[framework.name] = await measure(framework, fault)
    console.log(`| ${fault.name} | ${Object.values(row).map(shown).join(' | ')} |`)
  }
  writeFileSync(join(__dirname, '../../docs/guarantees-measured.json'), `${JSON.stringify(results, null, 2)}\n`)
}

void main().then(() => process.exit(0))
