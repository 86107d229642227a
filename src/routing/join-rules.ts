/** Joins prefix and rule with exactly one slash. An empty rule is the prefix alone. */
export function joinRules(prefix: string, rule: string): string {
  if (prefix === '' || rule === '') return prefix || rule
  return `${prefix.replace(/\/+$/, '')}/${rule.replace(/^\/+/, '')}`
}
