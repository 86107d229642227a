/** Patterns are those of schemas, and a request asks for the same ones again and again. */
const known = new Map<string, RegExp>()

/**
 * The regular expression of a pattern. JSON Schema wants one of Unicode, but libraries write those of their users as they are,
 * and `[\w-.]` is none.
 */
export function patternOf(source: string): RegExp {
  let pattern = known.get(source)
  if (pattern === undefined) known.set(source, (pattern = compiled(source)))
  return pattern
}

function compiled(source: string): RegExp {
  try {
    return new RegExp(source, 'u')
  } catch {
    return new RegExp(source)
  }
}
