import type { BlueprintEntry, Class, RouteOptions } from './decorator-types'
import { ErrorHandlers, type ErrorHandler } from './error-handlers'
import { describe } from './errors'
import type { Pipeline } from './lifecycle'
import { blueprintOf, entriesOf, type BlueprintFacts, type Entry, type Placement } from './metadata'
import { checkBlueprintEntry, checkBlueprintOptions } from './options'
import { joinRules } from './routing/rule'
import { SetupError } from './setup-error'
import type { Context, Response } from './types'

type Stages = Pipeline<Context, Response>
type Mutable<List extends readonly unknown[]> = List[number][]

/** The hooks of one scope, the application or a blueprint, each bound to its instance and named `Class.method`. */
export class Hooks {
  readonly beforeFirst: (() => unknown)[] = []
  readonly preprocessors: Mutable<Stages['preprocessors']> = []
  readonly urlDefaults: ((endpoint: string, values: Record<string, unknown>) => unknown)[] = []
  readonly before: Mutable<Stages['before']> = []
  readonly after: Mutable<Stages['after']> = []
  readonly teardown: Mutable<Stages['teardown']> = []
  readonly teardownAppContext: ((error: Error | undefined, ctx: Context | undefined) => unknown)[] = []
  readonly errorHandlers = new ErrorHandlers<Context>()
}

/** A method and one rule of it. */
export interface View {
  readonly rule: string
  readonly options: RouteOptions
  /** As written in the source, for instance `@Get`. */
  readonly decorator: string
  /** The one HTTP method that the decorator is for, if it is for one. */
  readonly verb: string | undefined
  /** The method's own name, the last part of its endpoint. */
  readonly method: string
  /** Bound, and named `Class.method`. */
  readonly call: (...args: unknown[]) => unknown
}

/** A blueprint as it is registered, or the application's controller: then all but the hooks and views are empty. */
export interface Scope {
  /** Names of the blueprints around it and its own, joined by dots. */
  readonly name: string
  readonly prefix: string
  /** From the outermost blueprint in, itself last; the application is not among them (FLASK.md: the chain). */
  readonly chain: readonly Hooks[]
  readonly views: readonly View[]
}

export type Resolve = (controller: Class) => object

/** Reads an application's controller and its blueprints, nested ones right after those that contain them (1.5). */
export class Controllers {
  /** The application's hooks, with those that blueprints add to it. */
  readonly app = new Hooks()
  readonly scopes: Scope[] = []
  readonly #resolve: Resolve
  readonly #read = new Map<Class, { hooks: Hooks; views: View[] }>()

  constructor(controller: Class, blueprints: readonly BlueprintEntry[], resolve: Resolve) {
    this.#resolve = resolve
    if (blueprintOf(controller) !== undefined) {
      const label = className(controller)
      throw new SetupError(
        'BAD_BLUEPRINT',
        `${label} is a blueprint: pass it in the option blueprints of an application.`,
      )
    }
    const { views } = this.#controller(controller, this.app)
    const root: Scope = { name: '', prefix: '', chain: [], views }
    this.scopes.push(root)
    this.#register(blueprints, root, [controller])
  }

  /** @param path the classes that the list stands in, one in the other */
  #register(entries: readonly BlueprintEntry[], parent: Scope, path: readonly Class[]): void {
    for (const entry of entries) {
      const { blueprint, ...given } = readEntry(entry, className(path[path.length - 1] as Class))
      const { prefix: ownPrefix, options } = blueprintFacts(blueprint)
      const label = className(blueprint)
      if (path.includes(blueprint))
        throw new SetupError('BAD_BLUEPRINT', `${label} contains itself: take it out of its blueprints`)
      const { hooks, views } = this.#controller(blueprint, new Hooks())
      const ownName = checkedName(given.name ?? options.name ?? blueprint.name, label)
      const name = parent.name === '' ? ownName : `${parent.name}.${ownName}`
      this.#refuseTaken(name, label)
      const prefix = joinPrefixes(parent.prefix, checkedPrefix(given.prefix ?? ownPrefix, label))
      const scope: Scope = { name, prefix, chain: [...parent.chain, hooks], views }
      this.scopes.push(scope)
      this.#register(options.blueprints ?? [], scope, [...path, blueprint])
    }
  }

  #refuseTaken(name: string, label: string): void {
    if (!this.scopes.some(scope => scope.name === name)) return
    throw new SetupError(
      'DUPLICATE_BLUEPRINT',
      `${label}: the blueprint name '${name}' is taken. Give one of the two another: @Blueprint(prefix, { name: '…' }), ` +
        'or { blueprint, name } in the list of blueprints.',
    )
  }

  /** A class that is registered twice has one instance and adds its application-wide hooks once (1.8). */
  #controller(controller: Class, own: Hooks): { hooks: Hooks; views: View[] } {
    const known = this.#read.get(controller)
    if (known !== undefined) return known
    const read = { hooks: own, views: [] as View[] }
    this.#read.set(controller, read)
    const instance = instantiate(controller, this.#resolve)
    for (const entry of decoratedMethods(controller)) addEntry(entry, bind(controller, instance, entry), this.app, read)
    return read
  }
}

/** Sorts one decorated method to where it runs. */
function addEntry(
  { decorator, fact, method }: Entry,
  call: (...args: never[]) => unknown,
  app: Hooks,
  own: { hooks: Hooks; views: View[] },
): void {
  if (fact.kind === 'route') {
    const { rule, options, verb } = fact
    own.views.push({ rule, options, decorator, verb, method: nameOf(method), call: call as View['call'] })
    return
  }
  const hooks = !('appWide' in fact) || fact.appWide ? app : own.hooks
  if (fact.kind === 'error') hooks.errorHandlers.set(fact.key, call as ErrorHandler<Context>, decorator)
  else (hooks[fact.kind] as unknown[]).push(call)
}

const PLACES: Readonly<Record<Exclude<Placement, 'method'>, string>> = {
  static: 'a static member',
  private: 'a #private member',
  field: 'a field',
  accessor: 'an accessor',
  getter: 'a getter',
  setter: 'a setter',
  class: 'the class itself',
  parameter: 'a parameter',
}

function decoratedMethods(controller: Class): Entry[] {
  const entries = entriesOf(controller)
  const label = className(controller)
  if (entries.length === 0 && blueprintOf(controller)?.options.blueprints === undefined) {
    throw new SetupError('NO_DECORATORS', `${label} has no decorated method: mark one, for instance with @Route('/').`)
  }
  for (const { decorator, method, placement } of entries) {
    if (placement === 'method') continue
    throw new SetupError(
      'NOT_A_METHOD',
      `${placement === 'class' ? label : `${label}.${nameOf(method)}`}: ${decorator} stands on ${PLACES[placement]}. ` +
        'Only a method of an instance can run for a request: make it one.',
    )
  }
  return entries
}

function bind(controller: Class, instance: object, { decorator, method }: Entry): (...args: never[]) => unknown {
  const label = `${className(controller)}.${nameOf(method)}`
  const found = (instance as Record<Entry['method'], unknown>)[method]
  if (typeof found !== 'function') {
    throw new SetupError(
      'NOT_A_METHOD',
      `${label}: ${decorator} was put on a method, but the instance has ${describe(found)} there. ` +
        'Look for a field of that name, and at the option resolve.',
    )
  }
  return Object.defineProperty(found.bind(instance) as () => unknown, 'name', { value: label })
}

function instantiate(controller: Class, resolve: Resolve): object {
  const label = className(controller)
  let instance: unknown
  try {
    instance = resolve(controller)
  } catch (cause) {
    const reason = cause instanceof Error ? String(cause) : describe(cause)
    throw new SetupError(
      'BAD_INSTANCE',
      `${label} could not be constructed: ${reason}. If it needs arguments, make it in the option resolve.`,
      { cause },
    )
  }
  if (typeof instance === 'object' && instance !== null && !('then' in instance)) return instance
  throw new SetupError(
    'BAD_INSTANCE',
    `${label}: the option resolve must return its instance, not ${describe(instance)}. What takes time to make is ` +
      'made before bootstrap.',
  )
}

/** What an entry in a list of blueprints says, whichever way it is written. */
function readEntry(entry: unknown, owner: string): Exclude<BlueprintEntry, Class> {
  if (typeof entry === 'function') return { blueprint: entry as Class }
  if (typeof entry === 'object' && entry !== null && 'blueprint' in entry && typeof entry.blueprint === 'function') {
    checkBlueprintEntry(entry, `${owner}: an entry of its blueprints`)
    return entry as Exclude<BlueprintEntry, Class>
  }
  throw new SetupError(
    'BAD_BLUEPRINT',
    `${owner}: ${describe(entry)} is among its blueprints. List classes with @Blueprint, or { blueprint, prefix, name }.` +
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

/** Throws a SetupError unless `value` can be constructed. */
export function checkedClass(value: unknown, what: string): Class {
  if (typeof value === 'function' && value.prototype !== undefined) return value as Class
  throw new SetupError('NOT_A_CLASS', `expected a class for ${what}, not ${describe(value)}`)
}

function checkedName(name: unknown, label: string): string {
  if (typeof name === 'string' && name !== '' && !name.includes('.')) return name
  throw new SetupError(
    'BAD_ENDPOINT',
    `${label}: the blueprint name ${describe(name)} can't be used: endpoints are built from it, so it needs one without dots.`,
  )
}

function checkedPrefix(prefix: unknown, label: string): string {
  if (typeof prefix === 'string' && (prefix === '' || prefix.startsWith('/'))) return prefix
  throw new SetupError(
    'BAD_RULE',
    `${label}: the prefix ${describe(prefix)} must start with '/', for instance '/users'.`,
  )
}

const joinPrefixes = (outer: string, inner: string) =>
  inner === '' ? outer : outer === '' ? inner : joinRules(outer, inner)

const className = (controller: Class) => controller.name || '(anonymous class)'
const nameOf = (method: Entry['method']) => (typeof method === 'symbol' ? (method.description ?? '') : String(method))
