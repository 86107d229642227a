import { g, redirect, urlFor } from 'flaskoa'

type View = (...args: never[]) => unknown

/** A view for users who are logged in: others are sent to the page where they can. */
export function LoginRequired<V extends View>(view: V, _context: ClassMethodDecoratorContext) {
  return function (this: unknown, ...args: never[]) {
    return g.user === undefined ? redirect(urlFor('auth.login')) : view.apply(this, args)
  } as V
}
