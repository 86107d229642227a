import type { SessionStore } from 'flaskoa'

type Content = Record<string, unknown>

/** A store that keeps what it is given as text. A test may make it wait or fail, and see what it was asked. */
export class MemoryStore implements SessionStore {
  readonly kept = new Map<string, string>()
  readonly log: string[] = []
  /** What a command does before the store does its work. */
  before: (command: 'get' | 'set' | 'destroy' | 'compareAndSet', key: string) => unknown = () => undefined

  async get(key: string): Promise<unknown> {
    await this.#begin('get', key)
    const found = this.kept.get(key)
    return found === undefined ? undefined : (JSON.parse(found) as unknown)
  }

  async set(key: string, content: Content): Promise<void> {
    await this.#begin('set', key)
    this.kept.set(key, JSON.stringify(content))
  }

  async destroy(key: string): Promise<void> {
    await this.#begin('destroy', key)
    this.kept.delete(key)
  }

  protected async compare(key: string, expected: unknown, content: Content | undefined): Promise<boolean> {
    await this.#begin('compareAndSet', key)
    if (this.kept.get(key) !== JSON.stringify(expected)) return false
    if (content === undefined) this.kept.delete(key)
    else this.kept.set(key, JSON.stringify(content))
    return true
  }

  /** The users' values in all sessions. */
  get contents(): Content[] {
    return [...this.kept.values()].map(text => {
      const entries = Object.entries(JSON.parse(text) as Content)
      return Object.fromEntries(entries.filter(([name]) => !name.startsWith('_')))
    })
  }

  async #begin(command: 'get' | 'set' | 'destroy' | 'compareAndSet', key: string): Promise<void> {
    this.log.push(command)
    await this.before(command, key)
  }
}

export class AtomicStore extends MemoryStore {
  compareAndSet(key: string, expected: unknown, content: Content | undefined): Promise<boolean> {
    return this.compare(key, expected, content)
  }
}

/** Keeps the very objects that it is given, as the simplest store there is. */
export class ObjectStore implements SessionStore {
  readonly kept = new Map<string, unknown>()
  get = (key: string): unknown => this.kept.get(key)
  set = (key: string, content: Content): unknown => this.kept.set(key, content)
  destroy = (key: string): unknown => this.kept.delete(key)
}

export const stores: readonly [name: string, make: () => MemoryStore][] = [
  ['get, set and destroy', () => new MemoryStore()],
  ['compareAndSet', () => new AtomicStore()],
]
