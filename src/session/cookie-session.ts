import type { Awaitable, Context, HttpError, Session } from '../types'
import type { OpenSession } from './interface'
import type { Model, ModelContext } from './koa-session-model'
import type { Settings } from './options'
import { tracked } from './tracked'
import { serialise, SessionValues, type State } from './values'
import { type Lifetime } from './lifetime'

/** One request's session. Its values are a plain object; koa-session's model is made from it when it is saved. */
export class CookieSession implements OpenSession {
  protected readonly settings: Settings
  /** The values as they came, to see changes inside of them. */
  protected loaded = ''
  /** Whether the values that are being saved are others than those. */
  protected isChanged = false
  /** koa-session's context, which has the store's key. Without it the session gets a new one when it is written. */
  protected model: ModelContext | undefined
  readonly #createContext: () => ModelContext
  #values: SessionValues | undefined
  #data: Session | undefined

  constructor(createContext: () => ModelContext, settings: Settings) {
    this.#createContext = createContext
    this.settings = settings
  }

  get context(): ModelContext {
    return (this.model ??= this.#createContext())
  }

  get data(): Session {
    return (this.#data ??= tracked(this.load()))
  }

  /** Reads the cookie, unless the store was read when the session was opened. */
  protected load(): SessionValues {
    if (this.#values !== undefined) return this.#values
    const values = new SessionValues(this.context.session as Model, this.settings.maxAge, this.noteNames())
    this.loaded = JSON.stringify(values)
    return (this.#values = values)
  }

  /** Where to note what is written, by name. */
  protected noteNames(): Set<string> | undefined {
    return undefined
  }

  /** Sets, refreshes or deletes the cookie (docs/rules.md 13.2), and tells caches of it (13.4). */
  save(ctx: Context): Awaitable<HttpError | undefined> {
    return this.#values === undefined && !this.#mayRefresh(ctx) ? undefined : this.saveLoaded(ctx)
  }

  protected async saveLoaded(ctx: Context): Promise<HttpError | undefined> {
    const values = this.load()
    const state = SessionValues.stateOf(values)
    const empty = isEmpty(values)
    const refreshed = !empty && (this.isDue(state) || (!ctx.headerSent && this.#isRefreshed(state)))
    if (state.accessed || refreshed) ctx.vary('Cookie')
    // Serialised even when a write was noted: what JSON can't express must fail here and not get lost (docs/rules.md 13.8).
    this.isChanged = serialise(values) !== this.loaded
    const modified = state.modified || this.isChanged
    if (empty && modified) await this.delete()
    else if (modified || refreshed) await this.write(values)
    else if (this.settings.renew === true && state.accessed) await this.renew()
    return undefined
  }

  /** Whether it must be sent though nothing has changed. */
  protected isDue(state: State): boolean {
    return state.regenerated
  }

  /** A permanent session's cookie is sent anew with each response, touched or not; `rolling` decides for all or none. */
  #isRefreshed(state: { maxAge: Lifetime }): boolean {
    return (this.settings.rolling ?? typeof state.maxAge === 'number') || this.context.cookies.outdated
  }

  #mayRefresh(ctx: Context): boolean {
    const { key, rolling, externalKey } = this.settings
    return rolling !== false && (externalKey !== undefined || (ctx.req.headers.cookie?.includes(`${key}=`) ?? false))
  }

  protected write(values: SessionValues): Promise<void> {
    return this.put(values).save()
  }

  protected async delete(): Promise<void> {
    await this.takeAway().manuallyCommit()
    this.context.session = {}
  }

  /** Makes it last when half of its time is over; koa-session knows. */
  protected renew(): Promise<void> {
    return (this.context.session as Model).manuallyCommit()
  }

  /** koa-session's model with these values. */
  protected put(values: SessionValues): Model {
    const { context } = this
    context.session = Object.assign({} as Record<string, unknown>, values)
    // Said again each time: saving makes koa-session forget that a lifetime was 'session'.
    Object.assign(context.sessionOptions, { maxAge: values.maxAge, rolling: true })
    return context.session as unknown as Model
  }

  /** koa-session's model of a session that is to be removed. */
  protected takeAway(): Model {
    const { context } = this
    context.session = {}
    const model = context.session as unknown as Model
    context.session = null
    return model
  }
}

/** A lifetime that the user has chosen is a part of the content, as in Flask. */
export const isEmpty = (values: SessionValues): boolean =>
  Object.keys(values).length === 0 && !SessionValues.stateOf(values).permanentByUser
