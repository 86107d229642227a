import type { Context, Session, SessionCallback } from '../types'
import { callBack, guardCallback, type Report } from './call-back'
import type { OpenSession, Reporter, SessionInterface } from './interface'
import { endWithKey } from './names'

/** The methods of koa-session's session; the session of another library may lack them. */
type OuterKoaSession = Partial<Record<'clear' | 'regenerate' | 'toJSON', () => unknown>> &
  Record<string | symbol, unknown>

/** The session of an application that runs koa-session itself, which also saves it. */
export const outerSession: SessionInterface = {
  open: (ctx, reporter) => new OuterSession(ctx, reporter),
}

class OuterSession implements OpenSession {
  readonly #ctx: Context
  readonly #report: Report
  #regenerated = false
  #extended: { readonly session: Session; readonly data: Session } | undefined

  constructor(ctx: Context, reporter: Reporter) {
    this.#ctx = ctx
    this.#report = error => {
      reporter.report(error)
    }
  }

  /** Read from `ctx` each time: the application may replace its session at any time. */
  get data(): Session {
    const session = this.#ctx.session as Session | null
    if (session === null) return session as unknown as Session
    if (this.#extended?.session !== session) this.#extended = { session, data: this.#extend(session) }
    return this.#extended.data
  }

  /** koa-session gives the session a new key, destroys the old entry and saves later writes by itself. */
  save(): Promise<undefined> | undefined {
    return this.#regenerated ? this.#renewKey() : undefined
  }

  async #renewKey(): Promise<undefined> {
    await (this.#ctx.session as unknown as OuterKoaSession | null)?.regenerate?.()
    return undefined
  }

  /** Adds the methods of flaskoa's sessions. */
  #extend(session: Session): Session {
    const outer = session as unknown as OuterKoaSession
    const controls = {
      clear: outer.clear ?? (() => clearValues(outer)),
      regenerate: (callback?: SessionCallback) =>
        callBack(
          callback,
          () => {
            this.#regenerate(outer)
          },
          this.#report,
        ),
    }
    return new Proxy(session, {
      get: (_, key) =>
        (Object.hasOwn(controls, key) ? Reflect.get(controls, key) : boundTo(outer, key, this.#report)) as unknown,
    })
  }

  #regenerate(outer: OuterKoaSession): void {
    if (typeof outer.regenerate !== 'function') {
      throw new TypeError(
        "session.regenerate(): the session is the application's own, and its middleware has no regenerate(). " +
          'Use koa-session 6 or later, or pass a secretKey to lifecycle(...) so that it has its own session',
      )
    }
    for (const name of endWithKey) Reflect.deleteProperty(outer, name)
    this.#regenerated = true
  }
}

/**
 * A property of the session. A method is called on the session itself: koa-session's have private fields, which a proxy lacks.
 * An error of a callback, of `save(callback)` for instance, would end the process.
 */
function boundTo(outer: OuterKoaSession, key: string | symbol, report: Report): unknown {
  const value = outer[key]
  if (typeof value !== 'function' || key === 'constructor') return value
  const method = (value as (...args: unknown[]) => unknown).bind(outer)
  if (!TAKE_CALLBACK.has(key)) return method
  return (...args: unknown[]) =>
    method(...args.map(each => (typeof each === 'function' ? guardCallback(each as () => unknown, report) : each)))
}

/** koa-session's methods that call back when they have saved the session. */
const TAKE_CALLBACK: ReadonlySet<string | symbol> = new Set(['save', 'commit'])

/** Deletes the values only: koa-session keeps other properties beside them, and its `toJSON` lists the values. */
function clearValues(outer: OuterKoaSession): void {
  for (const key of Object.keys(outer.toJSON?.() ?? outer)) Reflect.deleteProperty(outer, key)
}
