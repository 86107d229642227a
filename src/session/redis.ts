import { createHash } from 'node:crypto'
import { describe } from '../errors/describe'
import type { SessionStore } from './options'
import { didYouMean } from '../errors/did-you-mean'
import { SetupError } from '../errors/setup-error'

/** The commands that the store needs, with the signatures of an ioredis client for one server or a cluster. */
export interface RedisClient {
  get(key: string): Promise<string | null>
  set(key: string, value: string, unit: 'PX', milliseconds: number): Promise<unknown>
  del(key: string): Promise<unknown>
  evalsha(sha1: string, numberOfKeys: number, ...keysAndArguments: (string | number)[]): Promise<unknown>
  eval(script: string, numberOfKeys: number, ...keysAndArguments: (string | number)[]): Promise<unknown>
}

export interface RedisSessionStoreOptions {
  /** The prefix of each key in Redis. Default `'flaskoa:session:'`. */
  prefix?: string | undefined
  /**
   * How long Redis keeps a session that lasts until the browser closes, in milliseconds since its last write. Default one
   * day. With the session option `rolling: true` each response writes the session.
   */
  ttl?: number | undefined
}

const DAY_MS = 24 * 60 * 60 * 1000

/** Writes or deletes a key if it holds the expected text. Returns 1 if it did, otherwise 0. */
const COMPARE_AND_SET = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
if ARGV[2] == '' then redis.call('DEL', KEYS[1]) else redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3]) end
return 1`
const SHA1 = createHash('sha1').update(COMPARE_AND_SET).digest('hex')

const COMMANDS = ['get', 'set', 'del', 'evalsha', 'eval'] as const satisfies (keyof RedisClient)[]

/**
 * Keeps sessions in Redis, or in a server with the same protocol and Lua scripts. A session is written only if no request,
 * of this or another process, has changed it since it was read.
 *
 * While Redis is unreachable, an ioredis client queues commands and waits, for seconds even with few retries. With
 * `enableOfflineQueue: false` commands fail at once, and the session option `onStoreFailure` applies.
 *
 * @param client an ioredis client; the caller closes it
 * @example bootstrap(AppController, { secretKey, session: { store: redisSessionStore(new Redis()) } })
 * @throws SetupError for a client that lacks a command, and for options that are unknown or of the wrong type
 */
export function redisSessionStore(client: RedisClient, options: RedisSessionStoreOptions = {}): SessionStore {
  checkClient(client)
  const { prefix = 'flaskoa:session:', ttl = DAY_MS } = checkedOptions(options)
  const lifetime = (maxAge: number | 'session') => (maxAge === 'session' ? ttl : Math.ceil(maxAge))
  return new RedisSessionStore(client, prefix, lifetime)
}

class RedisSessionStore implements SessionStore {
  /** The text of each session that was read or written, for the comparison in Redis. Weak: a text lives as long as its session. */
  readonly #texts = new WeakMap<object, string>()

  readonly #client: RedisClient
  readonly #prefix: string
  readonly #lifetime: (maxAge: number | 'session') => number

  constructor(client: RedisClient, prefix: string, lifetime: (maxAge: number | 'session') => number) {
    this.#client = client
    this.#prefix = prefix
    this.#lifetime = lifetime
  }

  async get(key: string): Promise<unknown> {
    const text = await this.#client.get(this.#prefix + key)
    return text === null ? undefined : this.#parsed(text)
  }

  async set(key: string, session: Record<string, unknown>, maxAge: number | 'session'): Promise<void> {
    await this.#client.set(this.#prefix + key, this.#textOf(session), 'PX', this.#lifetime(maxAge))
  }

  async destroy(key: string): Promise<void> {
    await this.#client.del(this.#prefix + key)
  }

  async compareAndSet(
    key: string,
    expected: unknown,
    session: Record<string, unknown> | undefined,
    maxAge: number | 'session',
  ): Promise<boolean> {
    const text = session === undefined ? '' : this.#textOf(session)
    return (
      (await this.#compareAndSet(
        ...[this.#prefix + key, this.#textOf(expected as object), text, this.#lifetime(maxAge)],
      )) === 1
    )
  }

  /** Calls the script by its hash; a server that was restarted needs its text again. */
  async #compareAndSet(...keyAndArguments: (string | number)[]): Promise<unknown> {
    try {
      return await this.#client.evalsha(SHA1, 1, ...keyAndArguments)
    } catch (error) {
      if (!(error as Error).message.startsWith('NOSCRIPT')) throw error
      return this.#client.eval(COMPARE_AND_SET, 1, ...keyAndArguments)
    }
  }

  /** Parses a session. Other software may have written the key: a value that is not an object counts as no session [13.7]. */
  #parsed(text: string): object | undefined {
    try {
      const session: unknown = JSON.parse(text)
      if (typeof session !== 'object' || session === null) return undefined
      this.#texts.set(session, text)
      return session
    } catch {
      return undefined
    }
  }

  #textOf(session: object): string {
    const text = this.#texts.get(session) ?? JSON.stringify(session)
    this.#texts.set(session, text)
    return text
  }
}

function checkClient(client: unknown): void {
  const missing = COMMANDS.find(
    name => typeof (client as Partial<RedisClient> | null | undefined)?.[name] !== 'function',
  )
  if (missing === undefined) return
  throw storeOptionError(`needs an ioredis client, not ${describe(client)}, which has no method ${missing}`)
}

const OPTIONS = ['prefix', 'ttl']

function checkedOptions(options: RedisSessionStoreOptions): RedisSessionStoreOptions {
  if (typeof options !== 'object' || (options as unknown) === null) {
    throw storeOptionError(`needs an object of options, not ${describe(options)}`)
  }
  const { prefix, ttl, ...others } = options
  const [unknown] = Object.keys(others)
  if (unknown !== undefined)
    throw storeOptionError(`has no option '${unknown}'.${didYouMean(unknown, OPTIONS)} It has: ${OPTIONS.join(', ')}`)
  if (prefix !== undefined && typeof (prefix as unknown) !== 'string') {
    throw storeOptionError(`the option prefix must be a string, not ${describe(prefix)}`)
  }
  if (ttl !== undefined && !(Number.isInteger(ttl) && ttl > 0)) {
    throw storeOptionError(`the option ttl must be a positive whole number of milliseconds, not ${describe(ttl)}`)
  }
  return options
}

const storeOptionError = (problem: string) => new SetupError('BAD_OPTION', `redisSessionStore ${problem}.`)
