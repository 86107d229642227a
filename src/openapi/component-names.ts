import type { Component } from './definition'

/**
 * The names of components, each once. Of one that has the name of another, an input is called `UserInput`, others `User2`.
 *
 * @param chosen those that are written as components
 */
export function assignNames(all: ReadonlySet<Component>, chosen: ReadonlySet<Component>): Map<Component, string> {
  const names = new Map<Component, string>()
  const taken = new Set<string>()
  for (const component of [...all].filter(each => chosen.has(each)).sort((a, b) => rank(a) - rank(b))) {
    const candidates = candidatesFor(component)
    const free = candidates.find(name => !taken.has(name)) ?? numbered(candidates.at(-1) as string, taken)
    taken.add(free)
    names.set(component, free)
  }
  return names
}

/** What a user named goes first, then what has a name of its place, and flaskoa's own last; responses before input. */
const rank = ({ definition, sides, isOwn }: Component): number =>
  (isOwn ? 4 : definition.name === undefined ? 2 : 0) + (sides.has('output') ? 0 : 1)

function candidatesFor({ definition, sides, isOwn }: Component): string[] {
  const name = definition.name ?? definition.place
  if (isOwn) return [name, `${name}Details`]
  return sides.has('output') ? [name] : [name, `${name}Input`]
}

function numbered(name: string, taken: ReadonlySet<string>): string {
  for (let number = 2; ; number++) if (!taken.has(`${name}${number}`)) return `${name}${number}`
}
