import { decorate } from '../decorators/decorate'
import { Blueprint, Get } from '../decorators/decorators'
import type { Class } from '../decorators/types'
import { REQUEST } from '../lifecycle/request-key'
import { BUILT_IN } from '../plan/instance'
import type { Plan } from '../plan/plan'
import type { RequestContext } from '../request/request-context'
import type { Context, KoaResponse } from '../types'
import { documentOf } from './document'
import { checkBlueprintOptions, type OpenApiOptions } from './options'
import { pageOf, policyOf, relativeUrl } from './page'
import { routesOf } from './route'
import { checkSecurity } from './security'
import { assetOf, ASSETS, SwaggerUi, type Asset } from './swagger-ui'

/** The options of `openapiBlueprint`. */
export interface OpenApiBlueprintOptions extends OpenApiOptions {
  /** The name of the blueprint, the first part of its endpoints. Default `'openapi'`. */
  name?: string | undefined
  /** The beginning of its paths. Default: none. */
  prefix?: string | undefined
  /** The path of the document. Default `'/openapi.json'`. */
  document?: string | undefined
  /** The path of the page; `false`: no page. Default `'/docs'`. */
  docs?: string | false | undefined
}

/** The options of the blueprint that a plan has. */
const described = new WeakMap<object, OpenApiOptions>()

/** What the blueprint of an application says of it; `undefined` for one without such a blueprint. */
export const blueprintOptionsOf = (plan: Plan): OpenApiOptions | undefined => described.get(plan)

/**
 * Makes a blueprint that serves the OpenAPI document of its application, and a page to read and try it.
 *
 * @example bootstrap(App, { blueprints: [openapiBlueprint({ info: { title: 'Shop', version: '1' } })] })
 * @throws SetupError for wrong options, and if there is to be a page but swagger-ui-dist is not installed
 */
export function openapiBlueprint(options: OpenApiBlueprintOptions): Class {
  checkBlueprintOptions(options)
  const { name = 'openapi', prefix = '', document = '/openapi.json', docs = '/docs', ...about } = options
  const documents = decorate(documentClass(about), { document: Get(document, { doc: false }) })
  Blueprint(prefix, { name })(documents)
  if (docs === false) return documents
  const pages = pageClass(documents, about, docs, document)
  const assets = `${docs.replace(/\/$/, '')}/<any(${ASSETS.map(each => `'${each}'`).join()}):name>`
  return decorate(pages, { docs: Get(docs, { doc: false }), asset: Get(assets, { doc: false }) })
}

/** The controller with the document alone. */
function documentClass(about: OpenApiOptions) {
  return class OpenApi {
    static readonly [BUILT_IN] = (plan: object) => {
      described.set(plan, about)
      checkSecurity(routesOf(plan as Plan), about)
    }
    /** By what koa-mount has taken off the path. A lifecycle is mounted at few paths, most often at none. */
    readonly #documents = new Map<string, Asset>()

    document(ctx: Context): KoaResponse {
      const { runtime, mountPath } = (ctx as unknown as { readonly [REQUEST]: RequestContext })[REQUEST]
      const known = this.#documents.get(mountPath)
      if (known !== undefined) return send(ctx, known)
      const servers = about.servers ?? (mountPath === '' ? undefined : [{ url: mountPath }])
      const text = JSON.stringify(documentOf([runtime.plan], { ...about, ...(servers !== undefined && { servers }) }))
      const made = assetOf(Buffer.from(text), 'application/json; charset=utf-8')
      this.#documents.set(mountPath, made)
      return send(ctx, made)
    }
  }
}

/** The same controller with the page. */
function pageClass(documents: ReturnType<typeof documentClass>, about: OpenApiOptions, docs: string, document: string) {
  const swaggerUi = new SwaggerUi()
  const assets = relativeUrl(docs, docs.replace(/\/$/, '') || '/').replace(/\/$/, '')
  const html = pageOf(about.info.title, relativeUrl(docs, document), assets)
  const page = assetOf(Buffer.from(html), 'text/html; charset=utf-8')
  const policy = policyOf(about)
  return class OpenApi extends documents {
    docs(ctx: Context): KoaResponse {
      ctx.set('Content-Security-Policy', policy)
      ctx.set('Referrer-Policy', 'no-referrer')
      return send(ctx, page)
    }

    async asset({ name }: { name: string }, ctx: Context): Promise<KoaResponse> {
      return send(ctx, await swaggerUi.asset(name))
    }
  }
}

/** Clients keep it, and ask each time whether it has changed. */
function send(ctx: Context, { bytes, type, etag }: Asset): KoaResponse {
  ctx.status = 200
  ctx.set('ETag', etag)
  ctx.set('Cache-Control', 'no-cache')
  ctx.set('X-Content-Type-Options', 'nosniff')
  if (ctx.fresh) ctx.status = 304
  else {
    ctx.body = bytes
    ctx.set('Content-Type', type)
  }
  return ctx.response
}
