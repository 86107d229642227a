import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Class } from '../decorators/types'
import { SetupError } from '../errors/setup-error'
import type { Extension, ExtensionHost } from '../plan/extension'
import { missingFolder } from '../plan/entry-folder'
import { isRecord } from '../util/is-record'
import { checkTemplatesOptions, type TemplatesOptions } from './options'

/** What `templates` makes: the templates of an application, or of one of its blueprints. */
export interface Templates extends Extension {
  readonly name: string
}

/** The extension itself. Rendering reads what it has found out. */
export class TemplateFolders implements Templates {
  readonly name: string
  readonly blueprint: Class | undefined
  /** The folders as absolute paths, once `init` was called. */
  folders: readonly string[] = []
  isDebug = false

  constructor(readonly settings: TemplatesOptions) {
    const { blueprint } = settings
    this.blueprint = blueprint
    this.name = blueprint === undefined ? 'templates' : `templates of ${blueprint.name}`
  }

  initApp({ root, isDebug }: ExtensionHost): void {
    this.isDebug = isDebug
    const { engine, folders = 'templates' } = this.settings
    this.folders = engine === undefined ? [folders].flat().map(folder => existing(folder, root)) : []
  }
}

function existing(given: string, root: string): string {
  const folder = resolve(root, given)
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return folder
  throw new SetupError('BAD_OPTION', missingFolder(`templates('${given}')`, folder, root))
}

/**
 * Templates for an application: `bootstrap(App, { extensions: [templates('views')] })`. `renderTemplate` then renders them, in
 * Jinja's language.
 *
 * @param given a folder, relative to the application's `root`, a list of them, or options. Default `'templates'`
 * @throws SetupError for wrong options, and from `bootstrap` for a folder that does not exist
 */
export function templates(given: string | readonly string[] | TemplatesOptions = {}): Templates {
  const settings = (isRecord(given) ? given : { folders: given }) as TemplatesOptions
  checkTemplatesOptions(settings)
  return new TemplateFolders(settings)
}
