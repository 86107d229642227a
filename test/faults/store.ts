import type { Context } from 'flaskoa'
import { entryOf } from './entry'
import { act } from './strike'

interface Options {
  readonly ctx: Context
}

/** The cookie that brings a session. Nothing is signed, so that its key is the request's id. */
export const cookieOf = (id: string): string => `koa.sess=${id}`

/** A store in which each request finds a session of its own, and that fails as planned. */
export const store = {
  get: (key: string, _maxAge: unknown, { ctx }: Options): unknown =>
    act(entryOf(ctx), 'store get', 'store get', () => ({ name: key, count: 1 })),
  set: (key: string, session: Record<string, unknown>, _maxAge: unknown, { ctx }: Options): unknown => {
    const entry = entryOf(ctx)
    if (key !== entry.id || session.name !== entry.id) entry.wrongs.push(`the session of ${key} is written`)
    return act(entry, 'store set', 'store set', () => undefined)
  },
  destroy: () => undefined,
}
