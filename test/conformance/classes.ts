import createError from 'http-errors'
import * as flaskoa from 'flaskoa'
import { HttpError, type BlueprintOptions } from 'flaskoa'
import { allScopes, type Key, type Method, type Program, type Scope } from './program'

export type Dialect = 'standard' | 'legacy'
type Class = new () => object
type Run = (scope: Scope, method: Method) => (...args: unknown[]) => unknown
/** A decorator as the compiled code of either dialect calls it. */
type Decorate = (...args: unknown[]) => unknown

export class Base extends Error {}
export class Derived extends Base {}
// http-errors' classes are reached by their code; its types don't say so.
const standardErrors = createError as unknown as Readonly<Record<number, new (message?: string) => Error>>
export class Missing extends (standardErrors[404] as new (message?: string) => Error) {
  constructor(message: string) {
    super(message)
    // The constructors of http-errors give an object of their own class, whatever class is made.
    Object.setPrototypeOf(this, Missing.prototype)
  }
}

const classes = { Base, Derived, Missing, TypeError, Exception: Error, HTTPException: HttpError }
const errorKey = (key: Key) => (typeof key === 'number' ? key : classes[key])

/** The classes of a program, decorated by calling the decorators as compiled code of `dialect` does. */
export function controllersOf(program: Program, dialect: Dialect, run: Run) {
  const made = new Map<Scope, Class>()
  for (const scope of allScopes(program.app).reverse()) {
    const cls = controller(scope, dialect, run)
    const blueprints = scope.blueprints.map(nested => made.get(nested) as Class)
    if (scope !== program.app) decorateClass(cls, dialect, scope.prefix, { name: scope.name, blueprints })
    made.set(scope, cls)
  }
  return {
    app: made.get(program.app) as Class,
    blueprints: program.app.blueprints.map(scope => made.get(scope) as Class),
  }
}

function controller(scope: Scope, dialect: Dialect, run: Run): Class {
  const cls = { [scope.name]: class {} }[scope.name] as Class
  const prototype = cls.prototype as Record<string, unknown>
  const metadata = {}
  Object.defineProperty(cls, Symbol.metadata, { value: metadata })
  for (const method of scope.methods) {
    const value = run(scope, method)
    Object.defineProperty(prototype, method.name, { value, configurable: true, writable: true })
    const context = { kind: 'method', name: method.name, static: false, private: false, metadata }
    const descriptor = Object.getOwnPropertyDescriptor(prototype, method.name)
    for (const decorate of decoratorsOf(method)) {
      if (dialect === 'standard') decorate(value, context)
      else decorate(prototype, method.name, descriptor)
    }
  }
  return cls
}

function decorateClass(cls: Class, dialect: Dialect, prefix: string, options: BlueprintOptions): void {
  const decorate = (flaskoa.Blueprint as Decorate)(prefix, options) as Decorate
  if (dialect === 'legacy') decorate(cls)
  else decorate(cls, { kind: 'class', name: cls.name, metadata: cls[Symbol.metadata] })
}

/** In the order in which they run: the last one written, the first. */
function decoratorsOf({ kind, appWide, key, routes = [] }: Method): Decorate[] {
  switch (kind) {
    case 'first':
      return [flaskoa.BeforeFirstRequest]
    case 'preprocess':
      return [flaskoa.UrlValuePreprocessor]
    case 'before':
      return [(appWide ? flaskoa.BeforeAppRequest : flaskoa.BeforeRequest) as Decorate]
    case 'after':
      return [appWide ? flaskoa.AfterAppRequest : flaskoa.AfterRequest]
    case 'teardown':
      return [appWide ? flaskoa.TeardownAppRequest : flaskoa.TeardownRequest]
    case 'error':
      return [
        (appWide ? flaskoa.AppErrorHandler : flaskoa.ErrorHandler)(
          errorKey(key as Key) as number,
        ) as unknown as Decorate,
      ]
    case 'view':
      return routes.map(({ rule, methods, strictSlashes, automaticOptions, defaults }) => {
        const options = automaticOptions ? {} : { provideAutomaticOptions: false }
        return flaskoa.Route(rule as '/', { methods, strictSlashes, defaults, ...options }) as unknown as Decorate
      })
  }
}
