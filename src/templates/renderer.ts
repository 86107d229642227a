import { compile } from '../jinja/compile'
import { Environment, type Additions } from '../jinja/environment'
import type { Template } from '../jinja/scope'
import { renderTemplate } from '../jinja/template'
import { textOf, type Folders } from './folders'
import type { TemplateEngine } from './options'

/** The kinds of files whose texts are escaped, as in Flask. */
const ESCAPED = /\.(?:html|htm|xml|xhtml|svg)$/

/** Renders templates of Jinja, which are compiled once. */
export class JinjaEngine implements TemplateEngine {
  readonly #folders: Folders
  readonly #environment: Environment
  readonly #compiled = new Map<string, { readonly template: Template; readonly version: string }>()
  readonly #isReloaded: boolean

  /** @param isReloaded whether a template is read again when its file has changed */
  constructor(folders: Folders, additions: Additions, isReloaded: boolean) {
    this.#folders = folders
    this.#environment = new Environment(
      additions,
      name => this.#find(name),
      name => folders.notFound(name),
    )
    this.#isReloaded = isReloaded
  }

  render(name: string, context: Readonly<Record<string, unknown>>): string {
    return renderTemplate(this.#environment, this.#environment.load(name), context)
  }

  renderString(source: string, context: Readonly<Record<string, unknown>>): string {
    const template = compile({ name: '<template>', file: undefined, source }, true)
    return renderTemplate(this.#environment, template, context)
  }

  /** Whether there is such a template, for a list of names. */
  has(name: string): boolean {
    return this.#find(name) !== undefined
  }

  #find(name: string): Template | undefined {
    const known = this.#compiled.get(name)
    if (known !== undefined && !this.#isReloaded) return known.template
    const file = this.#folders.find(name)
    if (file === undefined) return undefined
    if (known?.version === file.version && known.template.file === file.path) return known.template
    const template = compile({ name, file: file.path, source: textOf(file) }, ESCAPED.test(name))
    this.#compiled.set(name, { template, version: file.version })
    return template
  }
}
