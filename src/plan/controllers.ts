import { joinPrefixes, readBlueprint } from './blueprint'
import { Hooks, readController, type Controller, type Make, type View } from './controller'
import { apartOf, className, type Apart, type Resolve } from './instance'
import type { BlueprintEntry, Class } from '../decorators/types'
import type { Watch } from '../lifecycle/watch'
import { blueprintOf } from '../decorators/metadata'
import { SetupError } from '../errors/setup-error'

/** A blueprint as it is registered, or the application's controller, for which all but the views is empty. */
export interface Scope {
  /** The names of the outer blueprints and its own, joined by dots. */
  readonly name: string
  readonly prefix: string
  /** Values for its rules and for the rules of its nested blueprints. */
  readonly defaults: Readonly<Record<string, unknown>>
  /** The hooks of the outer blueprints, outermost first, then its own. The application's hooks are not in the list. */
  readonly chain: readonly Hooks[]
  /** Set if its routes do without these hooks and those of the application. */
  readonly apart?: Apart | undefined
  readonly views: readonly View[]
}

/**
 * Reads an application's controller and its blueprints. A nested blueprint follows the blueprint that contains it
 * [1.5].
 */
export class Controllers {
  /** The application's hooks, including the hooks that blueprints add to it. */
  readonly app = new Hooks()
  readonly scopes: Scope[] = []
  readonly #make: Make
  readonly #read = new Map<Class, Controller>()

  /** @param watch for an application whose methods are watched */
  constructor(controller: Class, blueprints: readonly BlueprintEntry[], resolve: Resolve, watch?: Watch) {
    this.#make = { resolve, watch, app: this.app }
    if (blueprintOf(controller) !== undefined) {
      const label = className(controller)
      throw new SetupError(
        'BAD_BLUEPRINT',
        `${label} is a blueprint: pass it in the option blueprints of an application.`,
      )
    }
    const { views } = this.#controller(controller, this.app, blueprints)
    const root: Scope = { name: '', prefix: '', defaults: {}, chain: [], views }
    this.scopes.push(root)
    this.#register(blueprints, root, [controller])
  }

  /** @param path the classes around this list of blueprints, outermost first */
  #register(entries: readonly BlueprintEntry[], parent: Scope, path: readonly Class[]): void {
    const owner = className(path[path.length - 1] as Class)
    for (const entry of entries) {
      const {
        blueprint,
        name: ownName,
        prefix: ownPrefix,
        defaults: ownDefaults,
        blueprints,
      } = readBlueprint(entry, owner)
      const name = parent.name === '' ? ownName : `${parent.name}.${ownName}`
      this.#refuse(blueprint, name, path)
      const { hooks, views } = this.#controller(blueprint, new Hooks(), blueprints)
      const prefix = joinPrefixes(parent.prefix, ownPrefix)
      const defaults = { ...parent.defaults, ...ownDefaults }
      const scope: Scope = { name, prefix, defaults, chain: [...parent.chain, hooks], views, apart: apartOf(blueprint) }
      this.scopes.push(scope)
      this.#register(blueprints, scope, [...path, blueprint])
    }
  }

  #refuse(blueprint: Class, name: string, path: readonly Class[]): void {
    const label = className(blueprint)
    if (path.includes(blueprint)) {
      throw new SetupError('BAD_BLUEPRINT', `${label} contains itself: remove it from its list of blueprints`)
    }
    if (!this.scopes.some(scope => scope.name === name)) return
    throw new SetupError(
      'DUPLICATE_BLUEPRINT',
      `${label}: the blueprint name '${name}' is already in use. Give one of the two another name: ` +
        "@Blueprint(prefix, { name: '…' }), or { blueprint, name } in the list of blueprints.",
    )
  }

  /** A class that is registered twice has one instance and adds its application-wide hooks once [1.8]. */
  #controller(controller: Class, own: Hooks, blueprints: readonly BlueprintEntry[]): Controller {
    const known = this.#read.get(controller)
    if (known !== undefined) return known
    const read = readController(controller, this.#make, own, blueprints.length > 0)
    this.#read.set(controller, read)
    return read
  }
}
