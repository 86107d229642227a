import type Koa from 'koa'
import { runtimeOf } from '../request/runtime'
import { outerSession } from '../session/outer-session'
import type { Session, SessionData } from '../types'
import type { ClientCookies } from './cookie-jar'
import { sendRequest } from './send-request'
import { insideOf } from './request-context'

/** Opens a client's session in a request that reaches no controller, calls `change` with it, and saves it. */
export async function changeSession(
  app: Koa,
  cookies: ClientCookies,
  url: URL,
  change: ((session: Session) => unknown) | undefined,
): Promise<SessionData> {
  const runtime = runtimeOf(app)
  if (runtime === undefined) {
    throw new Error(
      'this application has no session of flaskoa: make it with bootstrap(...), or let it use lifecycle(...)',
    )
  }
  const sessions = runtime.bindings.of(app).sessions
  let outcome = {
    error: new Error("the application's own middleware did not reach the session: it threw, or did not call next()"),
  } as { data: SessionData } | { error: unknown }
  // koa-session's own middleware opens and saves the session of an application that has one.
  const around = sessions === outerSession ? app.middleware.slice(0, app.middleware.indexOf(runtime.middleware)) : []
  const callback = insideOf(
    app,
    async ctx => {
      try {
        const failures: Error[] = []
        const opened = await sessions.open(ctx, { report: error => failures.push(error) })
        await change?.(opened.data)
        const refusal = await opened.save(ctx)
        if (refusal !== undefined) throw refusal
        // Thrown even if the option onStoreFailure hides it: a test must see that its store has failed.
        if (failures.length > 0) throw failures[0] as Error
        outcome = { data: JSON.parse(JSON.stringify(opened.data)) as SessionData }
      } catch (error) {
        outcome = { error }
      }
    },
    around,
  )
  const headers = { cookie: cookies.headerFor(url) }
  const response = await sendRequest((req, res) => void callback(req, res), { url, headers })
  if ('error' in outcome) throw outcome.error
  for (const each of [response.headers['set-cookie'] ?? []].flat()) {
    // Without this error, a test could not see why the next request lacks the session that it wrote.
    if (!cookies.receive(each, url)) throw new Error(`the client refuses the session's cookie, as browsers do: ${each}`)
  }
  return outcome.data
}
