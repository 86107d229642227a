import { withParameters } from '../jinja/calls'
import type { Additions } from '../jinja/environment'
import type { Addition } from '../plan/controller'
import type { Plan } from '../plan/plan'
import { FILTER, GLOBAL, TEST, type TemplateFunctionFact } from './decorators'
import { TemplateFolders } from './extension'
import { Folders } from './folders'
import { flaskGlobals, hints } from './globals'
import type { TemplateEngine } from './options'
import { JinjaEngine } from './renderer'

/** What renders the templates of an application. */
export interface Renderer {
  readonly engine: TemplateEngine
  /** Names that an engine of the user's own does not know by itself. */
  readonly globals: Readonly<Record<string, unknown>>
}

/** By plan: an extension may be used by several applications, whose methods differ. */
const renderers = new WeakMap<Plan, Renderer>()

/** What renders the templates of an application. @throws Error without the extension */
export function rendererOf(plan: Plan, what: string): Renderer {
  const known = renderers.get(plan)
  if (known !== undefined) return known
  const made = makeRenderer(plan, what)
  renderers.set(plan, made)
  return made
}

function makeRenderer(plan: Plan, what: string): Renderer {
  const all = plan.extensions.filter(each => each instanceof TemplateFolders)
  if (all.length === 0)
    throw new Error(
      `${what}: the application has no templates. Add the extension: bootstrap(App, { extensions: [templates('views')] }).`,
    )
  const inOrder = [
    ...all.filter(each => each.blueprint === undefined),
    ...all.filter(each => each.blueprint !== undefined),
  ]
  const settings = inOrder.map(each => each.settings)
  const globals = {
    ...flaskGlobals,
    ...Object.assign({}, ...plan.extensions.map(each => each.templateGlobals)),
    ...Object.assign({}, ...settings.map(each => each.globals).reverse()),
    ...named(plan.additions, GLOBAL),
  } as Record<string, unknown>
  const own = settings.find(each => each.engine !== undefined)?.engine
  if (own !== undefined) return { engine: own, globals }
  const additions: Additions = {
    hints,
    globals,
    filters: {
      ...Object.assign({}, ...settings.map(each => each.filters).reverse()),
      ...named(plan.additions, FILTER),
    } as Additions['filters'],
    tests: {
      ...Object.assign({}, ...settings.map(each => each.tests).reverse()),
      ...named(plan.additions, TEST),
    } as Additions['tests'],
  }
  const folders = new Folders(inOrder.flatMap(each => each.folders))
  return {
    engine: new JinjaEngine(
      folders,
      additions,
      inOrder.some(each => each.isDebug),
    ),
    globals: {},
  }
}

/** The methods that a decorator has recorded, by the name that it gives, or else by their own. */
function named(additions: readonly Addition[], key: symbol): Readonly<Record<string, unknown>> {
  const methods = additions.filter(addition => addition.key === key)
  return Object.fromEntries(
    methods.map(({ value, call }) => {
      const { name, names } = (value ?? {}) as Partial<TemplateFunctionFact>
      return [name ?? call.name.replace(/^.*\./, ''), names === undefined ? call : withParameters(names, call)]
    }),
  )
}
