import { CookieSession } from './cookie-session'
import type { Keys } from './cookies'
import { SessionStoreError } from './failures'
import type { OpenSession, Reporter, SessionInterface } from './interface'
import { Models } from './koa-session-model'
import { settingsOf, type ContextStore, type SessionOptions } from './options'
import { Row } from './store-entry'
import { StoredSession } from './stored-session'
import { unreadableSession } from './unreadable-session'
import type { Context } from '../types'

export type { Keys } from './cookies'

/**
 * koa-session behind Flask's rules: opened and saved where Flask does it.
 *
 * @returns what makes sessions signed by `keys`: the first signs, all verify
 * @throws SetupError for options that are wrong
 */
export function koaSession(options: SessionOptions): (keys: Keys | undefined) => SessionInterface {
  const settings = settingsOf(options)
  const models = new Models(settings)
  const makeRow = rowsOf(options)
  return keys => {
    if (makeRow === undefined) {
      return { open: (ctx, reporter) => new CookieSession(() => models.contextOf(ctx, keys, reporter), settings) }
    }
    const openRow = async (ctx: Context, row: Row, reporter: Reporter): Promise<OpenSession> => {
      const session = new StoredSession(() => models.contextOf(ctx, keys, reporter, row), settings, row, reporter)
      try {
        await models.load(session.context)
      } catch (error) {
        if (!(error instanceof SessionStoreError) || settings.onStoreFailure === 'fail') throw error
        reporter.report(error)
        return unreadableSession(settings, error)
      }
      return session.opened()
    }
    return { open: async (ctx, reporter) => openRow(ctx, makeRow(ctx), reporter) }
  }
}

/** What makes each request's row, if there is a store. */
function rowsOf({ store, ContextStore }: SessionOptions): ((ctx: Context) => Row) | undefined {
  // koa-session takes a class for this, and its type anything.
  const EachRequests = ContextStore as ContextStore | undefined
  if (EachRequests !== undefined) return ctx => new Row(new EachRequests(ctx), EachRequests)
  return store && (() => new Row(store))
}
