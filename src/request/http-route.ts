/** What flaskoa reads of the global object in which all copies of `@opentelemetry/api` 1.x find one another. */
interface OpenTelemetry {
  readonly context?: { active(): { getValue(key: symbol): unknown } }
  readonly trace?: unknown
  readonly metrics?: unknown
}

/** Where OpenTelemetry's instrumentation of `http` keeps what it knows of the request, and looks for the route at its end. */
export interface RpcMetadata {
  readonly type: string
  route?: string
}

const API = Symbol.for('opentelemetry.js.api.1')
export const RPC_METADATA = Symbol.for('OpenTelemetry SDK Context Key RPC_METADATA')

/** Returns what tells OpenTelemetry the rule of the current request, `undefined` in a process without OpenTelemetry. */
export function httpRouteSetter(): ((route: string) => void) | undefined {
  return contexts() === undefined ? undefined : setHttpRoute
}

/** What the SDK has registered; `undefined` in a process without one. */
export const openTelemetry = (): OpenTelemetry | undefined => (globalThis as { [API]?: OpenTelemetry })[API]

const contexts = () => openTelemetry()?.context

/** The HTTP span gets the attribute `http.route` and its name from it. */
function setHttpRoute(route: string): void {
  const metadata = contexts()?.active().getValue(RPC_METADATA) as RpcMetadata | undefined
  if (metadata?.type === 'http') metadata.route = route
}
