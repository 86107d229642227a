import { badCall } from '../decorators/bad-call'
import { hook, record } from '../decorators/record'
import type { CheckedMethodDecorator, HookDecorator } from '../decorators/types'
import type { Context } from '../types'

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

/** `@TemplateFilter`, with a name of the method's own or another one. */
export interface TemplateFunctionDecorator extends TemplateFunctionMethodDecorator {
  (): TemplateFunctionMethodDecorator
  // eslint-disable-next-line @typescript-eslint/unified-signatures -- with an optional name, a field would fit
  (name: string): TemplateFunctionMethodDecorator
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

function named(decorator: string, key: symbol): TemplateFunctionDecorator {
  // Templates iterate over what filters and functions return.
  const fact = { kind: 'addition', key, appWide: true, mayGenerate: key !== TEST } as const
  const bare = hook<(...given: unknown[]) => unknown>(decorator, { ...fact, value: undefined })
  return ((...given: unknown[]) => {
    const [name] = given
    if (given.length !== 1 || typeof name === 'function') return bare(...given)
    if (typeof name !== 'string' || !/^[\p{L}_][\p{L}\p{N}_]*$/u.test(name))
      throw badCall(decorator, 'a name that templates can write', `${decorator}('money')`)
    return record(decorator, { ...fact, value: name })
  }) as TemplateFunctionDecorator
}
