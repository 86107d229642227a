import type Koa from 'koa'
import { readable, toError } from '../errors/describe'
import type { NearRoute } from '../inspect/near-routes'
import type { RequestContext } from '../request/request-context'
import { requestOf } from '../request/request-of'
import { shownLifecycle, type ShownLifecycle } from './lifecycle-rows'
import { shownError, type ShownError } from './shown-error'
import type { Sources } from './sources'
import { shownFields, shownValues, withoutSecretsInUrl, type ShownValue } from './values'

/** What debug mode shows of a request. Nothing of its body, which may not have been read. */
export interface ShownRequest {
  readonly method: string
  readonly url: string
  readonly httpVersion: string
  readonly fields: readonly ShownValue[]
}

/** All that the page of an error shows, whatever its format. */
export interface PageFacts {
  readonly status: number
  readonly error: ShownError
  /** Of an HTTP error for a URL that no rule matches. */
  readonly nearest?: readonly NearRoute[]
  readonly lifecycle: ShownLifecycle | undefined
  readonly request: ShownRequest
  /** `undefined` where there is none. */
  readonly session: readonly ShownValue[] | undefined
  readonly g: readonly ShownValue[] | undefined
}

/** @param show the keys of `g` and of the session whose values are shown */
export function factsOf(ctx: Koa.Context, error: unknown, sources: Sources, show: readonly string[]): PageFacts {
  const request = requestOf(ctx)
  return {
    status: ctx.status,
    error: shownError(error, sources),
    lifecycle: shownLifecycle(ctx, request),
    request: shownRequest(ctx),
    session: request && sessionValues(request, show),
    g: request && shownValues(request.g, show),
  }
}

function shownRequest({ method, req: { url, httpVersion, headers } }: Koa.Context): ShownRequest {
  return { method, url: withoutSecretsInUrl(url as string), httpVersion, fields: shownFields(headers) }
}

/** A session may have failed to open, and reading it may fail. */
function sessionValues({ sharedSession }: RequestContext, show: readonly string[]): ShownValue[] | undefined {
  try {
    return shownValues(sharedSession.data, show)
  } catch (thrown) {
    const { message } = toError(readable(thrown))
    return [{ key: 'could not be read', kind: message }]
  }
}
