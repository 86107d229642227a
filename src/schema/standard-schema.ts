// The parts of Standard Schema 1 and of Standard JSON Schema (https://standardschema.dev) that are needed. As types of
// flaskoa, so that zod, valibot, arktype and others fit without a dependency on any of them.

/** A schema of any library that implements Standard Schema. `In` is what a client sends, `Out` what it becomes. */
export interface Schema<In = unknown, Out = In> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    readonly validate: (value: unknown) => SchemaResult<Out> | Promise<SchemaResult<Out>>
    readonly types?: { readonly input: In; readonly output: Out } | undefined
    readonly jsonSchema?: JsonSchemaConverter | undefined
  }
}

/** A value that fits, or what is wrong with it. */
export type SchemaResult<Out> =
  { readonly value: Out; readonly issues?: undefined } | { readonly issues: readonly SchemaIssue[] }

/** One thing that is wrong with a value. */
export interface SchemaIssue {
  readonly message: string
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
}

/** The converter that zod's and arktype's schemas have. */
interface JsonSchemaConverter {
  readonly input: (options: JsonSchemaOptions) => JsonSchema
  readonly output: (options: JsonSchemaOptions) => JsonSchema
}

interface JsonSchemaOptions {
  readonly target: string
  readonly libraryOptions?: Record<string, unknown>
}

/** A JSON Schema, draft 2020-12. */
export type JsonSchema = Record<string, unknown>

/** What a client sends for a schema. */
export type InputOf<S> = TypesOf<S> extends { readonly input: infer In } ? In : never

/** What a schema makes of it, which the method gets. */
export type OutputOf<S> = TypesOf<S> extends { readonly output: infer Out } ? Out : never

type TypesOf<S> = S extends { readonly '~standard': { readonly types?: infer Types } } ? NonNullable<Types> : never

export function isSchema(value: unknown): value is Schema {
  const isObject = (typeof value === 'object' && value !== null) || typeof value === 'function'
  return isObject && typeof (value as Partial<Schema>)['~standard']?.validate === 'function'
}

/** Where a problem is, as a JSON pointer in a URL fragment (RFC 6901 6): `#/items/0/price`; `#` for the value itself. */
export function pointerOf({ path = [] }: SchemaIssue): string {
  // Not `path.map`: arktype's path is a list of a class of its own, which maps an empty path to one key.
  const keys = Array.from(path, part => String(typeof part === 'object' ? part.key : part))
  return `#${keys.map(key => `/${encodeURIComponent(key.replaceAll('~', '~0').replaceAll('/', '~1'))}`).join('')}`
}
