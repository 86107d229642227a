import { createRequire } from 'node:module'
import type { Server } from 'node:http'
import { join } from 'node:path'
import { Readable } from 'node:stream'

const asked = process.env.WORKLOAD ?? 'hello'
const numbered = /^(.+)-(\d+)$/.exec(asked)

/** `routes-1000` is the workload `routes`, with a thousand of them. */
export const workload = numbered?.[1] ?? asked
export const count = Number(numbered?.[2] ?? 0)
export const port = Number(process.env.PORT)
export const host = '127.0.0.1'

/** `0 … count - 1` */
export const each = Array.from({ length: count }, (_, index) => index)

/** Counts what was torn down, so that no compiler can leave the work away. */
export const tornDown = { requests: 0 }

/** Koa and what belongs to it come from where flaskoa gets them: the same code under all that stand on it. */
const root = createRequire(join(__dirname, '../../package.json'))
export const fromRoot = <T>(name: string): T => root(name) as T

export const SECRET = 'thirty-two characters of secrecy'

const chunk = Buffer.alloc(2 ** 16, 'x')

/** 1 MB, in pieces as files have them. */
export function megabyte(): Readable {
  let left = 16
  return new Readable({
    highWaterMark: 2 ** 16,
    read() {
      this.push(left-- > 0 ? chunk : null)
    },
  })
}

/** Starts the one server that is asked for, when all that stands below the call is defined as well. */
export function serve(servers: Readonly<Record<string, () => Listening | Promise<Listening>>>): void {
  const start = servers[workload]
  if (start === undefined) throw new Error(`no server for the workload ${workload}`)
  void Promise.resolve()
    .then(start)
    .then(server => server?.listen(port, host))
}

/** Something that still has to listen, or nothing when it does already. */
type Listening = Pick<Server, 'listen'> | { listen(port: number, host: string): unknown } | void
