/** On a function that stands for another one: that function. */
export const ORIGINAL = Symbol('flaskoa:original')

type Method = (...args: never[]) => unknown

/** The user's own function behind those that stand for it. */
export function originalOf(fn: Method): Method {
  const { [ORIGINAL]: original } = fn as Method & { readonly [ORIGINAL]?: Method }
  return original === undefined ? fn : originalOf(original)
}
