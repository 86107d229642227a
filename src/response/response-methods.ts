import type { CookieOptions, CookieScope } from './cookie-options'

/** What Koa's response has besides. */
export interface ResponseMethods {
  /**
   * Sets a cookie, Flask's `set_cookie`. Of several with one name, domain and path the last counts.
   *
   * @param value any text. Characters that a cookie can't have are percent-encoded, and `%`: the option `cookies` of a route
   *   decodes them, `ctx.cookies.get` does not
   * @returns the response: `return makeResponse(user, 201).setCookie('seen', '1')`
   * @throws TypeError for a name, a value or an option that makes no cookie; for `signed` without keys
   */
  setCookie(name: string, value: string, options?: CookieOptions): this
  /**
   * Has the browser remove a cookie, and its signature. `path` and `domain` must be those that it was set with.
   *
   * @returns the response
   */
  deleteCookie(name: string, options?: CookieScope): this
}
