import { Get, Post } from 'flaskoa'

// `any`: the arguments differ between the dialects, and what these views return is not always what their declaration allows.
type AnyView = (...args: any[]) => void

/** `@Get` with any options. */
export const GetWith = (rule: string, options: object) => Get(rule as '/', options) as unknown as AnyView

/** `@Get` with the option `response`. */
export const GetAs = (rule: string, response: unknown) => GetWith(rule, { response })

/** `@Post` with the option `response`. */
export const PostAs = (rule: string, response: unknown) =>
  Post(rule as '/', { response } as object) as unknown as AnyView

/** `@Post` with options for input. */
export const post = (rule: string, options: object): ((...args: unknown[]) => void) =>
  Post(rule as '/', options as never) as (...args: unknown[]) => void
