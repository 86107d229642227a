/**
 * The regular expression of a pattern. JSON Schema wants one of Unicode, but libraries write those of their users as they are,
 * and `[\w-.]` is none.
 */
export function patternOf(source: string): RegExp {
  try {
    return new RegExp(source, 'u')
  } catch {
    return new RegExp(source)
  }
}
