import type Koa from 'koa'
import type { SecurityRequirement } from '../decorators/route-options'
import type { Plan } from '../plan/plan'
import { requireRuntime, runtimesOf } from '../request/runtime'
import { Components } from './components'
import { defined, type Json } from './json'
import { checkOpenApiOptions, type OpenApiInfo, type OpenApiOptions } from './options'
import { Paths } from './paths'
import { routesOf } from './route'
import { checkSecurity } from './security'

/** An OpenAPI document: a plain object that can be written as JSON. */
export interface OpenApiDocument {
  openapi: '3.1.0'
  info: OpenApiInfo
  servers?: readonly Json[]
  security?: readonly SecurityRequirement[]
  tags?: readonly Json[]
  paths: Record<string, Record<string, Json>>
  components: { schemas?: Record<string, Json>; securitySchemes?: Readonly<Record<string, Json>> }
  externalDocs?: Json
}

/**
 * Makes the OpenAPI 3.1 document of an application: all of its routes, but for those with `doc: false`.
 *
 * @param app what `bootstrap` returns, or a Koa application that uses `lifecycle(...)`
 * @throws SetupError for wrong options, and for a security scheme that is not described; a TypeError for an application without
 *   a lifecycle
 */
export function openapi(app: Koa, options: OpenApiOptions): OpenApiDocument {
  checkOpenApiOptions(options)
  requireRuntime(app, 'openapi()')
  return documentOf(
    runtimesOf(app).map(({ plan }) => plan),
    options,
  )
}

/** The same for the plans of an application. */
export function documentOf(plans: readonly Plan[], options: OpenApiOptions): OpenApiDocument {
  const { info, servers, security, securitySchemes, externalDocs } = options
  const components = new Components(options.schemas ?? {})
  const paths = new Paths(components)
  const routes = plans.flatMap(routesOf)
  checkSecurity(routes, options)
  for (const route of routes) paths.add(route)
  const operations = paths.all()
  const all = Object.values(operations).flatMap(path => Object.values(path))
  const { part, schemas } = components.finish(operations)
  return defined({
    openapi: '3.1.0' as const,
    info,
    servers,
    security,
    tags: tagsOf(all, options.tags),
    paths: part,
    components: defined({ schemas: Object.keys(schemas).length > 0 ? schemas : undefined, securitySchemes }),
    externalDocs,
  }) as OpenApiDocument
}

/** The described tags, then those of the operations. */
function tagsOf(operations: readonly Json[], described: OpenApiOptions['tags'] = []): Json[] | undefined {
  const used = new Set(operations.flatMap(({ tags = [] }) => tags as string[]))
  const others = [...used].filter(name => !described.some(tag => tag.name === name))
  const tags = [...described, ...others.map(name => ({ name }))]
  return tags.length > 0 ? tags : undefined
}
