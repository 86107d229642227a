/** ` Did you mean 'x'?`, for a name that is nearly one of those that are known. */
export function didYouMean(name: string, known: readonly string[]): string {
  const nearest = nearestTo(name, known, plain)
  return nearest !== undefined && isNearly(plain(name), plain(nearest)) ? ` Did you mean '${nearest}'?` : ''
}

/** Whether at most a third of the characters differ. */
export const isNearly = (a: string, b: string): boolean => distance(a, b) <= Math.max(a.length, b.length) / 3

/** Without capital letters and underscores: Python's `secret_key` is `secretKey` here. */
const plain = (name: string): string => name.toLowerCase().replace(/[^a-z\d]/g, '')

/** The name with the smallest edit distance. */
export function nearestTo(
  name: string,
  known: Iterable<string>,
  textOf: (name: string) => string = each => each,
): string | undefined {
  const [nearest] = [...known].sort((a, b) => distance(textOf(a), textOf(name)) - distance(textOf(b), textOf(name)))
  return nearest
}

/** The edit distance: how many characters must be added, removed or changed to turn one text into the other. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (const [i, letter] of [...a].entries()) {
    const above = row
    row = [i + 1]
    for (let j = 1; j <= b.length; j++) {
      const changed = (above[j - 1] as number) + (letter === b[j - 1] ? 0 : 1)
      row.push(Math.min(changed, (above[j] as number) + 1, (row[j - 1] as number) + 1))
    }
  }
  return row[b.length] as number
}
