import type { Context } from '@opentelemetry/api'
import type Koa from 'koa'
import { RPC_METADATA, type RpcMetadata } from '../request/http-route'

/** Set where nothing is to be traced, for instance for URLs that the instrumentation of `http` ignores. */
const SUPPRESS_TRACING = Symbol.for('OpenTelemetry SDK Context Key SUPPRESS_TRACING')

/** The request that each instrumentation's span was made for: code of a request may call another application in this process. */
const owners = new WeakMap<RpcMetadata, object>()

/** Whether the instrumentation of `http` has made a span for this request. It measures the duration, too. */
export function isInstrumented(active: Context, { req }: Koa.Context): boolean {
  const metadata = active.getValue(RPC_METADATA) as RpcMetadata | undefined
  if (metadata?.type !== 'http') return false
  const owner = owners.get(metadata) ?? req
  owners.set(metadata, owner)
  return owner === req
}

/** The context without a span that the instrumentation has made for another request. */
export const withoutInstrumented = (active: Context): Context => active.deleteValue(RPC_METADATA)

export const isSuppressed = (active: Context): boolean => active.getValue(SUPPRESS_TRACING) === true
