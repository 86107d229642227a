import { checkSessionOptions } from './check-options'
import type { SessionOptions, SessionSettings } from './options'

const DEFAULT_OPTIONS = {
  key: 'koa.sess',
  maxAge: 'session',
  sameSite: 'lax',
  onConflict: 'merge',
  onStoreFailure: 'fail',
  acceptUndated: false,
} as const

/** The options with their defaults. Throws a SetupError for options that are wrong. */
export function sessionSettings(options: SessionOptions): SessionSettings {
  checkSessionOptions(options)
  // An option that is undefined counts as not set and keeps its default.
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
  return { ...DEFAULT_OPTIONS, ...given }
}
