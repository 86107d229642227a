/** A client decides how many problems there are: a text with all of them could be a hundred times its request. */
const MOST = 10

/** The first problems in one line, and how many more there are. */
export function problemText<P>(problems: readonly P[], textOf: (problem: P) => string): string {
  const first = problems.slice(0, MOST).map(textOf)
  const others = problems.length - first.length
  return [...first, ...(others > 0 ? [`and ${others} more`] : [])].join('; ')
}
