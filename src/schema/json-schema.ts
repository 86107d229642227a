import { SetupError } from '../errors/setup-error'
import { describe } from '../errors/describe'
import { isRecord } from '../util/is-record'
import type { JsonSchema, Schema } from './standard-schema'

/** Of what is sent, or of what the schema makes of it. */
export type Side = 'input' | 'output'

/**
 * The option `toJsonSchema`: makes the JSON Schema of a schema whose library does not, for instance the function of that name
 * of `@valibot/to-json-schema`.
 */
// `any`: each library has a type of its own for its schemas.
export type ToJsonSchema = (
  schema: any, // eslint-disable-line @typescript-eslint/no-explicit-any
  options: { typeMode: Side; target: 'draft-2020-12'; errorMode: 'ignore' },
) => object | undefined

const TARGET = 'draft-2020-12'

/** zod throws for a Date or a bigint inside of a schema, unless it may leave that part open. A Date is sent as a text. */
const ZOD_OPTIONS = {
  unrepresentable: 'any',
  override({ zodSchema, jsonSchema }: { zodSchema: { _zod: { def: { type: string } } }; jsonSchema: JsonSchema }) {
    if (zodSchema._zod.def.type === 'date') Object.assign(jsonSchema, { type: 'string', format: 'date-time' })
  },
}

/** A schema of zod, as its converter shows it. */
interface ZodPart {
  readonly _zod: { readonly def: { readonly type: string; readonly in?: ZodPart } }
}

/** For zod and valibot: a part that takes any value, because a function or a fallback makes something of it, says nothing. */
const OPEN_ZOD_OPTIONS = {
  unrepresentable: 'any',
  override({ zodSchema, jsonSchema }: { zodSchema: ZodPart; jsonSchema: JsonSchema }) {
    const { type, in: first } = zodSchema._zod.def
    const isPreprocessed = type === 'pipe' && first?._zod.def.type === 'transform'
    if (isPreprocessed) for (const keyword of Object.keys(jsonSchema)) delete jsonSchema[keyword]
  },
}
const OPEN_OPTIONS = {
  overrideSchema: ({ valibotSchema, jsonSchema }: { valibotSchema: object; jsonSchema: JsonSchema }) =>
    'fallback' in valibotSchema ? {} : jsonSchema,
}

/** Makes JSON Schemas, each once. */
export class JsonSchemas {
  readonly #convert: ToJsonSchema | undefined
  readonly #known = {
    input: new Map<Schema, JsonSchema | undefined>(),
    output: new Map<Schema, JsonSchema | undefined>(),
  }

  constructor(convert: ToJsonSchema | undefined) {
    this.#convert = convert
  }

  /** `undefined` if neither the library of the schema nor the option can express it. */
  of(schema: Schema, side: Side): JsonSchema | undefined {
    const known = this.#known[side]
    if (!known.has(schema)) known.set(schema, this.#make(schema, side))
    return known.get(schema)
  }

  /** Of what is sent, as `of`. It leaves open what the code of the schema may take besides. */
  openInput(schema: Schema): JsonSchema | undefined {
    return this.#make(schema, 'input', OPEN_ZOD_OPTIONS, OPEN_OPTIONS)
  }

  #make(schema: Schema, side: Side, zodOptions: object = ZOD_OPTIONS, options: object = {}): JsonSchema | undefined {
    const { jsonSchema, vendor } = schema['~standard']
    if (jsonSchema === undefined)
      return checked(this.#convert?.(schema, { typeMode: side, target: TARGET, errorMode: 'ignore', ...options }))
    const libraryOptions = vendor === 'zod' ? (zodOptions as Record<string, unknown>) : {}
    try {
      return jsonSchema[side]({ target: TARGET, libraryOptions })
    } catch {
      return undefined // a schema that JSON Schema can't express
    }
  }
}

function checked(made: object | undefined): JsonSchema | undefined {
  if (made === undefined || isRecord(made)) return made
  throw new SetupError(
    'BAD_OPTION',
    `the option toJsonSchema must return a JSON Schema, an object, not ${describe(made)}.`,
  )
}
