import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import Koa from 'koa'
import { Get, bootstrap } from 'flaskoa'
import { Application } from '../../src/engine/application'
import { patience } from './pace'
import { until } from './until'

type Options = NonNullable<ConstructorParameters<typeof Koa<Koa.DefaultState, Koa.DefaultContext>>[0]>
/** Writes down what an application saw, to be compared. */
export type Note = (...values: unknown[]) => void
/** Puts middleware into an application, and whatever else it is to have. */
export type SetUp = (app: Koa, note: Note) => unknown

export interface Exchange {
  /** What was sent for each request, every byte of it, but for the date. */
  wire: string[]
  /** The same on one line each, without what is in every response. */
  short: string[]
  /** The application's `error` events. */
  reported: string[]
  notes: unknown[]
}

class App {
  @Get('/lifecycle')
  view() {
    return 'lifecycle'
  }
}

type Kind = 'Koa' | 'engine' | 'engine, by callback' | 'bootstrap'

const makers: Record<Kind, (options: Options) => Koa> = {
  Koa: options => new Koa<Koa.DefaultState, Koa.DefaultContext>(options),
  engine: options => new Application(options),
  'engine, by callback': options => new Application(options),
  bootstrap: options => bootstrap(App, { koa: options, logger: false }),
}

/** Plain Koa, the application that takes its place, with its own server and with another, and what `bootstrap` makes. */
const kinds = Object.keys(makers) as Kind[]

/** Begins to serve an application, on a free port. */
const serverOf = (kind: Kind, app: Koa): Server =>
  kind === 'engine, by callback'
    ? createServer(app.callback() as RequestListener).listen(0, '127.0.0.1')
    : app.listen(0, '127.0.0.1')

/** @param setUp its middleware is put outside of the lifecycle, if there is one */
export function applicationOf(kind: Kind, setUp: (app: Koa) => unknown, options: Options = {}): Koa {
  const app = makers[kind](options)
  const before = app.middleware.length
  setUp(app)
  app.middleware.unshift(...app.middleware.splice(before))
  return app
}

/**
 * Has Koa, the engine and `bootstrap`'s application do the same, and compares all that can be seen of it.
 *
 * @param requests as they go to the server, each on a connection of its own; `GET /` if there are none
 * @returns what all of them did
 */
export function same(setUp: SetUp, ...requests: string[]): Promise<Exchange> {
  return sameIn(kinds, {}, setUp, sending(requests))
}

/** The same for an application with options. */
export function sameWith(options: Options, setUp: SetUp, ...requests: string[]): Promise<Exchange> {
  return sameIn(kinds, options, setUp, sending(requests))
}

/**
 * The same for Koa and the engine, over connections that `talk` opens. Not for `bootstrap`, which reports errors of
 * streams and connections less often.
 *
 * @param talk returns what it received
 */
export function sameOver(talk: (server: Server) => Promise<string[]>, setUp: SetUp): Promise<Exchange> {
  return sameIn(['Koa', 'engine', 'engine, by callback'], {}, setUp, async server => {
    const received = await talk(server)
    await untilQuiet(server)
    return received
  })
}

async function sameIn(
  which: typeof kinds,
  options: Options,
  setUp: SetUp,
  talk: (server: Server) => Promise<string[]>,
): Promise<Exchange> {
  const exchanges = []
  for (const kind of which) exchanges.push(await exchange(kind, options, setUp, talk))
  const [koa, ...others] = exchanges as [Exchange, ...Exchange[]]
  for (const other of others) expect(other).toStrictEqual(koa)
  return koa
}

async function exchange(kind: Kind, options: Options, setUp: SetUp, talk: (server: Server) => Promise<string[]>) {
  const notes: unknown[] = []
  const reported: string[] = []
  const app = applicationOf(kind, each => setUp(each, (...values) => notes.push(...values)), options)
  app.on('error', (error: Error, ctx?: Koa.Context) => reported.push(`${summary(error)} on ${ctx?.url}`))
  const wire = await withServer(serverOf(kind, app), talk)
  return { wire, short: wire.map(shortened), reported, notes }
}

const sending = (requests: string[]) => async (server: Server) => {
  const wire: string[] = []
  for (const request of requests.length === 0 ? [get('/')] : requests) wire.push(await sendRaw(server, request))
  return wire
}

/** Waits until all connections are closed, and what follows from that has happened. */
async function untilQuiet(server: Server): Promise<void> {
  const count = promisify(server.getConnections.bind(server))
  await until('all connections are closed', async () => (await count()) === 0)
  await sleep(10) // shows that nothing more happens: longer than any timer of the tests
}

/** What an error says of itself. */
export function summary(error: unknown): string {
  const { name, code, message, status, headerSent } = error as Record<string, unknown>
  return [name, code, status, headerSent && 'headerSent', message].filter(part => part !== undefined).join(' ')
}

/** What `act` throws, in short; what it returns if it doesn't. */
export function outcome(act: () => unknown): unknown {
  try {
    return act()
  } catch (error) {
    return summary(error)
  }
}

/** Runs a server while `use` does. */
async function withServer<T>(server: Server, use: (server: Server) => Promise<T>): Promise<T> {
  await once(server, 'listening')
  try {
    return await use(server)
  } finally {
    const closed = once(server, 'close')
    server.close()
    server.closeAllConnections()
    await closed
  }
}

export const portOf = (server: Server): number => (server.address() as AddressInfo).port

/** Sends a text as it is and returns what comes back until the server closes the connection. */
async function sendRaw(server: Server, text: string): Promise<string> {
  const socket = connect(portOf(server), '127.0.0.1')
  let received = ''
  socket.setEncoding('latin1').on('data', chunk => (received += chunk))
  socket.on('error', () => undefined)
  socket.write(text, 'latin1')
  const guard = setTimeout(() => socket.destroy(new Error(`no end to ${text}: ${received}`)), patience(1000))
  await once(socket, 'close').finally(() => clearTimeout(guard))
  return received.replace(/^Date: .*$/gm, 'Date: now')
}

/** The text of a request. */
export function get(path: string, headers: Readonly<Record<string, string>> = {}, method = 'GET', body = ''): string {
  const all = { Host: 'localhost', Connection: 'close', ...headers }
  const fields = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
  return `${method} ${path} HTTP/1.1\r\n${fields.join('')}\r\n${body}`
}

export const head = (path: string, headers?: Readonly<Record<string, string>>): string => get(path, headers, 'HEAD')

export const post = (path: string, body: string, headers?: Readonly<Record<string, string>>): string =>
  get(path, { 'Content-Length': String(Buffer.byteLength(body)), ...headers }, 'POST', body)

const shortened = (text: string): string =>
  text
    .split('\r\n')
    .filter(line => !/^(Date: now|Connection: close)$/.test(line))
    .join(' | ')
    .replaceAll('HTTP/1.1 ', '')
