import type { BlueprintEntry } from '../decorators/types'
import type { LifecycleSettings } from '../lifecycle/exchange'
import type { Extension } from './extension'
import type { ApplicationOptions, SharedOptions } from './shared-options'

/** The options of `lifecycle`, which `bootstrap` takes as well. */
export interface LifecycleOptions extends SharedOptions {
  /** Classes with `@Blueprint`, or `{ blueprint, prefix, name, defaults }` to override what `@Blueprint` says. */
  blueprints?: readonly BlueprintEntry[] | undefined
  /**
   * What extends the application: `templates('views')` of `flaskoa/templates`, `staticFiles('static')` of `flaskoa/static`, or
   * one of your own. Their order is that of their hooks.
   */
  extensions?: readonly Extension[] | undefined
  /**
   * The application's folder, an absolute path: paths of extensions are relative to it. Default: the folder of the entry module,
   * the file that Node was started with; under a test runner the folder of the file that calls `bootstrap`.
   */
  root?: string | undefined
  /**
   * Debug mode: error pages show the error, and the teardown of a failed request waits for the next. An object is `true` with
   * options of the page. Default false.
   */
  debug?: boolean | DebugOptions | undefined
  /** Test mode: unhandled errors leave the lifecycle, so that a test client's request rejects. Default false. */
  testing?: boolean | undefined
}

/** The options, with what the application's folder is. */
export type RootedOptions = LifecycleOptions & { readonly root: string }

/** The options of `bootstrap`. */
export interface BootstrapOptions extends LifecycleOptions, ApplicationOptions {}

/** What the option `debug` may say of the error page. */
export interface DebugOptions {
  /**
   * The keys of `g` and of the session whose values are on the page: the others are there with their type alone. What has the
   * name of a secret, such as `password` or `token`, is never shown.
   */
  readonly show?: readonly string[] | undefined
}

export const isDebug = ({ debug = false }: LifecycleOptions): boolean => debug !== false

/** The settings of the lifecycle from the options, with their defaults. */
export function lifecycleSettings(options: LifecycleOptions): LifecycleSettings {
  const { testing = false } = options
  return Object.freeze({
    propagateExceptions: options.propagateExceptions ?? (testing || isDebug(options)),
    trapHttpExceptions: options.trapHttpExceptions ?? false,
    afterRequestOnUnhandledError: options.afterRequestOnUnhandledError ?? false,
  })
}
