import type Koa from 'koa'
import type { BlueprintEntry, Class } from './decorator-types'
import { describe } from './errors'
import type { Settings } from './lifecycle'
import type { ConverterDefinition } from './routing/converters'
import type { SessionOptions } from './session'
import { SetupError } from './setup-error'

/** What `lifecycle` and `bootstrap` take. */
export interface LifecycleOptions {
  /** Signs the session's cookie. Of several the first signs and all verify, so that a key can be replaced. */
  secretKey?: string | readonly string[]
  /** koa-session's options, with Flask's defaults: a browser session, HttpOnly, SameSite=Lax. */
  session?: SessionOptions
  /** Classes with `@Blueprint`; `{ blueprint, prefix, name }` to register one otherwise than it says. */
  blueprints?: readonly BlueprintEntry[]
  /** Makes a controller's instance, for a DI container. Default: `new Controller()`. */
  resolve?: (controller: Class) => object
  /** Converters of your own by name, for rules like `/<hex:id>`. */
  converters?: Readonly<Record<string, ConverterDefinition>>
  /** Errors are shown and not handled, and a failed request's teardown waits for the next. Default false. */
  debug?: boolean
  /** Errors reach whoever made the request, for instance a test. Default false. */
  testing?: boolean
  /** Unhandled errors leave the lifecycle. Default: `testing || debug`. @see FLASK.md 10.1 */
  propagateExceptions?: boolean
  /** HTTP errors are errors like any other. Default false. @see FLASK.md 10.2 */
  trapHttpExceptions?: boolean
  /** Teardown of a failed request waits for the next one. Default: `debug`. @see FLASK.md 7.7 */
  preserveContextOnException?: boolean
  /** After methods also run on the 500 that nobody handles, as since Flask 1.1. Default false. @see FLASK.md 6.4 */
  afterRequestOnUnhandledError?: boolean
}

/** What `bootstrap` takes besides. */
export interface BootstrapOptions extends LifecycleOptions {
  /** Koa middleware outside of the lifecycle, outermost first. */
  middleware?: readonly Koa.Middleware[]
  /** Where unhandled errors are written; `false` for nowhere. Default: the console. */
  logger?: Pick<Console, 'error'> | false
  /** Koa's own options. */
  koa?: ConstructorParameters<typeof Koa<Koa.DefaultState, Koa.DefaultContext>>[0]
}

type Kind = 'boolean' | 'function' | 'object' | 'list' | 'secret' | 'logger'

const LIFECYCLE: Readonly<Record<keyof LifecycleOptions, Kind>> = {
  secretKey: 'secret',
  session: 'object',
  blueprints: 'list',
  resolve: 'function',
  converters: 'object',
  debug: 'boolean',
  testing: 'boolean',
  propagateExceptions: 'boolean',
  trapHttpExceptions: 'boolean',
  preserveContextOnException: 'boolean',
  afterRequestOnUnhandledError: 'boolean',
}
const BOOTSTRAP: Readonly<Record<keyof BootstrapOptions, Kind>> = {
  ...LIFECYCLE,
  middleware: 'list',
  logger: 'logger',
  koa: 'object',
}

const isText = (value: unknown) => typeof value === 'string' && value !== ''
const isObject = (value: unknown) => typeof value === 'object' && value !== null

const KINDS: Readonly<Record<Kind, { readonly wanted: string; fits(value: unknown): boolean }>> = {
  boolean: { wanted: 'true or false', fits: value => typeof value === 'boolean' },
  function: { wanted: 'a function', fits: value => typeof value === 'function' },
  object: { wanted: 'an object', fits: isObject },
  list: { wanted: 'a list', fits: Array.isArray },
  logger: { wanted: 'an object with the method error, or false', fits: value => value === false || isObject(value) },
  secret: {
    wanted: 'a text that is not empty, or a list of them',
    fits: value => (Array.isArray(value) ? value.length > 0 && value.every(isText) : isText(value)),
  },
}

/** Throws a SetupError for an option that does not exist or is of the wrong type. */
export function checkOptions(options: object, where: 'bootstrap' | 'lifecycle'): void {
  const kinds: Readonly<Record<string, Kind>> = where === 'bootstrap' ? BOOTSTRAP : LIFECYCLE
  for (const [name, value] of Object.entries(options)) {
    const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined
    if (kind === undefined) {
      throw new SetupError('BAD_OPTION', `${where} has no option '${name}'. It has: ${Object.keys(kinds).join(', ')}.`)
    }
    if (value === undefined || KINDS[kind].fits(value)) continue
    // A secret must not end up in a log.
    const given = kind === 'secret' ? 'what was given' : describe(value)
    throw new SetupError('BAD_OPTION', `${where}: the option ${name} wants ${KINDS[kind].wanted}, not ${given}.`)
  }
}

export function settingsOf(options: LifecycleOptions): Settings {
  const { debug = false, testing = false } = options
  return Object.freeze({
    propagateExceptions: options.propagateExceptions ?? (testing || debug),
    trapHttpExceptions: options.trapHttpExceptions ?? false,
    afterRequestOnUnhandledError: options.afterRequestOnUnhandledError ?? false,
  })
}
