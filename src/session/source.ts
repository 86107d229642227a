import type { Context } from '../types'
import type { CookieReader } from './cookie-reader'
import type { Reporter } from './interface'
import type { KoaSessionContext } from './koa-session-adapter'
import type { SessionSettings } from './options'
import type { StoreEntry } from './store-entry'

/** What the sessions of all requests have in common. */
export interface SessionSource {
  readonly settings: SessionSettings
  /** What reads cookies, unless koa-session must do it. */
  readonly reader: CookieReader | undefined
  createContext(ctx: Context, reporter: Reporter, entry?: StoreEntry): KoaSessionContext
}
