import 'reflect-metadata'
import type { BlueprintOptions, Class } from './types'
import type { CommandOptions } from './command-options'
import type { DeclaredRoute, HookOptions } from './route-options'
import { SetupError } from '../errors/setup-error'

/** What a decorator says about one method. Decorators only record facts; `bootstrap` checks them. */
export type Fact =
  | { readonly kind: 'beforeFirst' | 'onStart' | 'onShutdown' | 'teardownAppContext' | 'urlBuildErrors' }
  | HookFact
  | { readonly kind: 'preprocessors' | 'urlDefaults'; readonly appWide: boolean }
  | { readonly kind: 'error'; readonly key: unknown; readonly appWide: boolean }
  | { readonly kind: 'command'; readonly name: string; readonly options: CommandOptions }
  | {
      /** What a subpath of the package has decorators for, such as `@ContextProcessor`. */
      readonly kind: 'addition'
      readonly key: symbol
      readonly value: unknown
      readonly appWide: boolean
      /** Whether the method may be a generator. */
      readonly mayGenerate: boolean
    }
  | {
      readonly kind: 'route'
      readonly rule: string
      readonly options: DeclaredRoute
      readonly verb: string | undefined
    }

/** A hook around a view. */
export interface HookFact {
  readonly kind: 'before' | 'after' | 'teardown' | 'afterResponse'
  readonly appWide: boolean
  readonly options?: HookOptions
}

/** What `@Blueprint` says about a class. */
export interface BlueprintFacts {
  readonly prefix: string
  readonly options: BlueprintOptions
}

/**
 * Where a decorator was written. Only instance methods can run; the other places are recorded for `bootstrap` to
 * refuse.
 */
export type Placement =
  'method' | 'static' | 'private' | 'field' | 'accessor' | 'getter' | 'setter' | 'class' | 'parameter'

/** One decorator on one member of a class. */
export interface Entry {
  /** As written in the source, for instance `@AfterRequest`. */
  readonly decorator: string
  /**
   * The method's name, never the function, which another decorator may wrap later. Some compilers pass a name that is
   * written as a number, `5() {}`, as a number.
   */
  readonly method: string | symbol | number
  readonly placement: Placement
  readonly fact: Fact
}

// Node 20 to 26 have no Symbol.metadata of their own. Without it compilers pass `context.metadata === undefined` to
// standard decorators, so it must exist before the first decorated class is evaluated.
;(Symbol as { metadata?: symbol }).metadata ??= Symbol.for('Symbol.metadata')

// Keys for reflect-metadata, which keeps them apart from the class's own properties: the class belongs to the user.
const METHOD_ENTRIES = Symbol('flaskoa:entries')
const BLUEPRINT_FACTS = Symbol('flaskoa:blueprint')

/** Adds an entry to a carrier: the class itself (legacy dialect) or its `context.metadata` (standard dialect). */
export function register(carrier: object, entry: Entry): void {
  // Only the carrier's own list: the inherited list belongs to the parent class and must not change.
  const entries = ownEntries(carrier)
  Reflect.defineMetadata(METHOD_ENTRIES, [...entries, entry], carrier)
}

/**
 * A class's entries, root class first. A method that a subclass decorates again keeps its place and has the subclass's
 * decorators only. A method that a subclass overrides without decorators keeps the decorators of the base class.
 */
export function entriesOf(controller: Class): Entry[] {
  const byMethod = new Map<Entry['method'], Entry[]>()
  for (const cls of lineage(controller)) {
    const own = carriersOf(cls).flatMap(ownEntries)
    for (const method of new Set(own.map(entry => entry.method))) {
      byMethod.set(
        method,
        own.filter(entry => entry.method === method),
      )
    }
  }
  return [...byMethod.values()].flat()
}

/** Records what `@Blueprint` says about a class. Throws a SetupError for a second `@Blueprint` on the same class. */
export function registerBlueprint(controller: Class, facts: BlueprintFacts): void {
  if (Reflect.hasOwnMetadata(BLUEPRINT_FACTS, controller)) {
    throw new SetupError(
      'BAD_BLUEPRINT',
      `${controller.name} has two @Blueprint decorators. Leave one out; for a second prefix, list the class twice in ` +
        'blueprints: { blueprint, prefix, name }.',
    )
  }
  Reflect.defineMetadata(BLUEPRINT_FACTS, facts, controller)
}

/**
 * What `@Blueprint` says about a class or the nearest class it extends; `undefined` for a class that is no blueprint.
 */
export function blueprintOf(controller: Class): BlueprintFacts | undefined {
  return Reflect.getMetadata(BLUEPRINT_FACTS, controller) as BlueprintFacts | undefined
}

function ownEntries(carrier: object): readonly Entry[] {
  return (Reflect.getOwnMetadata(METHOD_ENTRIES, carrier) as readonly Entry[] | undefined) ?? []
}

/** The class and the classes it extends, root first. */
function lineage(controller: Class): object[] {
  const classes: object[] = []
  for (
    let cls: object | null = controller;
    typeof cls === 'function';
    cls = Object.getPrototypeOf(cls) as object | null
  ) {
    classes.unshift(cls)
  }
  return classes
}

/** What holds the entries of a class. `hasOwn`, since an undecorated subclass inherits its parent's metadata object. */
function carriersOf(cls: object): object[] {
  const metadata: unknown = Object.hasOwn(cls, Symbol.metadata) ? (cls as Class)[Symbol.metadata] : undefined
  return typeof metadata === 'object' && metadata !== null ? [cls, metadata] : [cls]
}
