import type { PlannedRoute } from '../plan/planned-route'
import type { RouteEntry } from '../routing/router'
import type { Components } from './components'
import { docOf } from './doc'
import type { Json } from './json'
import { operationOf } from './operation'
import type { DocumentedRoute } from './route'

/** The methods that a document can have, but for HEAD and OPTIONS, which flaskoa answers by itself. */
const METHODS = ['GET', 'PUT', 'POST', 'DELETE', 'PATCH', 'TRACE']

/** The operations of a document by path and method. */
export class Paths {
  readonly #paths = new Map<string, Map<string, Json>>()
  /** The path under which rules are that differ only in the names or converters of their variables. */
  readonly #byShape = new Map<string, DocumentedRoute>()
  readonly #operationIds = new Set<string>()
  readonly #components: Components

  constructor(components: Components) {
    this.#components = components
  }

  add(route: DocumentedRoute): void {
    if (route.declared.doc === false) return
    const first = this.#byShape.get(route.shape)
    if (first === undefined) this.#byShape.set(route.shape, route)
    const { path } = first ?? route
    const operations = this.#paths.get(path) ?? new Map<string, Json>()
    for (const method of route.entry.methods.filter(each => METHODS.includes(each))) {
      const taken = operations.get(method.toLowerCase())
      if (taken !== undefined) noteSecond(taken, route.entry)
      else operations.set(method.toLowerCase(), this.#operation(route, method, first))
    }
    if (operations.size > 0) this.#paths.set(path, operations)
  }

  all(): Record<string, Record<string, Json>> {
    return Object.fromEntries([...this.#paths].map(([path, operations]) => [path, Object.fromEntries(operations)]))
  }

  #operation(route: DocumentedRoute, method: string, first: DocumentedRoute | undefined): Json {
    const { tags, ...rest } = operationOf(route, this.#components)
    const operationId = this.#idFor(docOf(route).operationId ?? route.target.endpoint, method.toLowerCase())
    // The path is written with the names of the first rule.
    const names = first?.variables.map(({ name }) => name) ?? []
    names.forEach((name, index) => Object.assign((rest.parameters as Json[])[index] as Json, { name }))
    return { ...(tags !== undefined && { tags }), operationId, ...rest }
  }

  /** `users.edit`, then `users.edit.put` and `users.edit.put.2` */
  #idFor(name: string, method: string): string {
    const candidates = [name, `${name}.${method}`]
    let id = candidates.find(each => !this.#operationIds.has(each))
    for (let number = 2; id === undefined; number++) {
      const numbered = `${name}.${method}.${number}`
      if (!this.#operationIds.has(numbered)) id = numbered
    }
    this.#operationIds.add(id)
    return id
  }
}

/** OpenAPI has one operation for `/<int:id>` and `/<name>`. */
function noteSecond(operation: Json, { rule, target }: RouteEntry<PlannedRoute>): void {
  const note = `The rule \`${rule.source}\` (\`${target.endpoint}\`) has the same path in OpenAPI.`
  operation.description = typeof operation.description === 'string' ? `${operation.description}\n\n${note}` : note
}
