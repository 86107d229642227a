import { ResponseEnd } from '../connection/response-end'
import { inThisScope } from '../util/async-scope'
import type { Awaitable, Context, HttpError, Session } from '../types'
import { lateWrite } from './failures'
import type { OpenSession, Reporter } from './interface'
import type { KoaSessionContext, KoaSessionModel } from './koa-session-adapter'
import type { SessionSettings } from './options'
import type { SessionSource } from './source'
import { trackedSession } from './tracked'
import { varyByCookie } from './vary'
import { contentOf } from './names'
import { serialise, SessionValues, type LoadedSession, type SessionOwner, type SessionState } from './values'

/**
 * The session of one request. Its values are a plain object; saving copies them into koa-session's model.
 * (`private`, not `#`: `#` fields cost more to create, and each request creates a session.)
 */
export class CookieSession implements OpenSession, SessionOwner {
  protected readonly reporter: Reporter
  protected readonly ctx: Context
  /** `loaded`, as soon as the values may differ from it. */
  private snapshot: string | undefined
  /** The same when `session.modified = false` was set: only what has changed since is a change. */
  protected accepted: string | undefined
  /** Whether the values that are being saved differ from `loaded`. */
  protected isChanged = false
  /** koa-session's context, which holds the store's key. Without it, the next write makes a session with a new key. */
  protected currentContext: KoaSessionContext | undefined
  /** What this request has written after its session was saved. Reported once, unless `save()` is called. */
  private lateWrite: string | undefined
  private readonly source: SessionSource
  private isOutdated = false
  protected values: SessionValues | undefined
  private tracked: Session | undefined

  constructor(source: SessionSource, ctx: Context, reporter: Reporter) {
    this.source = source
    this.ctx = ctx
    this.reporter = reporter
  }

  protected get settings(): SessionSettings {
    return this.source.settings
  }

  get context(): KoaSessionContext {
    return (this.currentContext ??= this.createContext(this.source))
  }

  protected createContext(source: SessionSource): KoaSessionContext {
    return source.createContext(this.ctx, this.reporter)
  }

  get data(): Session {
    return (this.tracked ??= trackedSession(this.load()))
  }

  /** Reads the cookie, unless the store was read when the session was opened. */
  protected load(): SessionValues {
    if (this.values !== undefined) return this.values
    const values = new SessionValues(this.read(), this.settings.maxAge, this, this.createWrittenNames())
    return (this.values = values)
  }

  /** The values as JSON when they were loaded or stored, to detect changes inside of them. */
  protected get loaded(): string {
    return (this.snapshot ??= JSON.stringify(this.load()))
  }

  protected set loaded(json: string) {
    this.snapshot = json
  }

  /** Most requests only read texts and numbers, so that nothing needs to be compared. */
  noteExposure(): void {
    this.snapshot ??= JSON.stringify(this.values)
  }

  private read(): LoadedSession {
    const read = this.source.reader?.read(this.ctx)
    if (read !== undefined) {
      this.isOutdated = read.isOutdated
      return read
    }
    const model = this.context.session as KoaSessionModel
    const { isNew, maxAge } = model
    return { isNew, maxAge, content: contentOf(model.toJSON()) }
  }

  /** Makes the set of written names, if this kind of session needs one. */
  protected createWrittenNames(): Set<string> | undefined {
    return undefined
  }

  /** Sets, refreshes or deletes the cookie [13.2], and sets `Vary` for caches [13.4]. */
  save(ctx: Context): Awaitable<HttpError | undefined> {
    return this.values === undefined && !this.#mayRefresh(ctx) ? undefined : this.saveLoaded(ctx)
  }

  /** A write after the last save is lost, unless `save()` follows. It is looked for when the response is out, as `save()` may follow. */
  noteWrite(name: string | symbol): void {
    this.noteExposure()
    const { reporter } = this
    if (reporter.isOver !== true || this.lateWrite !== undefined) return
    const what = (this.lateWrite = `session.${String(name)}`)
    const reportIfLost = inThisScope(() => {
      if (this.lateWrite === what) reporter.report(lateWrite(what))
    })
    ResponseEnd.of(this.ctx).whenOut(() => setImmediate(reportIfLost))
  }

  report(error: Error): void {
    this.reporter.report(error)
  }

  async commit(): Promise<void> {
    this.lateWrite = undefined
    const refusal = await this.saveLoaded(this.ctx)
    if (refusal !== undefined) throw refusal
  }

  get hasChanges(): boolean {
    try {
      return this.#isOther(this.load())
    } catch {
      return true // saving fails, with the reason
    }
  }

  /** Whether values differ from those that count as unchanged. */
  #isOther(values: SessionValues): boolean {
    return this.snapshot !== undefined && serialise(values) !== (this.accepted ?? this.snapshot)
  }

  acceptChanges(): void {
    this.accepted = serialise(this.load())
  }

  get externalKey(): string | undefined {
    return (this.context.session as KoaSessionModel | null)?.externalKey
  }

  /** Returns no promise if there is nothing to save: on Node 20 each awaited one costs 8,000 instructions. */
  protected saveLoaded(ctx: Context): Awaitable<HttpError | undefined> {
    const values = this.load()
    const state = SessionValues.stateOf(values)
    const empty = isEmptySession(values)
    const refreshed = !empty && (this.mustSend(state) || (!ctx.headerSent && this.#isRefreshed(state)))
    if (state.accessed || refreshed) varyByCookie(ctx)
    // Serialised even after a noted write: a value that JSON can't express must fail here instead of being lost [13.8].
    this.isChanged = this.#isOther(values)
    const modified = state.modified || this.isChanged
    if (empty && modified) return done(this.delete())
    if (modified || refreshed) return done(this.write(values))
    if (this.settings.renew === true && state.accessed) return done(this.renew())
    return undefined
  }

  /** Whether the session must be sent even if its values have not changed. */
  protected mustSend(state: SessionState): boolean {
    // Each time, because an error in between takes the cookie out of the response.
    return state.regenerated || state.kept
  }

  /** The cookie of a permanent session is sent with each response, used or not; `rolling` overrides that for all sessions. */
  #isRefreshed({ maxAge }: SessionState): boolean {
    const isSentAgain = this.settings.rolling ?? typeof maxAge === 'number'
    return isSentAgain || this.isOutdated || this.currentContext?.cookies.outdated === true
  }

  #mayRefresh(ctx: Context): boolean {
    const { key, rolling, externalKey } = this.settings
    return rolling !== false && (externalKey !== undefined || (ctx.req.headers.cookie?.includes(`${key}=`) ?? false))
  }

  protected write(values: SessionValues): Promise<void> {
    return this.modelWith(values).save()
  }

  protected async delete(): Promise<void> {
    await this.modelToRemove().manuallyCommit()
    this.context.session = {}
  }

  /** Extends the lifetime when half of it is over; koa-session decides that. */
  protected renew(): Promise<void> {
    return (this.context.session as KoaSessionModel).manuallyCommit()
  }

  /** koa-session's model with these values. */
  protected modelWith(values: SessionValues): KoaSessionModel {
    const { context } = this
    context.session = Object.assign({} as Record<string, unknown>, values)
    // Set before each save: saving makes koa-session forget a lifetime of 'session'.
    Object.assign(context.sessionOptions, { maxAge: values.maxAge, rolling: true })
    return context.session as unknown as KoaSessionModel
  }

  /** koa-session's model of a session to remove. */
  protected modelToRemove(): KoaSessionModel {
    const { context } = this
    context.session = {}
    const model = context.session as unknown as KoaSessionModel
    context.session = null
    return model
  }
}

/** A save that no HTTP error has ended. */
async function done(saving: Promise<void>): Promise<undefined> {
  await saving
}

/** Whether a session has no content. A lifetime that the user has chosen is content, as in Flask. */
export function isEmptySession(values: SessionValues): boolean {
  const { permanentByUser, kept } = SessionValues.stateOf(values)
  return Object.keys(values).length === 0 && !permanentByUser && !kept
}
