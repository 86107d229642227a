import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { SetupError } from '../errors/setup-error'

/** A file of the page: its bytes, type and entity tag. */
export interface Asset {
  readonly bytes: Buffer
  readonly type: string
  readonly etag: string
}

/** Starts Swagger UI. A file of its own, since the page's policy allows no script in the page. */
const START = `const node = document.getElementById('swagger-ui')
SwaggerUIBundle({
  url: new URL(node.dataset.document, location.href).href,
  domNode: node,
  deepLinking: true,
  displayOperationId: true,
  presets: [SwaggerUIBundle.presets.apis],
  layout: 'BaseLayout',
  validatorUrl: null,
})
`

/** The files of swagger-ui-dist that the page needs, with their types. No other file of it can be had. */
const FILES: Readonly<Record<string, string>> = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'index.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  'favicon-32x32.png': 'image/png',
}

/** The names of all assets. */
export const ASSETS: readonly string[] = [...Object.keys(FILES), 'start.js']

/** The package swagger-ui-dist, an optional peer. Nothing of it is read before it is asked for. */
export class SwaggerUi {
  readonly #directory: string
  readonly #assets = new Map<string, Promise<Asset>>()

  /** @throws SetupError if it is not installed */
  constructor() {
    try {
      this.#directory = dirname(createRequire(__filename).resolve('swagger-ui-dist/package.json'))
    } catch (cause) {
      throw new SetupError(
        'BAD_OPTION',
        'openapiBlueprint: the page /docs is that of Swagger UI, which is not installed. Run npm i swagger-ui-dist, or leave the ' +
          'page out with { docs: false }.',
        { cause },
      )
    }
  }

  /** @param name one of `ASSETS` */
  asset(name: string): Promise<Asset> {
    const known = this.#assets.get(name) ?? this.#load(name)
    this.#assets.set(name, known)
    return known
  }

  async #load(name: string): Promise<Asset> {
    const type = FILES[name]
    if (type === undefined) return assetOf(Buffer.from(START), 'text/javascript; charset=utf-8')
    return assetOf(await readFile(join(this.#directory, name)), type)
  }
}

export const assetOf = (bytes: Buffer, type: string): Asset => ({
  bytes,
  type,
  etag: `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 27)}"`,
})
