import { Route, type BootstrapOptions } from 'flaskoa'
import type { TestClient, TestResponse } from 'flaskoa/testing'
import { clientOf } from './client'

/** A client of an application that has one view for each action: `/write` does `write` and answers with its value. */
export function sessionClient(
  actions: Readonly<Record<string, () => unknown>>,
  options: BootstrapOptions = {},
): TestClient {
  class App {
    @Route('/<action>')
    async act({ action }: { action: string }) {
      return [await actions[action]?.()]
    }
  }
  return clientOf(App, options)
}

/** The session cookie that a response sets: its content and its attributes; `undefined` when it sets none. */
export function sessionCookie(response: TestResponse, name = 'koa.sess') {
  const found = setCookies(response).find(cookie => cookie.startsWith(`${name}=`))
  if (found === undefined) return undefined
  const [pair, ...attributes] = found.split('; ')
  return { value: (pair as string).slice(name.length + 1), attributes }
}

/** What a session cookie holds. */
export function contentOf(cookie: ReturnType<typeof sessionCookie>): unknown {
  return JSON.parse(Buffer.from(cookie?.value ?? '', 'base64').toString())
}

export const setCookies = (response: TestResponse): string[] => [response.headers['set-cookie'] ?? []].flat()
