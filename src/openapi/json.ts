/** A JSON value of the document, or a part of it. */
export type Json = Record<string, unknown>

/** The object without the properties that are `undefined`. */
export const defined = <T extends Json>(value: T): T =>
  Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as T

/** `'users.create'` → `'UsersCreate'`; only characters that the name of a component may have */
export const pascalCase = (text: string): string =>
  text
    .split(/[^A-Za-z0-9]+/)
    .map(word => word.charAt(0).toUpperCase() + word.slice(1))
    .join('')
