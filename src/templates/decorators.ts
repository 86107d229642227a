import { badCall } from '../decorators/bad-call'
import { hook, record } from '../decorators/record'
import type { CheckedMethodDecorator, HookDecorator } from '../decorators/types'
import { isPlain } from '../jinja/dictionaries'
import type { Context } from '../types'
import { areNames } from './template-function'

/** Under what the decorated methods are recorded. */
export const CONTEXT_PROCESSOR = Symbol('flaskoa:contextProcessor')
export const FILTER = Symbol('flaskoa:templateFilter')
export const TEST = Symbol('flaskoa:templateTest')
export const GLOBAL = Symbol('flaskoa:templateGlobal')

/** The method gets `(ctx)`, which is `undefined` in `withAppContext`, and returns names for the template. */
export type ContextProcessorDecorator = HookDecorator<
  [ctx: Context | undefined],
  object,
  'a context processor must return an object with names for the template'
>

/** The method gets what the template passes: for a filter or a test, the value first. Named arguments come last, as one object. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- only the template knows what it passes
export type TemplateFunctionMethodDecorator = CheckedMethodDecorator<any[]>

/** The options of `@TemplateFilter`, `@TemplateTest` and `@TemplateGlobal`. */
export interface TemplateFunctionOptions {
  /**
   * The names of all parameters of the method, in their order. A template may then pass each by its place or by its name, and the method
   * gets each at its place. Without them, those by name come last, as one object.
   */
  readonly names?: readonly string[] | undefined
}

/** `@TemplateFilter`, with a name of the method's own or another one. */
export interface TemplateFunctionDecorator extends TemplateFunctionMethodDecorator {
  (): TemplateFunctionMethodDecorator
  // eslint-disable-next-line @typescript-eslint/unified-signatures -- with an optional object, a field would fit
  (options: TemplateFunctionOptions): TemplateFunctionMethodDecorator
  // eslint-disable-next-line @typescript-eslint/unified-signatures -- the same
  (name: string, options?: TemplateFunctionOptions): TemplateFunctionMethodDecorator
}

/** What is recorded of such a decorator. */
export interface TemplateFunctionFact {
  /** `undefined`: that of the method. */
  readonly name: string | undefined
  readonly names: readonly string[] | undefined
}

/**
 * Adds names to the context of each template that is rendered: the application's for all, a blueprint's for its own routes.
 * Values that `renderTemplate` gets win.
 */
export const ContextProcessor: ContextProcessorDecorator = hook('@ContextProcessor', {
  kind: 'addition',
  key: CONTEXT_PROCESSOR,
  value: undefined,
  appWide: false,
  mayGenerate: false,
})

/** In a blueprint: `@ContextProcessor` for every template of the application. */
export const AppContextProcessor: ContextProcessorDecorator = hook('@AppContextProcessor', {
  kind: 'addition',
  key: CONTEXT_PROCESSOR,
  value: undefined,
  appWide: true,
  mayGenerate: false,
})

/** A filter for all templates of the application: `{{ price|money }}`. */
export const TemplateFilter = named('@TemplateFilter', FILTER)

/** A test for all templates of the application: `{% if user is admin %}`. */
export const TemplateTest = named('@TemplateTest', TEST)

/** A function for all templates of the application. */
export const TemplateGlobal = named('@TemplateGlobal', GLOBAL)

/** `undefined` for a decorator without arguments of its own. */
function factOf(given: readonly unknown[]): TemplateFunctionFact | undefined {
  const [first, second] = given
  if (given.length === 1 && isPlain(first)) return { name: undefined, names: namesOf(first) }
  if (given.length === 1 && typeof first !== 'function') return { name: first as string, names: undefined }
  if (given.length !== 2 || typeof first !== 'string') return undefined
  return { name: first, names: isPlain(second) ? namesOf(second) : NOT_NAMES }
}

/** What is refused as a list of names. */
const NOT_NAMES = [''] as const

/** An option that does not exist would have no effect. */
function namesOf(options: Readonly<Record<string, unknown>>): readonly string[] | undefined {
  const isKnown = Object.keys(options).every(option => option === 'names')
  return isKnown ? (options.names as readonly string[] | undefined) : NOT_NAMES
}

function named(decorator: string, key: symbol): TemplateFunctionDecorator {
  // Templates iterate over what filters and functions return.
  const addition = { kind: 'addition', key, appWide: true, mayGenerate: key !== TEST } as const
  const bare = hook<(...given: unknown[]) => unknown>(decorator, { ...addition, value: undefined })
  return ((...given: unknown[]) => {
    const fact = factOf(given)
    if (fact === undefined) return bare(...given)
    const { name, names } = fact
    if (name !== undefined && !areNames([name]))
      throw badCall(decorator, 'a name that templates can write', `${decorator}('money')`)
    if (names !== undefined && !areNames(names))
      throw badCall(
        decorator,
        'the names of the parameters, each once',
        `${decorator}({ names: ['cents', 'currency'] })`,
      )
    return record(decorator, { ...addition, value: fact })
  }) as TemplateFunctionDecorator
}
