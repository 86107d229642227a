import { createRequire } from 'node:module'
import type { Server } from 'node:http'
import { join } from 'node:path'
import { Readable } from 'node:stream'

const asked = process.env.WORKLOAD ?? 'hello'
const numbered = /^(.+)-(\d+)$/.exec(asked)

/** Splits a name: `routes-1000` is the workload `routes` with 1,000 routes. */
export const workload = numbered?.[1] ?? asked
export const count = Number(numbered?.[2] ?? 0)
export const port = Number(process.env.PORT)
export const host = '127.0.0.1'

/** `0 … count - 1` */
export const each = Array.from({ length: count }, (_, index) => index)

/** Counts teardowns, so that no compiler can optimise the work away. */
export const tornDown = { requests: 0 }

/** Loads Koa and its packages from where flaskoa loads them, so that all servers based on Koa run the same code. */
const root = createRequire(join(__dirname, '../../package.json'))
export const fromRoot = <T>(name: string): T => root(name) as T

/** The schema of the workload `input`, for servers that have none of their own. */
export function newUser() {
  const { z } = fromRoot<typeof import('zod')>('zod')
  return z.object({ name: z.string().min(1), email: z.string(), age: z.int(), tags: z.array(z.string()) })
}

export const SECRET = 'thirty-two characters of secrecy'

/** A promise that is already resolved, as that of a database call whose row is in a cache. */
export const cached = (): Promise<void> => Promise.resolve()

/** 1 MB, in chunks of the size that file streams have. */
export const megabyte = (): Readable => chunks(16, whole)
/** 64 KB in four chunks. */
export const quarters = (): Readable => chunks(4, quarter)

const whole = Buffer.alloc(2 ** 16, 'x')
const quarter = Buffer.alloc(2 ** 14, 'x')

/** The same on each Node: the default of `highWaterMark` differs. */
function chunks(left: number, chunk: Buffer): Readable {
  return new Readable({
    highWaterMark: chunk.length,
    read() {
      this.push(left-- > 0 ? chunk : null)
    },
  })
}

/** Starts the server of the requested workload, once the rest of the calling module has run. */
export function serve(servers: Readonly<Record<string, () => Listening | Promise<Listening>>>): void {
  const start = servers[workload]
  if (start === undefined) throw new Error(`no server for the workload ${workload}`)
  void Promise.resolve()
    .then(start)
    .then(server => server?.listen(port, host))
}

/** A server that does not listen yet, or nothing if it already does. */
type Listening = Pick<Server, 'listen'> | { listen(port: number, host: string): unknown } | void
