import type { BlueprintEntry, Class, RouteOptions } from './decorator-types'
import { ErrorHandlers, type ErrorHandler } from './error-handlers'
import { describe } from './errors'
import type { Pipeline } from './lifecycle'
import { blueprintOf, entriesOf, type Entry } from './metadata'
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
  readonly errorHandlers = new ErrorHandlers<Context>()
}

/** A method and one rule of it. */
export interface View {
  readonly rule: string
  readonly options: RouteOptions
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
    this.#register(blueprints, root, [])
  }

  #register(entries: readonly BlueprintEntry[], parent: Scope, path: readonly Class[]): void {
    if (!Array.isArray(entries))
      throw new SetupError('BAD_OPTION', `blueprints: expected a list, not ${describe(entries)}`)
    for (const entry of entries as BlueprintEntry[]) {
      const { blueprint, ...given } = typeof entry === 'function' ? { blueprint: entry } : entry
      const facts = blueprintFacts(blueprint)
      const label = className(blueprint)
      if (path.includes(blueprint))
        throw new SetupError('BAD_BLUEPRINT', `${label} contains itself: take it out of its blueprints`)
      const { hooks, views } = this.#controller(blueprint, new Hooks())
      const name =
        parent.name + (parent.name === '' ? '' : '.') + checkedName(given.name ?? facts.name ?? blueprint.name, label)
      this.#refuseTaken(name, label)
      const prefix = joinPrefixes(parent.prefix, checkedPrefix(given.prefix ?? facts.prefix, label))
      const scope: Scope = { name, prefix, chain: [...parent.chain, hooks], views }
      this.scopes.push(scope)
      this.#register(facts.blueprints ?? [], scope, [...path, blueprint])
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
  { fact, method }: Entry,
  call: (...args: never[]) => unknown,
  app: Hooks,
  own: { hooks: Hooks; views: View[] },
): void {
  if (fact.kind === 'route') {
    own.views.push({ rule: fact.rule, options: fact.options, method: nameOf(method), call: call as View['call'] })
    return
  }
  const hooks = fact.kind === 'beforeFirst' || ('appWide' in fact && fact.appWide) ? app : own.hooks
  if (fact.kind === 'error') hooks.errorHandlers.set(fact.key, call as ErrorHandler<Context>)
  else (hooks[fact.kind] as unknown[]).push(call)
}

function decoratedMethods(controller: Class): Entry[] {
  const entries = entriesOf(controller)
  const label = className(controller)
  if (entries.length === 0 && blueprintOf(controller)?.blueprints === undefined) {
    throw new SetupError('NO_DECORATORS', `${label} has no decorated method: mark one, for instance with @Route('/').`)
  }
  for (const { decorator, method, placement } of entries) {
    if (placement === 'method') continue
    const what =
      placement === 'class' ? 'the class itself' : `a ${placement === 'private' ? '#private method' : placement}`
    throw new SetupError(
      'NOT_A_METHOD',
      `${placement === 'class' ? label : `${label}.${nameOf(method)}`}: ${decorator} stands on ${what}. ` +
        'Only a method of an instance can run for a request: make it one.',
    )
  }
  return entries
}

function bind(controller: Class, instance: object, { decorator, method }: Entry): (...args: never[]) => unknown {
  const label = `${className(controller)}.${nameOf(method)}`
  const found = (instance as Record<string | symbol, unknown>)[method]
  if (typeof found !== 'function') {
    throw new SetupError(
      'NOT_A_METHOD',
      `${label}: ${decorator} was put on a method, but the instance has ${describe(found)} there.`,
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
    const reason = cause instanceof Error ? cause.message : describe(cause)
    throw new SetupError('BAD_INSTANCE', `${label} could not be constructed: ${reason}`, { cause })
  }
  if (typeof instance === 'object' && instance !== null && !('then' in instance)) return instance
  throw new SetupError(
    'BAD_INSTANCE',
    `${label}: the option resolve must return its instance, not ${describe(instance)}`,
  )
}

function blueprintFacts(blueprint: unknown) {
  const facts = typeof blueprint === 'function' ? blueprintOf(checkedClass(blueprint, 'a blueprint')) : undefined
  if (facts !== undefined) return facts
  const label = typeof blueprint === 'function' ? blueprint.name : describe(blueprint)
  throw new SetupError('BAD_BLUEPRINT', `${label} is not a blueprint: put @Blueprint('/prefix') on the class.`)
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
const nameOf = (method: string | symbol) => (typeof method === 'symbol' ? (method.description ?? '') : method)
