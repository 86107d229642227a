import { Post, type AnyMethodDecorator } from 'flaskoa'

/** `@Post` with options for input. */
export const post = (rule: string, options: object): AnyMethodDecorator =>
  Post(rule as '/', options as never) as unknown as AnyMethodDecorator
