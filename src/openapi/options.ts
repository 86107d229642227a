import type { SecurityRequirement } from '../decorators/route-options'
import { describe } from '../errors/describe'
import { SetupError } from '../errors/setup-error'
import { isRecord } from '../util/is-record'

/** What a document says of the application, besides its routes. */
export interface OpenApiOptions {
  /** The title and version of the application, and what else OpenAPI has there. */
  info: OpenApiInfo
  /** Where the application is. Default: where the document is. */
  servers?: readonly { url: string; description?: string; [more: string]: unknown }[] | undefined
  /** What routes need of which no before method and no `doc` says otherwise. */
  security?: readonly SecurityRequirement[] | undefined
  /** The schemes of `security` by name: `{ bearer: { type: 'http', scheme: 'bearer' } }`. */
  securitySchemes?: Readonly<Record<string, { type: string; [more: string]: unknown }>> | undefined
  /** Descriptions of tags, in the order that they are shown in. */
  tags?: readonly { name: string; description?: string; [more: string]: unknown }[] | undefined
  /** Names for schemas that have no name of their own: `{ User, NewUser }`, or a whole module of schemas. */
  schemas?: Readonly<Record<string, unknown>> | undefined
  externalDocs?: { url: string; description?: string } | undefined
}

/** OpenAPI's Info Object. */
export interface OpenApiInfo {
  title: string
  version: string
  summary?: string
  description?: string
  [more: string]: unknown
}

type Kind = 'object' | 'list' | 'path' | 'docs' | 'text'

const OPTIONS: Readonly<Record<keyof OpenApiOptions, Kind>> = {
  info: 'object',
  servers: 'list',
  security: 'list',
  securitySchemes: 'object',
  tags: 'list',
  schemas: 'object',
  externalDocs: 'object',
}

const isPath = (value: unknown) => typeof value === 'string' && /^\/[^<>?#]*$/.test(value)

const KINDS: Readonly<Record<Kind, { readonly expected: string; fits: (value: unknown) => boolean }>> = {
  // A namespace of a module, `import * as schemas`, is an object as well.
  object: { expected: 'an object', fits: isRecord },
  list: { expected: 'a list', fits: Array.isArray },
  path: { expected: "a path without variables, like '/openapi.json'", fits: isPath },
  docs: {
    expected: "a path without variables, like '/docs', or false",
    fits: value => value === false || isPath(value),
  },
  text: { expected: 'a text', fits: value => typeof value === 'string' },
}

/** Throws a SetupError for an option of `openapi` that does not exist or is of the wrong type. */
export const checkOpenApiOptions = (options: unknown): void => check(options, OPTIONS, 'openapi')

/** The same for `openapiBlueprint`, which has options of its own. */
export const checkBlueprintOptions = (options: unknown): void =>
  check(options, { ...OPTIONS, name: 'text', prefix: 'text', document: 'path', docs: 'docs' }, 'openapiBlueprint')

function check(options: unknown, kinds: Readonly<Record<string, Kind>>, where: string): void {
  if (!isRecord(options)) throw bad(`${where}: the options must be an object, not ${describe(options)}.`)
  for (const [name, value] of Object.entries(options)) {
    const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined
    if (kind === undefined) throw bad(`${where} has no option '${name}'. It has: ${Object.keys(kinds).join(', ')}.`)
    const { expected, fits } = KINDS[kind]
    if (value !== undefined && !fits(value)) throw bad(`${where}: ${name} must be ${expected}, not ${describe(value)}.`)
  }
  checkSchemes((options.securitySchemes ?? {}) as NonNullable<OpenApiOptions['securitySchemes']>, where)
  const { title, version } = (options.info ?? {}) as Partial<OpenApiInfo>
  if (typeof title !== 'string' || typeof version !== 'string') {
    throw bad(`${where} needs the texts title and version of the application: { info: { title, version } }.`)
  }
}

const SCHEMES = ['apiKey', 'http', 'mutualTLS', 'oauth2', 'openIdConnect']

function checkSchemes(schemes: NonNullable<OpenApiOptions['securitySchemes']>, where: string): void {
  for (const [name, scheme] of Object.entries(schemes)) {
    const { type } = (isRecord(scheme) ? scheme : {}) as { type?: unknown }
    if (SCHEMES.includes(type as string)) continue
    throw bad(
      `${where}: securitySchemes: the type of ${name} must be one of ${SCHEMES.join(', ')}, not ${describe(type)}. A JWT ` +
        "is { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' }.",
    )
  }
}

const bad = (message: string) => new SetupError('BAD_OPTION', message)
