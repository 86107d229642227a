import {
  BeforeRequest,
  bootstrap,
  type BootstrapOptions,
  type Class,
  type DeclaredRoute,
  type GuardOptions,
  type VerbOptions,
} from 'flaskoa'
import { openapi, type OpenApiDocument, type OpenApiOptions } from 'flaskoa/openapi'

export const info = { title: 'Shop', version: '1' }

/** The options of a route whose view is not called, so that its arguments and result don't matter. */
export const declared = (options: DeclaredRoute): VerbOptions => options

export const Guard = BeforeRequest as unknown as (options: GuardOptions) => (...args: any[]) => void

/** The document of an application that is made of one controller, or of blueprints. */
export function documentOf(
  controller: Class,
  options: BootstrapOptions = {},
  about: Partial<OpenApiOptions> = {},
): OpenApiDocument {
  return openapi(bootstrap(controller, options), { info, ...about })
}

/** One operation of a document. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- tests look into it
export function operation(document: OpenApiDocument, method: string, path: string): any {
  return document.paths[path]?.[method]
}
