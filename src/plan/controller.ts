import type { Class } from '../decorators/types'
import type { CommandOptions } from '../decorators/command-options'
import type { DeclaredRoute, GuardOptions, HookOptions } from '../decorators/route-options'
import { checkGuardOptions, checkHookOptions } from './check-options'
import { ErrorHandlers, type ErrorHandler } from '../lifecycle/error-handlers'
import { describe } from '../errors/describe'
import type { Pipeline } from '../lifecycle/exchange'
import type { MethodStage, Watch } from '../lifecycle/watch'
import { entriesOf, type Entry, type Fact, type HookFact, type Placement } from '../decorators/metadata'
import type { BuildError } from '../routing/url'
import { SetupError } from '../errors/setup-error'
import { refuseGenerator } from './generator-method'
import { RouteFilter } from './route-filter'
import { checkOf, className, instantiate, type Resolve } from './instance'
import type { Context, UrlOptions } from '../types'

type Method = (...args: never[]) => unknown
type Mutable<List extends readonly unknown[]> = List[number][]

/** Returns the URL that `urlFor` could not build, or nothing. */
export type UrlBuildErrorMethod = (
  error: BuildError,
  endpoint: string,
  values: Readonly<Record<string, unknown>>,
  options: UrlOptions,
) => unknown

/** The hooks of one scope, the application or a blueprint, each bound to its instance and named `Class.method`. */
export class Hooks {
  readonly beforeFirst: (() => unknown)[] = []
  readonly onStart: (() => unknown)[] = []
  readonly onShutdown: ((signal: string | undefined) => unknown)[] = []
  readonly preprocessors: Mutable<Pipeline['preprocessors']> = []
  readonly urlDefaults: ((endpoint: string, values: Record<string, unknown>) => unknown)[] = []
  readonly urlBuildErrors: UrlBuildErrorMethod[] = []
  readonly before: Mutable<Pipeline['before']> = []
  readonly after: Mutable<Pipeline['after']> = []
  readonly teardown: Mutable<Pipeline['teardown']> = []
  readonly afterResponse: Mutable<Pipeline['afterResponse']> = []
  readonly teardownAppContext: ((error: Error | undefined, ctx: Context | undefined) => unknown)[] = []
  readonly errorHandlers = new ErrorHandlers()
  /** What flaskoa's own controllers check once the plan is made. */
  readonly checks: ((plan: object) => void)[] = []
  /** The hooks that run for some routes only. */
  readonly filters = new Map<Method, RouteFilter>()
  /** What decorators of the package's subpaths have recorded. */
  readonly additions: Addition[] = []
  /** What before methods declare for the OpenAPI document, each with its `Class.method`. */
  readonly guards: { readonly name: string; readonly call: Method; readonly options: GuardOptions }[] = []
}

/** A method with a decorator of one of the package's subpaths, such as `@ContextProcessor`. */
export interface Addition {
  readonly key: symbol
  readonly value: unknown
  /** Bound, and named `Class.method`. */
  readonly call: Method
}

/** A method with `@Command`. */
export interface CommandMethod {
  /** After the name of its blueprint, if it has one, and a space: `users import`. */
  readonly name: string
  readonly options: CommandOptions
  readonly call: Method
}

/** A method and one of its rules. */
export interface View {
  readonly rule: string
  readonly options: DeclaredRoute
  /** As written in the source, for instance `@Get`. */
  readonly decorator: string
  /** The HTTP method of the decorator; `undefined` for `@Route`. */
  readonly verb: string | undefined
  /** The method's own name, the last part of its endpoint. */
  readonly method: string
  /** The method itself, bound to its instance and named `Class.method`. */
  readonly call: (...args: unknown[]) => unknown
}

/** What the controllers of an application have in common. */
export interface Make {
  readonly resolve: Resolve
  /** `undefined` if its methods are not watched. */
  readonly watch: Watch | undefined
  /** The hooks for the whole application. */
  readonly app: Hooks
  /** The name of the extension that the class belongs to. */
  readonly extension?: string
}

/** The decorated methods of one class: the hooks of its own scope, and its views. */
export interface Controller {
  readonly hooks: Hooks
  readonly views: View[]
  readonly commands: CommandMethod[]
}

/**
 * Makes the class's instance and reads its decorated methods: hooks for the whole application into `make.app`, all others
 * into `own`.
 *
 * @param mayBeBare whether the class may have no decorated methods, because it has blueprints
 */
export function readController(
  controller: Class,
  { resolve, watch, app, extension }: Make,
  own: Hooks,
  mayBeBare: boolean,
): Controller {
  const read: Controller = { hooks: own, views: [], commands: [] }
  const entries = decoratedMethods(controller, mayBeBare)
  const instance = instantiate(controller, resolve)
  const check = checkOf(controller)
  if (check !== undefined) app.checks.push(check)
  for (const entry of entries) {
    const call = bind(controller, instance, entry, extension)
    addEntry(entry, watched(call, entry.fact, watch), app, read)
  }
  return read
}

/** An addition is called by what its subpath does, a filter of templates for each value: it is no stage of a request. */
const watched = (call: Method, { kind }: Fact, watch: Watch | undefined): Method =>
  watch === undefined || kind === 'addition' ? call : watch(call, STAGES[kind])

/** Adds one decorated method to the list that it belongs to. */
function addEntry({ decorator, fact, method }: Entry, call: Method, app: Hooks, own: Controller): void {
  if (fact.kind === 'route') {
    const { rule, options, verb } = fact
    own.views.push({ rule, options, decorator, verb, method: methodName(method), call: call as View['call'] })
    return
  }
  if (fact.kind === 'command') {
    own.commands.push({ name: fact.name, options: fact.options, call })
    return
  }
  const hooks = !('appWide' in fact) || fact.appWide ? app : own.hooks
  if (fact.kind === 'addition') hooks.additions.push({ key: fact.key, value: fact.value, call })
  else if (fact.kind === 'error') hooks.errorHandlers.set(fact.key, call as ErrorHandler, decorator)
  else (hooks[fact.kind] as unknown[]).push(call)
  if ('options' in fact) addOptions(fact.kind, fact.options, call, `${call.name}: ${decorator}`, hooks)
}

/** The options of a hook, for which `where` names the method and its decorator. */
function addOptions(kind: HookFact['kind'], options: HookOptions, call: Method, where: string, hooks: Hooks): void {
  if (kind === 'before') {
    checkGuardOptions(options, where)
    hooks.guards.push({ name: call.name, call, options })
  } else checkHookOptions(options, where)
  const { only, except } = options
  if (only !== undefined || except !== undefined) hooks.filters.set(call, new RouteFilter(options, where))
}

const STAGES: Readonly<Record<Exclude<Fact['kind'], 'addition'>, MethodStage>> = {
  beforeFirst: 'beforeFirst',
  preprocessors: 'preprocessor',
  before: 'before',
  route: 'view',
  error: 'errorHandler',
  after: 'after',
  teardown: 'teardown',
  teardownAppContext: 'teardownAppContext',
  afterResponse: 'afterResponse',
  onStart: 'onStart',
  onShutdown: 'onShutdown',
  urlDefaults: 'urlDefaults',
  urlBuildErrors: 'urlBuildError',
  command: 'command',
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

function decoratedMethods(controller: Class, mayBeBare: boolean): Entry[] {
  const entries = entriesOf(controller)
  const label = className(controller)
  if (entries.length === 0 && !mayBeBare) {
    throw new SetupError(
      'NO_DECORATORS',
      `${label} has no decorated method: decorate one, for instance with @Route('/').`,
    )
  }
  for (const { decorator, method, placement } of entries) {
    if (placement === 'method') continue
    throw new SetupError(
      'NOT_A_METHOD',
      `${placement === 'class' ? label : `${label}.${methodName(method)}`}: ${decorator} is on ${PLACES[placement]}. ` +
        'Only instance methods can run for a request: decorate one instead.',
    )
  }
  return entries
}

function bind(controller: Class, instance: object, { decorator, method, fact }: Entry, extension?: string): Method {
  const own = `${className(controller)}.${methodName(method)}`
  const label = extension === undefined ? own : `${own} (extension ${extension})`
  const found = (instance as Record<Entry['method'], unknown>)[method]
  if (typeof found !== 'function') {
    throw new SetupError(
      'NOT_A_METHOD',
      `${label}: ${decorator} is on a method, but the instance has ${describe(found)} in its place. ` +
        'Rename the field of that name, or check what the option resolve returns.',
    )
  }
  refuseGenerator(found, fact, `${label}: ${decorator}`)
  return Object.defineProperty(found.bind(instance) as () => unknown, 'name', { value: label })
}

const methodName = (method: Entry['method']) =>
  typeof method === 'symbol' ? (method.description ?? '') : String(method)
