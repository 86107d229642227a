import type { ServerResponse } from 'node:http'
import { ResponseEnd } from '../connection/response-end'
import type { Context } from '../types'

/**
 * Calls `report` once, with whether the client gets a session's key: when the head is written, before its first byte is sent,
 * or when the response is closed without a head. Not earlier, because error pages and outer middleware may still change the
 * header fields.
 */
export function whenDelivered(ctx: Context, key: string, report: (delivered: boolean) => void): void {
  const { res } = ctx
  // A key that is sent outside of the header fields, or encoded, can't be found in them.
  const isVisible = headerContains(res, key)
  let isReported = false
  const reportOnce = () => {
    if (!isReported) report(res.headersSent && (!isVisible || headerContains(res, key)))
    isReported = true
  }
  const end = ResponseEnd.of(ctx)
  end.whenHeadIsWritten(reportOnce)
  end.whenOut(reportOnce)
}

const headerContains = (res: ServerResponse, key: string): boolean =>
  Object.values(res.getHeaders()).some(field => String(field).includes(key))
