import type { SecurityRequirement } from '../decorators/route-options'
import { SetupError } from '../errors/setup-error'
import { docOf } from './doc'
import type { OpenApiOptions } from './options'
import type { DocumentedRoute } from './route'

/** What a route needs: its own option `doc.security`, else what all of its before methods need together, if they need any. */
export function securityOf(route: DocumentedRoute): readonly SecurityRequirement[] | undefined {
  const own = docOf(route).security
  if (own !== undefined) return own
  const needed = new Map<string, Set<string>>()
  for (const [scheme, scopes] of route.target.guards.flatMap(({ options }) => Object.entries(options.security ?? {}))) {
    needed.set(scheme, new Set([...(needed.get(scheme) ?? []), ...scopes]))
  }
  if (needed.size === 0) return undefined
  return [Object.fromEntries([...needed].map(([scheme, scopes]) => [scheme, [...scopes]]))]
}

/** @throws SetupError for a security scheme that is needed, but not described */
export function checkSecurity(
  routes: readonly DocumentedRoute[],
  { security, securitySchemes = {} }: OpenApiOptions,
): void {
  checkSchemes('the option security', security, securitySchemes)
  for (const route of routes) {
    if (route.declared.doc === false) continue
    checkSchemes(docOf(route).operationId ?? route.target.endpoint, securityOf(route), securitySchemes)
  }
}

function checkSchemes(place: string, security: readonly SecurityRequirement[] = [], schemes: object): void {
  const missing = security.flatMap(each => Object.keys(each)).find(name => !Object.hasOwn(schemes, name))
  if (missing === undefined) return
  throw new SetupError(
    'BAD_OPTION',
    `openapi: ${place} needs the security scheme '${missing}', which the option securitySchemes does not describe. Add it, ` +
      `for instance { securitySchemes: { ${missing}: { type: 'http', scheme: 'bearer' } } }.`,
  )
}
