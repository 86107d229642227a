export { config, type Configuration } from './config'
export type { ConfigOptions } from './options'
