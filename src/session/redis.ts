import { createHash } from 'node:crypto'
import { describe } from '../errors/describe'
import type { SessionStore } from './options'
import { SetupError } from '../errors/setup-error'

/** The commands that the store needs, as a client of ioredis has them, for one server or a cluster. */
export interface RedisClient {
  get(key: string): Promise<string | null>
  set(key: string, value: string, unit: 'PX', milliseconds: number): Promise<unknown>
  del(key: string): Promise<unknown>
  evalsha(sha1: string, numberOfKeys: number, ...keysAndArguments: (string | number)[]): Promise<unknown>
  eval(script: string, numberOfKeys: number, ...keysAndArguments: (string | number)[]): Promise<unknown>
}

export interface RedisSessionStoreOptions {
  /** Stands before each key. Default `'flaskoa:session:'`. */
  prefix?: string | undefined
  /**
   * How long a session is kept that lasts until the browser closes, in milliseconds, counted from its last write. Default a
   * day. The option `rolling: true` of the session makes each response a write.
   */
  ttl?: number | undefined
}

const DAY = 24 * 60 * 60 * 1000

/** Writes or deletes a key if it holds what is expected, and says whether it did. */
const COMPARE_AND_SET = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
if ARGV[2] == '' then redis.call('DEL', KEYS[1]) else redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3]) end
return 1`
const SHA1 = createHash('sha1').update(COMPARE_AND_SET).digest('hex')

const COMMANDS = ['get', 'set', 'del', 'evalsha', 'eval'] as const satisfies (keyof RedisClient)[]

/**
 * Sessions in Redis, or a server that speaks its protocol and has Lua scripts. A session is written only if nobody has
 * changed it since it was read, also by another process.
 *
 * While Redis is away, a client of ioredis keeps commands back and waits for it, for seconds even with few retries. With
 * `enableOfflineQueue: false` they fail at once, and the session's option `onStoreFailure` decides.
 *
 * @param client of ioredis, which remains the caller's to close
 * @example bootstrap(AppController, { secretKey, session: { store: redisSessionStore(new Redis()) } })
 * @throws SetupError for a client without the commands, and for options that are unknown or of the wrong type
 */
export function redisSessionStore(client: RedisClient, options: RedisSessionStoreOptions = {}): SessionStore {
  checkClient(client)
  const { prefix = 'flaskoa:session:', ttl = DAY } = checkedOptions(options)
  const lifetime = (maxAge: number | 'session') => (maxAge === 'session' ? ttl : Math.ceil(maxAge))
  return new RedisSessionStore(client, prefix, lifetime)
}

class RedisSessionStore implements SessionStore {
  /** The text of each session that was read or written, to compare with what is there. */
  readonly #texts = new WeakMap<object, string>()

  constructor(
    private readonly client: RedisClient,
    private readonly prefix: string,
    private readonly lifetime: (maxAge: number | 'session') => number,
  ) {}

  async get(key: string): Promise<unknown> {
    const text = await this.client.get(this.prefix + key)
    return text === null ? undefined : this.#parsed(text)
  }

  async set(key: string, session: Record<string, unknown>, maxAge: number | 'session'): Promise<void> {
    await this.client.set(this.prefix + key, this.#textOf(session), 'PX', this.lifetime(maxAge))
  }

  async destroy(key: string): Promise<void> {
    await this.client.del(this.prefix + key)
  }

  async compareAndSet(
    key: string,
    expected: unknown,
    session: Record<string, unknown> | undefined,
    maxAge: number | 'session',
  ): Promise<boolean> {
    const wanted = session === undefined ? '' : this.#textOf(session)
    return (
      (await this.#compareAndSet(
        ...[this.prefix + key, this.#textOf(expected as object), wanted, this.lifetime(maxAge)],
      )) === 1
    )
  }

  /** The server knows the script by its hash, until it is started anew. */
  async #compareAndSet(...keyAndArguments: (string | number)[]): Promise<unknown> {
    try {
      return await this.client.evalsha(SHA1, 1, ...keyAndArguments)
    } catch (error) {
      if (!(error as Error).message.startsWith('NOSCRIPT')) throw error
      return this.client.eval(COMPARE_AND_SET, 1, ...keyAndArguments)
    }
  }

  /** Somebody else may have written the key: what is no object is no session (docs/rules.md 13.7). */
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
  throw refused(`wants a client of ioredis, not ${describe(client)}, which has no method ${missing}`)
}

function checkedOptions(options: RedisSessionStoreOptions): RedisSessionStoreOptions {
  if (typeof options !== 'object' || (options as unknown) === null) {
    throw refused(`wants an object of options, not ${describe(options)}`)
  }
  const { prefix, ttl, ...others } = options
  const [unknown] = Object.keys(others)
  if (unknown !== undefined) throw refused(`has no option '${unknown}'. It has: prefix, ttl`)
  if (prefix !== undefined && typeof (prefix as unknown) !== 'string') {
    throw refused(`the option prefix wants a text, not ${describe(prefix)}`)
  }
  if (ttl !== undefined && !(Number.isInteger(ttl) && ttl > 0)) {
    throw refused(`the option ttl wants milliseconds from 1 up, not ${describe(ttl)}`)
  }
  return options
}

const refused = (problem: string) => new SetupError('BAD_OPTION', `redisSessionStore ${problem}.`)
