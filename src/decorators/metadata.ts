import 'reflect-metadata'
import type { BlueprintOptions, Class, RouteOptions } from './types'
import { SetupError } from '../errors/setup-error'

/** What a decorator says of one method. Decorators only record this; `bootstrap` judges it. */
export type Fact =
  | { readonly kind: 'beforeFirst' | 'onShutdown' | 'teardownAppContext' | 'urlBuildErrors' }
  | {
      readonly kind: 'before' | 'after' | 'teardown' | 'afterResponse' | 'preprocessors' | 'urlDefaults'
      readonly appWide: boolean
    }
  | { readonly kind: 'error'; readonly key: unknown; readonly appWide: boolean }
  | { readonly kind: 'route'; readonly rule: string; readonly options: RouteOptions; readonly verb: string | undefined }

/** What `@Blueprint` says of a class. */
export interface BlueprintFacts {
  readonly prefix: string
  readonly options: BlueprintOptions
}

/** Where a decorator stood. Only an instance method can run; the others are recorded for `bootstrap` to refuse. */
export type Placement =
  'method' | 'static' | 'private' | 'field' | 'accessor' | 'getter' | 'setter' | 'class' | 'parameter'

export interface Entry {
  /** As written in the source, for instance `@AfterRequest`. */
  readonly decorator: string
  /**
   * The method's name, never the function: another decorator may wrap that later. A name written as a number, `5() {}`,
   * is one to some compilers.
   */
  readonly method: string | symbol | number
  readonly placement: Placement
  readonly fact: Fact
}

// Node has no Symbol.metadata of its own yet (20 to 26). Without it compilers hand `context.metadata === undefined` to
// standard decorators, so it must exist before the first decorated class is evaluated.
;(Symbol as { metadata?: symbol }).metadata ??= Symbol.for('Symbol.metadata')

const METHOD_ENTRIES = Symbol('flaskoa:entries')
const BLUEPRINT_FACTS = Symbol('flaskoa:blueprint')

/** Adds `entry` to a carrier: the class itself (legacy dialect) or its `context.metadata` (standard dialect). */
export function register(carrier: object, entry: Entry): void {
  // A carrier's own list: the one it inherits belongs to the parent class and must not grow.
  const entries = ownEntries(carrier)
  Reflect.defineMetadata(METHOD_ENTRIES, [...entries, entry], carrier)
}

/**
 * A class's entries, root class first. A method decorated again in a subclass keeps its place and takes the subclass's
 * decorators instead; one that is merely overridden keeps those it had.
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

/** Records what `@Blueprint` said of a class. Throws a SetupError when it has said so already. */
export function registerBlueprint(controller: Class, facts: BlueprintFacts): void {
  if (Reflect.hasOwnMetadata(BLUEPRINT_FACTS, controller)) {
    throw new SetupError(
      'BAD_BLUEPRINT',
      `${controller.name}: @Blueprint stands on it twice. For a second prefix, list it twice in blueprints: ` +
        '{ blueprint, prefix, name }.',
    )
  }
  Reflect.defineMetadata(BLUEPRINT_FACTS, facts, controller)
}

/** What `@Blueprint` said of a class or of the nearest class it extends; `undefined` when it is no blueprint. */
export function blueprintOf(controller: Class): BlueprintFacts | undefined {
  return Reflect.getMetadata(BLUEPRINT_FACTS, controller) as BlueprintFacts | undefined
}

function ownEntries(carrier: object): readonly Entry[] {
  return (Reflect.getOwnMetadata(METHOD_ENTRIES, carrier) as readonly Entry[] | undefined) ?? []
}

/** The class and those it extends, root first. */
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

/** An undecorated subclass sees its parent's metadata object by inheritance, hence `hasOwn`. */
function carriersOf(cls: object): object[] {
  const metadata: unknown = Object.hasOwn(cls, Symbol.metadata) ? (cls as Class)[Symbol.metadata] : undefined
  return typeof metadata === 'object' && metadata !== null ? [cls, metadata] : [cls]
}
