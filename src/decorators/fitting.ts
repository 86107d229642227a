// What a decorator for methods is put on, and whether a method fits. When a check fails, the type of a parameter becomes a sentence
// that the compiler prints.

type NotStatic = 'only instance methods can be decorated, not static ones'
type NotPrivate = 'a #private method cannot be decorated: nothing outside the class can call it'
export type OnlyMethods = 'only methods can be decorated, not fields, accessors or classes'

/**
 * What the legacy dialect passes for a method: the prototype. For a static method it passes the class, which has a
 * `prototype`.
 */
export type LegacyTarget = object & { readonly prototype?: NotStatic }

/** What the standard dialect passes for a method: the needed part of `ClassMethodDecoratorContext`. */
export interface StandardContext {
  readonly kind: 'method' | OnlyMethods
  readonly name: string | symbol
  readonly static: false | NotStatic
  readonly private: false | NotPrivate
  readonly metadata: object | undefined
}

/**
 * `Method` when it fits, else the sentence that says what is wrong. A function *type*, since its parameters are
 * compared strictly.
 */
export type Fitting<Method, Args extends readonly unknown[], Result, Sentence> = Method extends (
  ...args: never
) => unknown
  ? Method extends ((...args: never) => infer _ extends Result) // `infer` sees that a `T extends object` fits
    ? Method & Taking<Args>
    : Sentence
  : OnlyMethods

/**
 * A method that can be called with these arguments. Not the function type alone: where a method is identical to it, as `() => unknown`
 * is, compilers infer nothing of `Method`.
 */
interface Taking<Args extends readonly unknown[]> {
  (...args: Args): unknown
  readonly '~taking'?: never
}

/** What compilers print. For compilers, a method that only throws returns `void`. */
export type Answers = 'text, bytes, a stream, a response, an object or an array'
