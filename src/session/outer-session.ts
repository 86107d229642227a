import type { Context, Session } from '../types'
import type { OpenSession, SessionInterface } from './interface'

/** What koa-session's session has, and perhaps another's. */
type Outer = Partial<Record<'clear' | 'regenerate' | 'toJSON', () => unknown>> & Record<string | symbol, unknown>

/** The session of an application that runs koa-session itself, which also saves it. */
export const outerSession: SessionInterface = {
  open: ctx => new OuterSession(ctx),
}

class OuterSession implements OpenSession {
  readonly #ctx: Context
  #regenerated = false
  #extended: { readonly session: Session; readonly data: Session } | undefined

  constructor(ctx: Context) {
    this.#ctx = ctx
  }

  /** The application may replace it at any time. */
  get data(): Session {
    const session = this.#ctx.session as Session | null
    if (session === null) return session as unknown as Session
    if (this.#extended?.session !== session) this.#extended = { session, data: this.#extend(session) }
    return this.#extended.data
  }

  /** koa-session gives it the new key and destroys the old row; what is written after that it saves by itself. */
  save(): Promise<undefined> | undefined {
    return this.#regenerated ? this.#renewKey() : undefined
  }

  async #renewKey(): Promise<undefined> {
    await (this.#ctx.session as unknown as Outer | null)?.regenerate?.()
    return undefined
  }

  /** With what flaskoa's sessions can do besides. */
  #extend(session: Session): Session {
    const outer = session as unknown as Outer
    const controls = { clear: outer.clear ?? (() => clear(outer)), regenerate: () => this.#regenerate(outer) }
    return new Proxy(session, {
      get: (_, key) => (Object.hasOwn(controls, key) ? Reflect.get(controls, key) : outer[key]) as unknown,
    })
  }

  #regenerate(outer: Outer): void {
    if (typeof outer.regenerate !== 'function') {
      throw new TypeError(
        "session.regenerate(): the session is the application's own, and its middleware has no regenerate(). " +
          'Use koa-session from version 6 on, or give lifecycle(...) a secretKey for a session of its own',
      )
    }
    this.#regenerated = true
  }
}

/** koa-session keeps other things beside the values, and says which are values. */
function clear(outer: Outer): void {
  for (const key of Object.keys(outer.toJSON?.() ?? outer)) Reflect.deleteProperty(outer, key)
}
