import { inspect } from 'node:util'
import type Koa from 'koa'
import type { Extension, ExtensionOptions } from '../plan/extension'
import type { InputOf, OutputOf, Schema } from '../schema/standard-schema'
import { checkConfigOptions, type ConfigOptions } from './options'
import { readValues } from './read-values'
import { Config } from './values'

/** What `config` makes: an extension for `bootstrap`, with the values. */
export class Configuration<Values extends object = object> implements Extension {
  readonly name = 'config'
  /** The values by name, typed by the schema. They never change. */
  readonly values: Readonly<Values>
  readonly #options: ExtensionOptions | undefined

  constructor(values: Readonly<Values>, options: ExtensionOptions | undefined) {
    this.values = values
    this.#options = options
  }

  get options(): ExtensionOptions | undefined {
    return this.#options
  }

  get templateGlobals(): Readonly<Record<string, unknown>> {
    return { config: this.values }
  }

  /** Adds `app.config`, which `currentApp().config` reads. */
  attach(app: Koa): void {
    Object.defineProperty(app, 'config', { value: this.values, configurable: true, writable: true })
  }

  /** Without the options, which may have secrets. */
  toJSON(): object {
    return { name: this.name, values: this.values }
  }

  [inspect.custom](): string {
    return `Configuration ${inspect(this.values)}`
  }
}

/**
 * Reads the configuration from the environment and from `.env` files, and checks it by a schema of any library of Standard
 * Schema. Texts become numbers, booleans and lists as the schema wants them. The result is an extension: `bootstrap(App, {
 * extensions: [settings] })` gives `currentApp().config` and the variable `config` of templates.
 *
 * @example const settings = config(z.object({ PORT: z.number().default(5000), SECRET_KEY: z.string() }))
 * @param schema an object with the variables that are read; it must not be asynchronous
 * @throws SetupError that names every variable that is missing or wrong, without any value
 */
export function config<S extends Schema<unknown, object>>(
  schema: S,
  options: ConfigOptions<Readonly<OutputOf<S>>, InputOf<S>> = {},
): Configuration<OutputOf<S> & object> {
  checkConfigOptions(options)
  const values = Config.of(readValues(schema, options as ConfigOptions) as OutputOf<S> & object)
  return new Configuration(values, options.options?.(values))
}
