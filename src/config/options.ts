import type { ExtensionOptions } from '../plan/extension'
import { checkKinds, type OptionKinds } from '../plan/option-kinds'
import type { ToJsonSchema } from '../schema/json-schema'

/** The options of `config`. `Values` is what the schema makes, `Given` what it takes. */
export interface ConfigOptions<Values = object, Given = object> {
  /**
   * Values that come before those of the environment and the files, by the names of the schema: for tests. They are texts, or what
   * the schema wants, and are checked as all others.
   */
  override?: Readonly<Partial<Given>> | undefined
  /** Options of `bootstrap`, made of the values: `values => ({ secretKey: values.SECRET_KEY })`. Not `debug`, `testing` and `root`. */
  options?: ((values: Values) => ExtensionOptions) | undefined
  /** How the names of variables begin that the schema has without it: `'SHOP_'` for `SHOP_PORT`. Default: none. */
  prefix?: string | undefined
  /**
   * The files to read, the most important first; each must be there. Default: those of `.env.NODE_ENV.local`, `.env.local`,
   * `.env.NODE_ENV` and `.env` that are there. `[]` reads none.
   */
  files?: readonly string[] | undefined
  /** The folder of the files. Default: the working folder of the process. */
  folder?: string | undefined
  /** The environment. Default: `process.env`. */
  env?: Readonly<Record<string, string | undefined>> | undefined
  /**
   * Makes the JSON Schema of a schema whose library does not, for instance `toJsonSchema` of `@valibot/to-json-schema`. It
   * decides which texts become numbers, booleans and lists.
   */
  toJsonSchema?: ToJsonSchema | undefined
}

const OPTIONS: OptionKinds<ConfigOptions> = {
  override: 'object',
  options: 'function',
  prefix: 'text',
  files: 'texts',
  folder: 'text',
  env: 'object',
  toJsonSchema: 'function',
}

/** Throws a SetupError for an option that does not exist or is of the wrong type. */
export const checkConfigOptions = (options: object) => checkKinds(options, OPTIONS, 'config')
