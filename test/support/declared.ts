import { Get, Post } from 'flaskoa'

/** A decorator of any view: what these tests return is not always what the declaration allows. */
type AnyView = (value: (...args: never[]) => unknown, context: ClassMethodDecoratorContext) => void

/** `@Get` with the option `response`. */
export const GetAs = (rule: string, response: unknown) => Get(rule as '/', { response } as object) as unknown as AnyView

/** `@Post` with the option `response`. */
export const PostAs = (rule: string, response: unknown) =>
  Post(rule as '/', { response } as object) as unknown as AnyView
