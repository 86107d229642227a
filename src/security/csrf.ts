import { decorate } from '../decorators/decorate'
import { BeforeRequest } from '../decorators/decorators'
import { abort } from '../functions/abort'
import { REQUEST } from '../lifecycle/request-key'
import type { Extension } from '../plan/extension'
import { current } from '../request/current'
import type { RequestContext } from '../request/request-context'
import { mediaTypeOf } from '../input/media-type'
import type { Context, Session } from '../types'
import { isRecord } from '../util/is-record'
import { checkCsrfOptions, type CsrfOptions } from './csrf-options'
import { hasSecret, isTokenOf, tokenOf } from './csrf-token'
import { isFromOtherSite } from './request-origin'

/**
 * Protects forms against requests that other sites have a browser send (CSRF). A POST, PUT, PATCH or DELETE, or any other method
 * but GET, HEAD, OPTIONS and TRACE, needs a token of its session: in the form's field `csrf_token`, or in `X-CSRF-Token`. Any
 * other request, and one from a page of another site, is a 400, which `@ErrorHandler(400)` can answer.
 *
 * @example bootstrap(App, { secretKey, extensions: [csrf({ except: ['webhook'] })] })
 * @throws SetupError for wrong options; at `bootstrap`, for an endpoint in `except` that does not exist, and without a secret key
 */
export function csrf(options: CsrfOptions = {}): Extension {
  checkCsrfOptions(options)
  // A class for each call: the routes that its method runs for are an option.
  class Csrf extends CsrfProtection {}
  const { except } = options
  decorate(Csrf, { protect: BeforeRequest(except === undefined ? {} : { except }) })
  return new Csrf(options)
}

/**
 * A token for a form of this request's session: `<input type="hidden" name="csrf_token" value="…">`. Each call returns another one,
 * and all of them are right until the session ends.
 *
 * @throws outside of a request, without a secret key, and in an application without `csrf()`, where no token would be checked
 */
export function csrfToken(): string {
  const { plan, session } = current('csrfToken()')
  if (!plan.extensions.some(each => each instanceof CsrfProtection))
    throw new Error(
      'csrfToken(): the application checks no tokens. Add the extension: bootstrap(App, { extensions: [csrf()] }).',
    )
  return tokenOf(session.data)
}

const SAFE_METHODS: readonly string[] = ['GET', 'HEAD', 'OPTIONS', 'TRACE']
const FORMS: readonly string[] = ['application/x-www-form-urlencoded', 'multipart/form-data']

class CsrfProtection implements Extension {
  readonly name: string
  readonly blueprint: CsrfOptions['blueprint']
  /** Where each token is kept. */
  readonly needsSession = true
  readonly templateGlobals = { csrf_token: csrfToken, csrfToken }
  readonly #field: string
  readonly #header: string
  readonly #trusted: ReadonlySet<string>

  constructor({ blueprint, field = 'csrf_token', header = 'X-CSRF-Token', trustedOrigins = [] }: CsrfOptions) {
    this.name = blueprint === undefined ? 'csrf' : `csrf of ${blueprint.name}`
    this.blueprint = blueprint
    this.#field = field
    this.#header = header
    this.#trusted = new Set(trustedOrigins)
  }

  /** A URL without a rule has no view that could change anything. */
  protect(ctx: Context): Promise<void> | undefined {
    const { route, session } = (ctx as unknown as { readonly [REQUEST]: RequestContext })[REQUEST]
    return route === undefined || SAFE_METHODS.includes(ctx.method) ? undefined : this.#check(ctx, session.data)
  }

  /** @param session not `ctx.session`, which there is not without a secret key */
  async #check(ctx: Context, session: Session): Promise<void> {
    if (isFromOtherSite(ctx, this.#trusted)) abort(400, 'The request comes from a page of another site.')
    // The body of a client without a session is not read.
    if (!hasSecret(session)) abort(400, 'The session has no CSRF token: load the page with the form first.')
    const token = ctx.get(this.#header) || (await this.#formToken(ctx))
    if (token === undefined) abort(400, 'The CSRF token is missing.')
    if (!isTokenOf(session, token)) abort(400, 'The CSRF token is not valid: load the page with the form again.')
  }

  /** The form is kept, so that the view can have it as well. */
  async #formToken(ctx: Context): Promise<string | undefined> {
    const { body } = ctx.request as { readonly body?: unknown }
    // What a body parser of Koa has read can't be read again.
    if (isRecord(body) && Object.keys(body).length > 0) return textOf(body[this.#field])
    return FORMS.includes(mediaTypeOf(ctx)) ? (await ctx.request.form()).get(this.#field) : undefined
  }
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)
