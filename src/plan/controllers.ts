import { joinPrefixes, readBlueprint } from './blueprint'
import { Hooks, readController, type Controller, type Make } from './controller'
import { apartOf, className, type Apart, type Resolve } from './instance'
import type { BlueprintEntry, Class } from '../decorators/types'
import type { Extension } from './extension'
import type { Watch } from '../lifecycle/watch'
import { blueprintOf } from '../decorators/metadata'
import { SetupError } from '../errors/setup-error'

/** What a blueprint is registered with. For the application all of it is empty. */
interface Surroundings {
  /** The names of the outer blueprints and its own, joined by dots. */
  readonly name: string
  readonly prefix: string
  /** Values for its rules and for the rules of its nested blueprints. */
  readonly defaults: Readonly<Record<string, unknown>>
  /** The hooks of the outer blueprints, outermost first, then its own. The application's hooks are not in the list. */
  readonly chain: readonly Hooks[]
  /** Set if its routes do without these hooks and those of the application. */
  readonly apart?: Apart | undefined
}

/** What one class adds to a scope: the blueprint's or the application's own, or that of an extension. */
type Part = Pick<Controller, 'views' | 'commands'>

/** A class in a blueprint as it is registered, or in the application. */
export type Scope = Surroundings & Part

/** A class with `@Blueprint` as it was read. */
interface Blueprint {
  readonly hooks: Hooks
  readonly parts: readonly Part[]
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
  readonly #blueprints = new Map<Class, Blueprint>()

  /** @param watch for an application whose methods are watched */
  constructor(
    controller: Class,
    blueprints: readonly BlueprintEntry[],
    resolve: Resolve,
    watch?: Watch,
    readonly extensions: readonly Extension[] = [],
  ) {
    this.#make = { resolve, watch, app: this.app }
    if (blueprintOf(controller) !== undefined) {
      const label = className(controller)
      throw new SetupError(
        'BAD_BLUEPRINT',
        `${label} is a blueprint: pass it in the option blueprints of an application.`,
      )
    }
    const around = { name: '', prefix: '', defaults: {}, chain: [] }
    this.#addScopes(around, this.#readParts(controller, this.app, blueprints.length + extensions.length > 0))
    this.#register(blueprints, around, [controller])
    this.#checkBlueprints()
  }

  /** @param path the classes around this list of blueprints, outermost first */
  #register(entries: readonly BlueprintEntry[], parent: Surroundings, path: readonly Class[]): void {
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
      const { hooks, parts } = this.#readBlueprint(blueprint, blueprints.length > 0)
      const around = {
        name,
        prefix: joinPrefixes(parent.prefix, ownPrefix),
        defaults: { ...parent.defaults, ...ownDefaults },
        chain: [...parent.chain, hooks],
        apart: apartOf(blueprint),
      }
      this.#addScopes(around, parts)
      this.#register(blueprints, around, [...path, blueprint])
    }
  }

  #addScopes(around: Surroundings, parts: readonly Part[]): void {
    for (const part of parts) this.scopes.push({ ...around, ...part })
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
  #readBlueprint(blueprint: Class, mayBeBare: boolean): Blueprint {
    const known = this.#blueprints.get(blueprint)
    if (known !== undefined) return known
    const hooks = new Hooks()
    const read = { hooks, parts: this.#readParts(blueprint, hooks, mayBeBare, blueprint) }
    this.#blueprints.set(blueprint, read)
    return read
  }

  /** Reads a class into `hooks`, between the extensions that belong to it. @param blueprint the class, if it is one */
  #readParts(controller: Class, hooks: Hooks, mayBeBare: boolean, blueprint?: Class): Part[] {
    const own = this.extensions.filter(extension => extension.blueprint === blueprint)
    const read = (extension: Extension) =>
      readController(
        classOf(extension),
        { ...this.#make, resolve: () => extension, extension: extension.name },
        hooks,
        true,
      )
    return [
      ...own.filter(({ order }) => order !== 'last').map(read),
      readController(controller, this.#make, hooks, mayBeBare || own.length > 0),
      ...own.filter(({ order }) => order === 'last').map(read),
    ]
  }

  #checkBlueprints(): void {
    for (const { name, blueprint } of this.extensions) {
      if (blueprint === undefined || this.#blueprints.has(blueprint)) continue
      throw new SetupError(
        'BAD_EXTENSION',
        `The extension ${name} belongs to the blueprint ${className(blueprint)}, which this application does not have. Add it to ` +
          'the option blueprints.',
      )
    }
  }
}

/** An extension may be a plain object, without decorated methods. */
const classOf = (extension: Extension): Class => (extension.constructor as Class | undefined) ?? Object
