export { healthBlueprint } from './blueprint'
export type { HealthCheck } from './check'
export type { HealthBlueprintOptions } from './options'
