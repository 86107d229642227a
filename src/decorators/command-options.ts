/** The options of `@Command`. */
export interface CommandOptions {
  /** One line for `flaskoa --help`. */
  description?: string
}
