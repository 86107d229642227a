import type { Fact } from './metadata'
import { SetupError } from '../errors/setup-error'

/** What a compiler calls for a decorated method, with the arguments of either dialect. */
export type Decorator = (target: unknown, at?: string | symbol | DecorationContext, descriptor?: unknown) => void

/** What compilers of the standard dialect pass to a decorator, for a method or anything else. */
export type DecorationContext = DecoratorContext & { readonly static?: boolean; readonly private?: boolean }

type Recorder = (decorator: string, fact: Fact) => Decorator

let recorder: Recorder | undefined

/** The rest of flaskoa says how decorators record. A browser has only the decorators, as values for a client. */
export function recordWith(given: Recorder): void {
  recorder = given
}

/** Makes a decorator that records `fact` once the rest of flaskoa has been loaded. */
export function recorded(decorator: string, fact: Fact): Decorator {
  return (...given) => {
    if (recorder === undefined) throw tooEarly(decorator)
    recorder(decorator, fact)(...given)
  }
}

const tooEarly = (decorator: string) =>
  new SetupError(
    'BAD_DECORATOR_CALL',
    `${decorator} of 'flaskoa/contract' decorates a method before 'flaskoa' has been loaded: import 'flaskoa' before the ` +
      'module that has the class.',
  )
