import { statSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import { decorate } from '../decorators/decorate'
import { Get, UrlDefaults } from '../decorators/decorators'
import type { DeclaredRoute } from '../decorators/route-options'
import { SetupError } from '../errors/setup-error'
import { abort } from '../functions/abort'
import type { Extension, ExtensionHost } from '../plan/extension'
import { missingFolder } from '../plan/entry-folder'
import type { PlannedRoute } from '../plan/planned-route'
import { currentAppContext } from '../request/current'
import type { RouteEntry } from '../routing/router'
import type { Context, Response } from '../types'
import { FileAnswer } from './file-answer'
import { OpenFile } from './open-file'
import { openEncoded, type EncodedFile } from './precompressed'
import { checkStaticOptions, type StaticOptions } from './static-options'
import { Versions } from './versions'

/**
 * Serves the files of a folder: `bootstrap(App, { extensions: [staticFiles('static')] })` answers `/static/style.css`, and
 * `urlFor('static', { filename: 'style.css' })` is that URL. All hooks of the application run for them.
 *
 * @param folder absolute, or relative to the application's folder, the option `root`
 * @throws SetupError for wrong options; at `bootstrap`, if there is no such folder
 */
export function staticFiles(folder: string, options: StaticOptions = {}): Extension {
  checkStaticOptions(folder, options)
  const { prefix = '/static', endpoint = 'static', versions = false } = options
  const route: DeclaredRoute = { endpoint, doc: false }
  // A class for each call: its rule is an option.
  class StaticFiles extends StaticFolder {}
  decorate(StaticFiles, { serve: Get(`${prefix}/<path:filename>`, route) })
  if (versions) decorate(StaticFiles, { addVersion: UrlDefaults })
  return new StaticFiles(folder, options, route)
}

const FOR_EVER = 'public, max-age=31536000, immutable'

class StaticFolder implements Extension {
  readonly name: string
  readonly blueprint: StaticOptions['blueprint']
  readonly #given: string
  readonly #options: StaticOptions
  readonly #route: DeclaredRoute
  #folder = ''
  #versions: Versions | undefined

  constructor(folder: string, options: StaticOptions, route: DeclaredRoute) {
    const { blueprint, endpoint = 'static' } = options
    this.name = blueprint === undefined ? endpoint : `${blueprint.name}.${endpoint}`
    this.blueprint = blueprint
    this.#given = folder
    this.#options = options
    this.#route = route
  }

  initApp({ root }: ExtensionHost): void {
    this.#folder = resolve(root, this.#given)
    if (statSync(this.#folder, { throwIfNoEntry: false })?.isDirectory() !== true)
      throw new SetupError('BAD_OPTION', missingFolder(`staticFiles('${this.#given}')`, this.#folder, root))
    if (this.#options.versions === true) this.#versions = new Versions(this.#folder)
  }

  async serve({ filename }: { filename: string }, ctx: Context): Promise<Response> {
    const answer = FileAnswer.begin('staticFiles')
    // Before the file is opened: one that is replaced meanwhile must not be kept for ever under the version of another.
    const version = this.#versions?.of(filename)
    const { file, encoding } = await this.#open(filename, ctx)
    if (file === undefined) return abort(404)
    const { maxAge, precompressed = false } = this.#options
    return answer.send(file, {
      name: basename(filename),
      encoding,
      maxAge,
      version,
      cacheControl: version !== undefined && version === ctx.query.v ? FOR_EVER : undefined,
      vary: precompressed ? 'Accept-Encoding' : undefined,
    })
  }

  /** Adds the version to a URL of these files. */
  addVersion(endpoint: string, values: Record<string, unknown>): void {
    const { plan } = currentAppContext('urlFor()')
    const [entry] = plan.endpoints.get(endpoint) as readonly [RouteEntry<PlannedRoute>]
    // Other endpoints may have values of the same name, also that of a nested blueprint's own files.
    if (entry.target.declared !== this.#route || values.v !== undefined) return
    const version = (this.#versions as Versions).of(String(values.filename))
    if (version !== undefined) values.v = version
  }

  async #open(filename: string, ctx: Context): Promise<Partial<EncodedFile>> {
    const encoded = this.#options.precompressed === true ? await openEncoded(this.#folder, filename, ctx) : undefined
    return encoded ?? { file: await OpenFile.openWithin(this.#folder, filename) }
  }
}
