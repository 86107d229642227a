/** Where a line may end: at spaces, and behind the hyphen between two words. */
const CHUNKS = /(\s+)|(?<=[\p{L}\p{N}_][\p{L}_]-)(?=[\p{L}\p{N}_]+[\p{L}_])/u

/** The lines of a text as Python's `textwrap` makes them: spaces at the ends of lines are left out, unless a word is cut there. */
export function wrapped(text: string, width: number, breaksWords: boolean, breaksAtHyphens = true): string[] {
  const lines: string[] = []
  let line = ''
  const end = (given: string): void => {
    if (given.trim() !== '') lines.push(given)
    line = ''
  }
  for (const chunk of text.split(breaksAtHyphens ? CHUNKS : /(\s+)/).filter(Boolean)) {
    const isSpace = chunk.trim() === ''
    const isCut = breaksWords && chunk.length > width
    if (line.length + chunk.length > width && (isSpace || !isCut)) end(line.trimEnd())
    if (isSpace && line === '' && lines.length > 0) continue
    let rest = chunk
    while (breaksWords && line.length + rest.length > width) {
      const cut = placeToBreak(rest, width - line.length, breaksAtHyphens)
      end(line + rest.slice(0, cut))
      rest = rest.slice(cut)
    }
    line += rest
  }
  end(line.trimEnd())
  return lines
}

/** Behind a hyphen, if there is one. */
function placeToBreak(word: string, width: number, breaksAtHyphens: boolean): number {
  if (!breaksAtHyphens) return width
  const hyphen = word.lastIndexOf('-', width - 1)
  return hyphen > 0 && /[^-]/.test(word.slice(0, hyphen)) ? hyphen + 1 : width
}
