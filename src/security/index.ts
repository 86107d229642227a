export { csrf, csrfToken } from './csrf'
export type { CsrfOptions } from './csrf-options'
export { checkPasswordHash, generatePasswordHash } from './password-hash'
export { secureFilename } from './secure-filename'
