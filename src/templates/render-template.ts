import { describe } from '../errors/describe'
import type { AppContext } from '../request/app-context'
import { additionsOf } from '../request/additions'
import { currentAppContext } from '../request/current'
import { isRecord } from '../util/is-record'
import { isThenable, sync } from '../util/thenable'
import { CONTEXT_PROCESSOR } from './decorators'
import { rendererOf } from './renderers'
import type { TemplateEngine } from './options'
import { JinjaEngine } from './renderer'

type Values = Readonly<Record<string, unknown>>

const PROCESSOR_IS_SYNC = 'a template cannot wait. Compute the values in a before method, and keep them in g.'

/**
 * Renders a template: `return renderTemplate('blog/index.html', { posts })`.
 *
 * @param name below a folder of templates; of a list, the first that exists is rendered
 * @param values what the template sees, besides `g`, `request`, `session`, `url_for` and what context processors add
 * @returns the text. Of an engine of your own, what it returns, for instance a promise
 * @throws TemplateError for a mistake in the template, TemplateNotFound if there is none, and what its functions throw; an Error
 *   outside of a request and of `withAppContext`
 */
export function renderTemplate<Result extends string | PromiseLike<string> = string>(
  name: string | readonly string[],
  values: object = {},
): Result {
  const context = currentAppContext('renderTemplate()')
  const names = checkedNames(name)
  const { engine, globals } = rendererOf(context.plan, 'renderTemplate()')
  const seen = contextOf(context, checkedValues(values, 'renderTemplate(name, values)'))
  const found = chosen(names, engine)
  return announced(context, found, seen, engine.render(found, { ...globals, ...seen }) as Result)
}

/**
 * Renders a template that is given as a text, in which texts are escaped. Never put what a client has sent into the source: pass it as
 * a value.
 *
 * @throws as `renderTemplate`, and a TypeError if an engine of your own has no `renderString`
 */
export function renderTemplateString<Result extends string | PromiseLike<string> = string>(
  source: string,
  values: object = {},
): Result {
  const context = currentAppContext('renderTemplateString()')
  if (typeof (source as unknown) !== 'string')
    throw new TypeError(`renderTemplateString(source): the source must be a text, not ${describe(source)}`)
  const { engine, globals } = rendererOf(context.plan, 'renderTemplateString()')
  if (engine.renderString === undefined)
    throw new TypeError(
      'renderTemplateString(): the engine of the option engine has no method renderString(source, context)',
    )
  const seen = contextOf(context, checkedValues(values, 'renderTemplateString(source, values)'))
  return announced(context, undefined, seen, engine.renderString(source, { ...globals, ...seen }) as Result)
}

/** Emits `templateRendered`, for an engine that waits when it has rendered. */
function announced<Result>(context: AppContext, name: string | undefined, values: Values, result: Result): Result {
  const announce = <T>(text: T): T => {
    context.emit('templateRendered', name, values)
    return text
  }
  return isThenable(result) ? (result.then(announce) as Result) : announce(result)
}

/** What context processors return, under the values of the view: the application's first, the innermost blueprint's last. */
function contextOf(context: AppContext, values: Values): Values {
  const seen: Record<string, unknown> = {}
  for (const { call } of additionsOf(context, CONTEXT_PROCESSOR)) {
    const added = sync((call as (ctx: unknown) => unknown)(context.ctx), call.name, PROCESSOR_IS_SYNC)
    if (!isRecord(added))
      throw new TypeError(`${call.name}: a context processor must return an object, not ${describe(added)}`)
    Object.assign(seen, added)
  }
  return Object.assign(seen, values)
}

function checkedValues(values: object, where: string): Values {
  if (isRecord(values)) return values
  throw new TypeError(`${where}: the values must be an object, not ${describe(values)}`)
}

/** The first template that exists; if none does, or an engine of the user's own can't tell, the first. */
function chosen([first, ...others]: Names, engine: TemplateEngine): string {
  const isKnown = others.length === 0 || !(engine instanceof JinjaEngine) || engine.has(first)
  return isKnown ? first : (others.find(each => engine.has(each)) ?? first)
}

type Names = readonly [string, ...string[]]

function checkedNames(name: unknown): Names {
  const names: unknown[] = [name].flat()
  if (names.length > 0 && names.every(each => typeof each === 'string')) return names as unknown as Names
  throw new TypeError(`renderTemplate(name): the name must be a text, or a list of texts, not ${describe(name)}`)
}
