export { openapi, type OpenApiDocument } from './document'
export { openapiBlueprint, type OpenApiBlueprintOptions } from './blueprint'
export type { OpenApiInfo, OpenApiOptions } from './options'
