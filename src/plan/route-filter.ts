import type { HookOptions } from '../decorators/route-options'
import { didYouMean } from '../errors/did-you-mean'
import { SetupError } from '../errors/setup-error'

/** Decides at bootstrap for which routes a hook with the options `only` and `except` runs. */
export class RouteFilter {
  readonly #only: ReadonlySet<string> | undefined
  readonly #except: ReadonlySet<string>
  readonly #where: string
  /** The endpoints of all routes that it was asked for. */
  readonly #known = new Set<string>()

  /** @param where for errors: `App.login: @BeforeRequest` */
  constructor({ only, except = [] }: HookOptions, where: string) {
    this.#only = only && new Set(only)
    this.#except = new Set(except)
    this.#where = where
  }

  /** @param endpoint without the name of the hook's own blueprint; `undefined` for a URL that matches no rule */
  allows(endpoint: string | undefined): boolean {
    if (endpoint === undefined) return this.#only === undefined
    this.#known.add(endpoint)
    return this.#only?.has(endpoint) !== false && !this.#except.has(endpoint)
  }

  /**
   * Throws a SetupError for a name that no route has, and for a hook that runs for no route.
   *
   * @param isApart whether a route of this endpoint has a pipeline of its own
   */
  assertKnown(isApart: (endpoint: string) => boolean): void {
    const only = [...(this.#only ?? [])]
    if (only.length > 0 && only.every(name => this.#except.has(name)))
      throw new SetupError('BAD_OPTION', `${this.#where}: it runs for no route, since except has each name of only.`)
    for (const name of [...only, ...this.#except]) {
      if (this.#known.has(name)) continue
      if (isApart(name))
        throw new SetupError(
          'BAD_ENDPOINT',
          `${this.#where}: '${name}' has a pipeline of its own, so this method does not run for it: leave the name out.`,
        )
      const known = [...this.#known].sort()
      throw new SetupError(
        'BAD_ENDPOINT',
        `${this.#where}: there is no endpoint '${name}' here.${didYouMean(name, known)} It has: ${known.join(', ')}.`,
      )
    }
  }
}
