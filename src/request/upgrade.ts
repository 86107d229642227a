import type { Readable } from 'node:stream'
import type { Context } from '../types'

/** How a connection has ended that was taken over from HTTP. */
export interface UpgradeEnding {
  /** The error for teardown methods. */
  readonly error: Error | undefined
  /** Whether it broke off, without a closing handshake. */
  readonly aborted: boolean
  readonly closeCode: number
}

/**
 * The body of a 101. Where Koa sends a body, the connection is handed over: behind all middleware. It closes when the connection
 * has ended, or when it is not sent.
 */
export interface UpgradeBody extends Readable {
  /** `undefined` as long as it has not ended, and if the connection was never handed over. */
  readonly ending: UpgradeEnding | undefined
}

/**
 * Leaves the end of a request to its web socket, if it has one that is sent. What is known of the end of a response is of no use
 * here: a connection that has closed may have ended well.
 *
 * @param end is called when the connection has ended, with the error for teardown methods
 */
export function endWithUpgrade(
  { upgrade, ctx }: { readonly upgrade?: UpgradeBody; readonly ctx: Context },
  end: (error: Error | undefined) => void,
): boolean {
  if (upgrade === undefined || ctx.body !== upgrade) return false
  upgrade.once('close', () => {
    end(upgrade.ending?.error)
  })
  return true
}

/** The extension of web sockets, for the test client: by this symbol, because most applications load neither. */
export const WEB_SOCKETS = Symbol('flaskoa:web sockets')
