/** One line of a difference: removed, added, or the heading of its block. */
export interface DiffLine {
  readonly sign: '-' | '+' | ' '
  readonly text: string
}

/** The blocks of lifecycle.lock by their headings. */
type Blocks = ReadonlyMap<string, readonly string[]>

/** What changed between two texts of `lifecycle.lock`, each line under the heading of its block. Empty if nothing did. */
export function lockDiff(before: string, after: string): DiffLine[] {
  const [old, current] = [blocksOf(before), blocksOf(after)]
  const headings = [...new Set([...old.keys(), ...current.keys()])]
  return headings.flatMap(heading => blockDiff(heading, old.get(heading), current.get(heading)))
}

/** Git may have written the file with other line ends. */
function blocksOf(text: string): Blocks {
  const blocks = text.replaceAll('\r\n', '\n').split(/\n{2,}/)
  return new Map(
    blocks.map(block => {
      const [heading, ...lines] = block.trimEnd().split('\n')
      return [heading as string, lines]
    }),
  )
}

function blockDiff(
  heading: string,
  old: readonly string[] | undefined,
  current: readonly string[] | undefined,
): DiffLine[] {
  if (old === undefined) return [heading, ...(current as string[])].map(text => ({ sign: '+', text }))
  if (current === undefined) return [heading, ...old].map(text => ({ sign: '-', text }))
  const changes = lineDiff(old, current)
  return changes.length === 0 ? [] : [{ sign: ' ', text: heading }, ...changes]
}

/** The lines that are not in the longest common subsequence. */
function lineDiff(old: readonly string[], current: readonly string[]): DiffLine[] {
  const lengths = commonLengths(old, current)
  const changes: DiffLine[] = []
  for (let i = 0, j = 0; i < old.length || j < current.length;) {
    if (i < old.length && j < current.length && old[i] === current[j]) {
      i++
      j++
    } else if (j === current.length || (i < old.length && at(lengths, i + 1, j) >= at(lengths, i, j + 1))) {
      changes.push({ sign: '-', text: old[i++] as string })
    } else {
      changes.push({ sign: '+', text: current[j++] as string })
    }
  }
  return changes
}

/** For each pair of places, the length of the longest common subsequence from there on. */
function commonLengths(a: readonly string[], b: readonly string[]): number[][] {
  const lengths = Array.from({ length: a.length + 1 }, () => new Array<number>(b.length + 1).fill(0))
  for (let i = a.length - 1; i >= 0; i--) {
    const row = lengths[i] as number[]
    for (let j = b.length - 1; j >= 0; j--) {
      row[j] = a[i] === b[j] ? at(lengths, i + 1, j + 1) + 1 : Math.max(at(lengths, i + 1, j), at(lengths, i, j + 1))
    }
  }
  return lengths
}

const at = (lengths: readonly number[][], i: number, j: number): number => lengths[i]?.[j] as number
