import type { ServerResponse } from 'node:http'
import { ResponseEnd } from '../connection/response-end'
import type { Context } from '../types'

/**
 * Calls `report` once, with whether the client gets a session's key: when the head is written, before its first byte is sent, or
 * when the response is closed without one. What error pages and outer middleware may do to a response until then can't be
 * known before.
 */
export function whenDelivered(ctx: Context, key: string, report: (delivered: boolean) => void): void {
  const { res } = ctx
  // A key that travels outside of the header fields, or is encoded, can't be seen in them.
  const isVisible = carries(res, key)
  let isReported = false
  const reportOnce = () => {
    if (!isReported) report(res.headersSent && (!isVisible || carries(res, key)))
    isReported = true
  }
  const end = ResponseEnd.of(ctx)
  end.whenHeadIsWritten(reportOnce)
  end.whenOut(reportOnce)
}

const carries = (res: ServerResponse, key: string): boolean =>
  Object.values(res.getHeaders()).some(field => String(field).includes(key))
