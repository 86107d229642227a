import type { OutputOf, Schema } from '../schema/standard-schema'

/** The options of `@Command`. */
export interface CommandOptions {
  /** One line for `flaskoa --help`. */
  description?: string
  /**
   * What the command takes from the command line. A schema of an object: its names are options, `--first-name ann`. A list of
   * names: as many arguments, in this order, each of them a text. Default: nothing.
   */
  args?: Schema | readonly string[]
  /** The names of the schema that are arguments in this order, without `--name`. The last may be a list. */
  positionals?: readonly string[]
  /**
   * Whether the `@OnStart` methods run before it, and the `@OnShutdown` methods after it. Default true; false for a command that makes
   * what they need.
   */
  start?: boolean
}

/** What the method of a command gets. */
export type CommandArgs<Options> = Options extends { readonly args: infer Args }
  ? [values: Args extends readonly string[] ? Readonly<Record<Args[number], string>> : OutputOf<Args>]
  : []
