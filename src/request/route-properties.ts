import type Koa from 'koa'
import type { ViewValues } from '../lifecycle/exchange'
import { REQUEST } from '../lifecycle/request-key'
import type { PlannedRoute } from '../plan/planned-route'
import type { RouteProperties } from '../types'

/** What is known of a request once its URL has been matched. */
interface Matched {
  readonly route: PlannedRoute | undefined
  readonly values: ViewValues | undefined
}

type Names = keyof RouteProperties

const readers: { readonly [Name in Names]: (matched: Matched) => RouteProperties[Name] } = {
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
  for (const name of Object.keys(readers) as Names[]) if (!(name in request)) addProperty(request, name)
}

function addProperty(prototype: Koa.BaseRequest, name: Names): void {
  const get = function (this: Koa.Request) {
    return readers[name]((this.ctx as { [REQUEST]?: Matched })[REQUEST] ?? UNMATCHED)
  }
  // Other middleware may have properties of these names.
  const set = function (this: Koa.Request, value: unknown) {
    Object.defineProperty(this, name, { value, writable: true, configurable: true, enumerable: true })
  }
  Object.defineProperty(prototype, name, { get, set, configurable: true })
}
