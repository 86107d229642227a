import type { Class } from '../decorators/types'
import { describe } from '../errors/describe'
import { SetupError } from '../errors/setup-error'
import { checkKinds, type OptionKinds } from '../plan/option-kinds'

type Functions = Readonly<Record<string, (...args: any[]) => unknown>>

/** Another template engine: an `Eta` of eta or an `Environment` of nunjucks is one. */
export interface TemplateEngine {
  /** Renders a template by its name. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- each engine has a type of its own for it
  render(name: string, context: any): unknown
  /** Renders a template that is given as a text. Without it, `renderTemplateString` throws an error. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- the same
  renderString?(source: string, context: any): unknown
}

/** The options of `templates`. */
export interface TemplatesOptions {
  /** Where the templates are, relative to the application's `root`; the first folder that has one wins. Default `'templates'`. */
  folders?: string | readonly string[] | undefined
  /** The blueprint that the folders belong to: they come after those of the application. */
  blueprint?: Class | undefined
  /**
   * Filters by name: they get the value and the filter's arguments. Named arguments come last, as one object, unless `templateFunction` gives
   * the parameters names.
   */
  filters?: Functions | undefined
  /** Tests by name, `{% if user is admin %}`. */
  tests?: Functions | undefined
  /** Values and functions that all templates see. */
  globals?: Readonly<Record<string, unknown>> | undefined
  /** Renders instead of the built-in Jinja. It has folders, filters and a cache of its own. */
  engine?: TemplateEngine | undefined
}

const OPTIONS: OptionKinds<TemplatesOptions> = {
  folders: 'anything',
  blueprint: 'function',
  filters: 'object',
  tests: 'object',
  globals: 'object',
  engine: 'object',
}

/** Throws a SetupError for an option that does not exist or is of the wrong type. */
export function checkTemplatesOptions(options: TemplatesOptions): void {
  checkKinds(options, OPTIONS, 'templates')
  const { folders = [], engine } = options
  const wrong = [folders].flat().find(folder => typeof (folder as unknown) !== 'string' || folder === '')
  if (wrong !== undefined) throw bad(`a folder must be a path, such as 'views', not ${describe(wrong)}`)
  for (const kind of ['filters', 'tests'] as const) {
    const found = Object.entries(options[kind] ?? {}).find(([, each]) => typeof each !== 'function')
    if (found !== undefined) throw bad(`${kind}.${found[0]} must be a function, not ${describe(found[1])}`)
  }
  if (engine === undefined) return
  if (typeof engine.render !== 'function') throw bad('the engine needs a method render(name, context)')
  const other = (['folders', 'filters', 'tests'] as const).find(name => options[name] !== undefined)
  if (other !== undefined)
    throw bad(`the option ${other} is for the built-in engine: give it to the engine of your own`)
}

const bad = (problem: string) => new SetupError('BAD_OPTION', `templates: ${problem}.`)
