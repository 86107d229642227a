import type { LifecycleOptions } from './options'
import { SetupError } from '../errors/setup-error'

/** 32 hexadecimal digits are 128 bits, below which a key can be guessed. */
const SHORTEST_SECRET = 32

/**
 * What must not be, and what should not, where strangers are the users: `NODE_ENV=production`.
 *
 * @throws SetupError for debug mode, which shows the source of errors to whoever asks
 */
export function checkProduction({ debug, secretKey }: LifecycleOptions, where: string): void {
  if (process.env.NODE_ENV !== 'production') return
  if (debug === true) {
    throw new SetupError(
      'DEBUG_IN_PRODUCTION',
      `${where}: debug is true and NODE_ENV is production: debug mode shows stack traces to every client. Leave debug out, ` +
        "or say debug: process.env.NODE_ENV !== 'production'.",
    )
  }
  // A secret must not end up in a log, nor must its length.
  if ([secretKey ?? []].flat().some(secret => secret.length < SHORTEST_SECRET)) {
    process.emitWarning(
      `${where}: the secretKey has fewer than ${SHORTEST_SECRET} characters. Whoever guesses it can write sessions: take a ` +
        'long and random one, for instance from `openssl rand -hex 32`.',
      { type: 'FlaskoaWarning', code: 'FLASKOA_SHORT_SECRET' },
    )
  }
}
