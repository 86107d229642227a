/** The property of a function that stands in for another: the function that it calls. */
export const ORIGINAL = Symbol('flaskoa:original')

type Wrapper = ((...args: never[]) => unknown) & { readonly [ORIGINAL]?: Wrapper }

/** The function behind all that stand in for it. */
export function originalOf(fn: Wrapper): (...args: never[]) => unknown {
  const { [ORIGINAL]: original } = fn
  return original === undefined ? fn : originalOf(original)
}
