import type { Plan } from '../plan/plan'
import type { PlannedRoute } from '../plan/planned-route'
import type { RouteEntry } from '../routing/router'
import type { Variable } from '../routing/rule-parser'
import type { JsonSchemas } from '../schema/json-schema'
import { pascalCase } from './json'

/** A route as the parts of its operation need it. */
export class DocumentedRoute {
  readonly declared: PlannedRoute['declared']
  readonly variables: readonly Variable[]
  /** The path with the names of its variables, `/users/{id}`, encoded as in a URL. */
  readonly path: string
  /** The same for all rules whose paths OpenAPI can't tell apart. */
  readonly shape: string

  constructor(
    readonly entry: RouteEntry<PlannedRoute>,
    readonly schemas: JsonSchemas,
  ) {
    const { pieces, variables } = entry.rule
    this.declared = entry.target.declared
    this.variables = variables
    this.path = pieces.map(piece => (typeof piece === 'string' ? encodeURI(piece) : `{${piece.name}}`)).join('')
    this.shape = pieces.map(piece => (typeof piece === 'string' ? encodeURI(piece) : '{}')).join('')
  }

  get target(): PlannedRoute {
    return this.entry.target
  }

  /** A name for a schema of this route that has none. */
  placeOf(part: string): string {
    return pascalCase(`${this.target.endpoint} ${part}`)
  }
}

/** The routes of a plan. One is there once for each of its names. */
export function routesOf({ endpoints, schemas }: Plan): DocumentedRoute[] {
  const entries = new Set([...endpoints.values()].flat())
  return [...entries].map(entry => new DocumentedRoute(entry, schemas))
}
