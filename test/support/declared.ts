import { Post } from 'flaskoa'

/** `@Post` with options for input. */
export const post = (rule: string, options: object): ((...args: unknown[]) => void) =>
  Post(rule as '/', options as never) as (...args: unknown[]) => void
