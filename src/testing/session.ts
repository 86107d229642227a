import Koa from 'koa'
import inject, { type DispatchFunc } from 'light-my-request'
import type { CookieJar } from 'tough-cookie'
import { lifecycleIn } from '../middleware'
import type { Context, Session, SessionData } from '../types'

/** Opens a client's session with a request of its own that reaches no controller, lets it be changed, and saves it. */
export async function changeSession(
  app: Koa,
  cookies: CookieJar,
  url: string,
  change: ((session: Session) => unknown) | undefined,
): Promise<SessionData> {
  const sessions = lifecycleIn(app)?.sessionOf(app)
  if (sessions === undefined) {
    throw new Error(
      'this application has no session of flaskoa: make it with bootstrap(...) or use lifecycle(...) in it',
    )
  }
  let outcome: { data: SessionData } | { error: unknown } = { data: {} }
  const opener = new Koa()
  opener.use(async ctx => {
    try {
      const opened = await sessions.open(ctx as Context)
      await change?.(opened.data)
      await opened.save(ctx as Context)
      outcome = { data: { ...opened.data } }
    } catch (error) {
      outcome = { error }
    }
    ctx.body = ''
  })
  const cookie = await cookies.getCookieString(url)
  const response = await inject(opener.callback() as unknown as DispatchFunc, { url, headers: { cookie } })
  if ('error' in outcome) throw outcome.error
  for (const each of [response.headers['set-cookie'] ?? []].flat()) await cookies.setCookie(String(each), url)
  return (outcome as { data: SessionData }).data
}
