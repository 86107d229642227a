import type Koa from 'koa'
import type { ViewValues } from '../lifecycle/exchange'
import { REQUEST } from '../lifecycle/request-key'
import type { PlannedRoute } from '../plan/planned-route'
import type { RouteProperties } from '../types'
import { addReplaceableGetter } from '../util/replaceable-getter'

/** What is known of a request once its URL has been matched. */
interface Matched {
  readonly route: PlannedRoute | undefined
  readonly values: ViewValues | undefined
}

interface MatchedRequest {
  readonly ctx: { readonly [REQUEST]?: Matched }
}

const readers: { readonly [Name in keyof RouteProperties]: (matched: Matched) => RouteProperties[Name] } = {
  endpoint: ({ route }) => route?.endpoint,
  blueprint: ({ route }) => route?.blueprints[0],
  blueprints: ({ route }) => route?.blueprints ?? NONE,
  urlRule: ({ route }) => route?.rule,
  viewArgs: ({ values }) => values,
}

const NONE: readonly string[] = Object.freeze([])

/** No lifecycle has matched the URL. */
const UNMATCHED: Matched = { route: undefined, values: undefined }

/** Adds Flask's `request.endpoint` and the like to an application's requests: nothing is written for each request. */
export function addRouteProperties({ request }: Koa): void {
  for (const name of Object.keys(readers) as (keyof RouteProperties)[])
    if (!(name in request))
      addReplaceableGetter(request, name, ({ ctx }: MatchedRequest) => readers[name](ctx[REQUEST] ?? UNMATCHED))
}
