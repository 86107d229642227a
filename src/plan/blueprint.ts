import { checkedClass, className } from './instance'
import type { BlueprintEntry, Class } from '../decorators/types'
import { describe } from '../errors/describe'
import { blueprintOf, type BlueprintFacts } from '../decorators/metadata'
import { checkBlueprintEntry, checkBlueprintOptions } from './check-options'
import { joinRules } from '../routing/join-rules'
import { SetupError } from '../errors/setup-error'

/**
 * A blueprint as it is registered: the entry in the list of blueprints overrides what the class's `@Blueprint` says.
 */
export interface RegisteredBlueprint {
  readonly blueprint: Class
  readonly name: string
  readonly prefix: string
  readonly defaults: Readonly<Record<string, unknown>>
  readonly blueprints: readonly BlueprintEntry[]
}

/**
 * Reads an entry of a list of blueprints: a class, or an object with a class.
 *
 * @param owner the class that has the list, for errors
 */
export function readBlueprint(entry: unknown, owner: string): RegisteredBlueprint {
  const { blueprint, ...given } = readEntry(entry, owner)
  const { prefix, options } = blueprintFacts(blueprint)
  const label = className(blueprint)
  return {
    blueprint,
    // The class may have another name in a minified bundle, and its endpoints begin with that one.
    name: checkedName(given.name ?? options.name ?? blueprint.name, label),
    prefix: checkedPrefix(given.prefix ?? prefix, label),
    defaults: { ...options.defaults, ...given.defaults },
    blueprints: options.blueprints ?? [],
  }
}

/** The prefix of a nested blueprint: a blueprint without a prefix has the prefix of the outer one [4.9]. */
export function joinPrefixes(outer: string, inner: string): string {
  if (inner === '') return outer
  return outer === '' ? inner : joinRules(outer, inner)
}

function readEntry(entry: unknown, owner: string): Exclude<BlueprintEntry, Class> {
  if (typeof entry === 'function') return { blueprint: entry as Class }
  if (typeof entry === 'object' && entry !== null && 'blueprint' in entry && typeof entry.blueprint === 'function') {
    checkBlueprintEntry(entry, `${owner}: an entry of its blueprints`)
    return entry as Exclude<BlueprintEntry, Class>
  }
  throw new SetupError(
    'BAD_BLUEPRINT',
    `${owner}: ${describe(entry)} is in its list of blueprints. List classes with @Blueprint, or ` +
      '{ blueprint, prefix, name }.' +
      (entry === undefined ? ' A class is undefined while modules import each other in a circle.' : ''),
  )
}

function blueprintFacts(blueprint: Class): BlueprintFacts {
  const facts = blueprintOf(checkedClass(blueprint, 'a blueprint'))
  const label = className(blueprint)
  if (facts === undefined)
    throw new SetupError('BAD_BLUEPRINT', `${label} is not a blueprint: put @Blueprint('/prefix') on the class.`)
  checkBlueprintOptions(facts.options, `${label}: @Blueprint`)
  return facts
}

function checkedName(name: unknown, label: string): string {
  if (typeof name === 'string' && name !== '' && !name.includes('.')) return name
  throw new SetupError(
    'BAD_ENDPOINT',
    `${label}: the blueprint name ${describe(name)} must be a name without dots, since endpoints begin with it.`,
  )
}

function checkedPrefix(prefix: unknown, label: string): string {
  if (typeof prefix === 'string' && (prefix === '' || prefix.startsWith('/'))) return prefix
  throw new SetupError(
    'BAD_RULE',
    `${label}: the prefix ${describe(prefix)} must start with '/', for instance '/users'.`,
  )
}
