import { CookieReader } from './cookie-reader'
import { CookieSession } from './cookie-session'
import { cookieSigner, type Keys } from './cookie-signer'
import { SessionStoreError } from './failures'
import type { OpenSession, Reporter, SessionInterface } from './interface'
import { KoaSessionAdapter } from './koa-session-adapter'
import type { ContextStore, SessionOptions } from './options'
import { sessionSettings } from './settings'
import type { SessionSource } from './source'
import { StoreEntry } from './store-entry'
import { StoredSession } from './stored-session'
import { unreadableSession } from './unreadable-session'
import type { Context } from '../types'

export type { Keys } from './cookie-signer'

/**
 * koa-session behind Flask's rules: sessions are opened and saved where Flask does it.
 *
 * @returns a function that makes sessions signed by `keys`: the first key signs, all keys verify
 * @throws SetupError for options that are wrong
 */
export function koaSession(options: SessionOptions): (keys: Keys | undefined) => SessionInterface {
  const settings = sessionSettings(options)
  const adapter = new KoaSessionAdapter(settings)
  const createEntry = entryFactory(options)
  return keys => {
    const signer = keys && cookieSigner(keys)
    const source: SessionSource = {
      settings,
      reader: CookieReader.canRead(settings) ? new CookieReader(settings, signer) : undefined,
      createContext: (ctx, reporter, entry) => adapter.contextOf(ctx, signer, reporter, entry),
    }
    if (createEntry === undefined) return { open: (ctx, reporter) => new CookieSession(source, ctx, reporter) }
    const openEntry = async (ctx: Context, entry: StoreEntry, reporter: Reporter): Promise<OpenSession> => {
      const session = new StoredSession(source, ctx, reporter, entry)
      try {
        await adapter.load(session.context)
      } catch (error) {
        if (!(error instanceof SessionStoreError) || settings.onStoreFailure === 'fail') throw error
        reporter.report(error)
        return unreadableSession(settings, error, reporter)
      }
      return session.opened()
    }
    return { open: async (ctx, reporter) => openEntry(ctx, createEntry(ctx), reporter) }
  }
}

/** Returns a function that makes the store entry of a request; `undefined` without a store. */
function entryFactory({ store, ContextStore }: SessionOptions): ((ctx: Context) => StoreEntry) | undefined {
  // koa-session takes a class here, though its type allows anything.
  const StoreOfRequest = ContextStore as ContextStore | undefined
  if (StoreOfRequest !== undefined) return ctx => new StoreEntry(new StoreOfRequest(ctx), StoreOfRequest)
  return store && (() => new StoreEntry(store))
}
