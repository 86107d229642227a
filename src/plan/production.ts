import { isDebug, type LifecycleOptions } from './options'
import { SetupError } from '../errors/setup-error'

/** 32 hexadecimal digits are 128 bits. A key with fewer bits can be guessed. */
const SHORTEST_SECRET = 32

/**
 * Checks the options for `NODE_ENV=production`. Warns about a short secretKey.
 *
 * @throws SetupError for debug mode, which shows the source of errors to every client
 */
export function checkProduction(options: LifecycleOptions, where: string): void {
  if (process.env.NODE_ENV !== 'production') return
  if (isDebug(options)) {
    throw new SetupError(
      'DEBUG_IN_PRODUCTION',
      `${where}: debug is true and NODE_ENV is production: debug mode shows stack traces to every client. Leave ` +
        "debug out, or write debug: process.env.NODE_ENV !== 'production'.",
    )
  }
  // A secret must not end up in a log, nor must its length.
  if ([options.secretKey ?? []].flat().some(secret => secret.length < SHORTEST_SECRET)) {
    process.emitWarning(
      `${where}: the secretKey has fewer than ${SHORTEST_SECRET} characters. A client that guesses it can write ` +
        'sessions: use a long and random key, for instance from `openssl rand -hex 32`.',
      { type: 'FlaskoaWarning', code: 'FLASKOA_SHORT_SECRET' },
    )
  }
}
