import type { Route, Scope } from './program'

/**
 * Drops the routes that flaskoa refuses at bootstrap where Flask lets the first win: the same URLs for the same method.
 * Views that lose all their routes go too.
 */
export function withoutDuplicates(app: Scope): Scope {
  const taken = new Set<string>()
  const clean = (scope: Scope, prefix: string): Scope => ({
    ...scope,
    methods: scope.methods.flatMap(method => {
      if (method.kind !== 'view') return [method]
      const routes = (method.routes ?? []).filter(route => isFree(route, prefix, taken))
      return routes.length === 0 ? [] : [{ ...method, routes }]
    }),
    blueprints: scope.blueprints
      .map(nested => clean(nested, join(prefix, nested.prefix)))
      .filter(nested => nested.methods.length + nested.blueprints.length > 0),
  })
  return clean(app, '')
}

function isFree({ rule, methods }: Route, prefix: string, taken: Set<string>): boolean {
  const urls = join(prefix, rule)
    .replace(/<string:/g, '<')
    .replace(/<int\((?!signed)[^)]*\)/g, '<int')
    .replace(/\w+>/g, '>')
    .replace(/(.)\/+$/, '$1')
  const keys = methods.map(method => `${method.toUpperCase()} ${urls}`)
  if (keys.some(key => taken.has(key))) return false
  for (const key of keys) taken.add(key)
  return true
}

export function join(prefix: string, rule: string): string {
  return prefix === '' ? rule : rule === '' ? prefix : `${prefix.replace(/\/+$/, '')}/${rule.replace(/^\/+/, '')}`
}
