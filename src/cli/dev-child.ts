import { existsSync } from 'node:fs'
import { Session } from 'node:inspector'
import Module from 'node:module'
import type { AddressInfo } from 'node:net'
import { relative, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Call } from './command'
import { KILL_AFTER_MS } from './dev-kill'
import { Failure, isOwnFile } from './failures'
import type { Io } from './io'
import { prepareFor } from './load-module'
import { listen } from './serve-worker'

/** What the process of the application sends to the one that watches. */
export interface LoadedFiles {
  readonly files: readonly string[]
}

/** How long running requests may take to end before the next start, in milliseconds. */
const TIMEOUT_MS = 100

interface DevSettings {
  readonly port: number
  readonly host: string
}

/** Serves the application until a signal ends the process. */
export async function serveForDevelopment({ io, load }: Call, settings: DevSettings): Promise<never> {
  reportFiles()
  const { app } = await load()
  const server = await listen(app, { ...settings, trustProxy: false, delay: 0, grace: 1, timeout: TIMEOUT_MS })
  const { address, port } = server.address() as AddressInfo
  io.stdout.write(`http://${address.includes(':') ? `[${address}]` : address}:${port}\n`)
  return new Promise<never>(() => undefined)
}

/** Runs a file as `node FILE` does, until it ends by itself. */
export async function runEntry(given: string, io: Io): Promise<never> {
  reportFiles()
  const file = programIn(io, given)
  await prepareFor(file, relative(io.cwd, file), io.importModule)
  process.argv = [process.argv[0] as string, file]
  Module.runMain()
  return new Promise<never>(() => undefined)
}

/** The absolute path of a program. @throws Failure if it does not exist */
export function programIn({ cwd }: Io, given: string): string {
  const file = resolve(cwd, given)
  if (existsSync(file)) return file
  throw new Failure(`There is no file ${file}.`)
}

/** Sends the files of the project that the process loads. Node's inspector knows them all, whatever has compiled them. */
function reportFiles(): void {
  // It was started by `fork`, which has a channel.
  const parent = process as Required<Pick<NodeJS.Process, 'send' | 'channel'>>
  const session = new Session()
  const found = new Set<string>()
  const send = () => {
    parent.send({ files: [...found] } satisfies LoadedFiles)
    found.clear()
  }
  session.connect()
  session.on('Debugger.scriptParsed', ({ params: { url } }) => {
    const file = fileOf(url)
    if (file === undefined) return
    if (found.size === 0) setImmediate(send)
    found.add(file)
  })
  session.post('Debugger.enable')
  // Or a statement `debugger` would stop the process for ever.
  session.post('Debugger.setSkipAllPauses', { skip: true })
  // The channel alone must not keep the process, and without the command it must not stay.
  parent.channel.unref()
  process.once('disconnect', () => {
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), KILL_AFTER_MS).unref()
    process.kill(process.pid, 'SIGTERM')
  })
}

/** A file of the user's own. */
function fileOf(url: string): string | undefined {
  if (!url.startsWith('file:')) return undefined
  const file = fileURLToPath(url.replace(/[?#].*$/s, ''))
  return file.includes(`${sep}node_modules${sep}`) || isOwnFile(file) ? undefined : file
}
