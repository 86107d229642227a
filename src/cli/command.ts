import type { Colours } from './colour'
import type { Io } from './io'
import type { LoadedApp } from './load-app'

/** An option of a command, as `parseArgs` takes it, and what the help says of it. */
export interface CommandOption {
  readonly type: 'string' | 'boolean'
  /** The name of its value in the help, for instance `FILE`. */
  readonly value?: string
  readonly help: string
}

/** What a command gets. */
export interface Call {
  readonly io: Io
  readonly colours: Colours
  /** The values of the options that were given. */
  readonly values: Readonly<Record<string, string | boolean | undefined>>
  /** The arguments behind the name of the command. */
  readonly args: readonly string[]
  /** Loads the application. */
  readonly load: () => Promise<LoadedApp>
}

/** One command of `flaskoa`. */
export interface Command {
  readonly name: string
  /** The arguments behind its name, for instance `METHOD PATH`. */
  readonly args: string
  /** One line for the list of commands. */
  readonly summary: string
  /** What `--help` says besides. */
  readonly help: string
  readonly options: Readonly<Record<string, CommandOption>>
  /** Commands with what they do. */
  readonly examples: readonly (readonly [command: string, does: string])[]
  /** Returns the exit code. */
  run(call: Call): number | Promise<number>
}
