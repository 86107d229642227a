export { sendFile, sendFromDirectory } from './send-file'
export type { SendFileOptions } from './send-options'
export { staticFiles } from './static-files'
export type { StaticOptions } from './static-options'
