import { Reference, type Definition } from './definition'

/**
 * A number for each definition, the same for those that say the same: their keywords are equal, and so is what they refer to.
 * In each round, definitions differ that refer to what differed in the round before.
 */
export function structuresOf(definitions: readonly Definition[]): ReadonlyMap<Definition, number> {
  let structures = new Map(definitions.map(each => [each, 0]))
  for (let count = 0; ;) {
    const numbers = new Map<string, number>()
    const next = new Map<Definition, number>()
    for (const each of definitions) {
      const text = textOf(each.body, structures)
      if (!numbers.has(text)) numbers.set(text, numbers.size)
      next.set(each, numbers.get(text) as number)
    }
    structures = next
    if (numbers.size === count) return structures
    count = numbers.size
  }
}

/** Equal for values that differ only in the order of their keys. */
function textOf(value: unknown, structures: ReadonlyMap<Definition, number>): string {
  if (value instanceof Reference) {
    const { definition, siblings } = value
    return `<${String(structures.get(definition))} ${textOf(siblings, structures)}>`
  }
  if (Array.isArray(value)) return `[${value.map(each => textOf(each, structures)).join()}]`
  if (typeof value !== 'object' || value === null)
    return typeof value === 'string' ? JSON.stringify(value) : String(value)
  const keys = Object.keys(value).sort()
  const pairs = keys.map(key => `${JSON.stringify(key)}:${textOf((value as Record<string, unknown>)[key], structures)}`)
  return `{${pairs.join()}}`
}
