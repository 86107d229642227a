// `instanceof` alone would have Node load all of fetch, or of web streams, for values that are neither.

/** Whether a value is a WHATWG Response. */
export const isFetchResponse = (value: unknown): value is globalThis.Response =>
  has(value, 'bodyUsed') && value instanceof globalThis.Response

export const isWebStream = (value: unknown): value is ReadableStream =>
  has(value, 'getReader') && value instanceof ReadableStream

/** Whether a body may be a web stream or a WHATWG Response. */
export const mayBeWebBody = (value: unknown): boolean => has(value, 'getReader') || has(value, 'bodyUsed')

const has = (value: unknown, name: string): boolean => typeof value === 'object' && value !== null && name in value
