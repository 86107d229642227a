import type Koa from 'koa'
import type { BlueprintEntry, Class } from '../decorators/types'
import type { ApplicationOptions, SharedOptions } from './shared-options'

/** The options of `bootstrap` that an extension may give. */
export interface ExtensionOptions extends SharedOptions, ApplicationOptions {}

/** What an extension gets from the application that it is set up for. */
export interface ExtensionHost {
  /** The application's folder, an absolute path: the option `root`. Paths of extensions are relative to it. */
  readonly root: string
  /** Whether the option `debug` is on. */
  readonly isDebug: boolean
  /** The option `testing`. */
  readonly isTesting: boolean
  /** The extensions of the application, in their order. */
  readonly extensions: readonly Extension[]
}

/**
 * An object that extends an application: `bootstrap(App, { extensions: [new Database('app.sqlite')] })`. Its class may have
 * decorated methods, as a controller has: hooks, which run for the whole application, views, error handlers, commands. They run
 * on this object, which `bootstrap` does not make.
 *
 * @see docs/extensions.md
 */
export interface Extension {
  /** In error messages, `flaskoa explain` and the lock file, and the key for `extensionOf`. Unique in an application. */
  readonly name: string
  /**
   * Whether its hooks are registered before those of the application, so that its before methods run first and its teardown
   * methods last, or after them. Default `first`.
   */
  readonly order?: 'first' | 'last' | undefined
  /** The blueprint that its methods belong to. Default: the application. */
  readonly blueprint?: Class | undefined
  /** Blueprints that it brings along. */
  readonly blueprints?: readonly BlueprintEntry[] | undefined
  /** Options of `bootstrap`, read after `initApp`. An option that the application gives itself is not changed by them. */
  readonly options?: ExtensionOptions | undefined
  /** Whether it can't work without a session: `bootstrap` then refuses an application without a secret key. Default `false`. */
  readonly needsSession?: boolean | undefined
  /** Names that templates of `flaskoa/templates` have. */
  readonly templateGlobals?: Readonly<Record<string, unknown>> | undefined
  /** Called by `bootstrap` and `lifecycle` before they read the controllers. Throw a `SetupError` for what can't work. */
  initApp?(host: ExtensionHost): void
  /** Called once for each Koa application that the lifecycle runs in, before its first request. */
  attach?(app: Koa): void
}
