import { backtracks, regexFlags, treeOf, type One, type Tree } from './regex-tree'

/** What the router needs of a regex. It is one for a whole text, with an anchor at both ends. */
export interface Matcher {
  readonly source: string
  /** The texts of the groups. */
  match(text: string): readonly string[] | undefined
  test(text: string): boolean
}

/** A step of a program. A split goes on at one step and, if that leads nowhere, at another; all else at the step after it. */
type Step =
  | Pick<One, 'kind' | 'accepts'>
  | { readonly kind: 'assertion'; readonly regex: RegExp }
  | { readonly kind: 'mark' }
  | { readonly kind: 'split'; first: number; second: number }
  | { readonly kind: 'end' }

/** Where a group begins or ends, the latest first. */
interface Marks {
  readonly at: number
  readonly earlier: Marks | undefined
}

interface Thread {
  readonly step: number
  readonly marks: Marks | undefined
}

/** Whoever counts higher than that has a regex that no URL is long enough for. */
const MOST_STEPS = 2000

/**
 * A regex for a whole text, as JavaScript means it. One that could backtrack over the same text again and again, which a
 * client can make to last for hours, is run in a way that reads each character once.
 *
 * @throws RangeError when that takes too many steps
 */
export function matcherOf(source: string): Matcher {
  const tree = treeOf(source)
  if (backtracks(tree)) return new LinearRegex(source, tree)
  const repeated = repeatedIn(tree)
  return repeated === undefined ? new NativeRegex(source) : new RepeatedClass(source, repeated)
}

/** The characters of a regex like `(\d+)`, which is nothing but one of them after the other. */
function repeatedIn(tree: Tree): One | undefined {
  if (tree.kind === 'group') return repeatedIn(tree.tree)
  if (tree.kind !== 'repeat' || tree.tree.kind !== 'one' || tree.min !== 1 || tree.max !== Infinity) return undefined
  return tree.tree
}

class NativeRegex implements Matcher {
  protected readonly regex: RegExp

  constructor(readonly source: string) {
    this.regex = new RegExp(`^(?:${source})$`, regexFlags)
  }

  match(text: string): readonly string[] | undefined {
    return this.regex.exec(text)?.slice(1)
  }

  test(text: string): boolean {
    return this.regex.test(text)
  }
}

/** What most variables are, `<int:id>` and `<name>`: for a short text a table of ASCII costs less than to start a regex (1 %). */
class RepeatedClass extends NativeRegex {
  private readonly table: readonly boolean[]

  constructor(source: string, one: One) {
    super(source)
    this.table = Array.from({ length: 0x80 }, (_, code) => one.accepts(code))
  }

  override test(text: string): boolean {
    if (text.length > SHORT) return super.test(text)
    for (let index = 0; index < text.length; index++) {
      const isAccepted = this.table[text.charCodeAt(index)]
      if (isAccepted !== true) return isAccepted === undefined && super.test(text)
    }
    return text !== ''
  }
}

const SHORT = 8

/**
 * All ways to read a text at once, the preferred ones first (Thompson's construction and Pike's machine). At any character
 * there are at most as many ways as the program has steps, so that the work grows with the text's length and no faster. What
 * a lookaround asserts is still left to JavaScript.
 */
export class LinearRegex implements Matcher {
  private readonly program: Step[] = []

  constructor(
    readonly source: string,
    tree: Tree,
  ) {
    this.unfold(tree)
    this.add({ kind: 'end' })
  }

  test(text: string): boolean {
    return this.run(text) !== undefined
  }

  match(text: string): readonly string[] | undefined {
    const thread = this.run(text)
    if (thread === undefined) return undefined
    const texts: string[] = []
    for (let end = thread.marks; end !== undefined;) {
      const start = end.earlier as Marks
      texts.unshift(text.slice(start.at, end.at))
      end = start.earlier
    }
    return texts
  }

  private run(text: string): Thread | undefined {
    const seen = new Int32Array(this.program.length).fill(-1)
    let threads = this.follow({ step: 0, marks: undefined }, text, 0, seen, [])
    for (let at = 0; at < text.length && threads.length > 0;) {
      const code = text.codePointAt(at) as number
      at += code > 0xffff ? 2 : 1
      const advanced: Thread[] = []
      for (const { step, marks } of threads) {
        const one = this.program[step] as One
        if (one.accepts(code)) this.follow({ step: step + 1, marks }, text, at, seen, advanced)
      }
      threads = advanced
    }
    return threads.find(({ step }) => this.program[step]?.kind === 'end')
  }

  /** Adds to `threads` the steps that wait for the character at a place. Whoever comes there later comes too late. */
  private follow(thread: Thread, text: string, at: number, seen: Int32Array, threads: Thread[]): Thread[] {
    const waiting = [thread]
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      if (seen[next.step] === at) continue
      seen[next.step] = at
      const { step: index, marks } = next
      const step = this.program[index] as Step
      if (step.kind === 'one' || step.kind === 'end') {
        if ((step.kind === 'end') === (at === text.length)) threads.push(next)
      } else if (step.kind === 'split') waiting.push({ step: step.second, marks }, { step: step.first, marks })
      else if (step.kind === 'mark') waiting.push({ step: index + 1, marks: { at, earlier: marks } })
      else if (holdsAt(step.regex, text, at)) waiting.push({ step: index + 1, marks })
    }
    return threads
  }

  private add<S extends Step>(step: S): S {
    if (this.program.push(step) <= MOST_STEPS) return step
    throw new RangeError(
      `it takes more than ${MOST_STEPS} steps to match without backtracking: make the counts in braces (or minlength and ` +
        'maxlength) smaller, or check the length in the view',
    )
  }

  /** Writes the steps of a tree. They go on to whatever is written after them. */
  private unfold(tree: Tree): void {
    switch (tree.kind) {
      case 'one':
        this.add(tree)
        break
      case 'assertion':
        this.add({ kind: 'assertion', regex: new RegExp(tree.source, `${regexFlags}y`) })
        break
      case 'group':
        this.add({ kind: 'mark' })
        this.unfold(tree.tree)
        this.add({ kind: 'mark' })
        break
      case 'sequence':
        for (const each of tree.trees) this.unfold(each)
        break
      case 'choice':
        this.unfoldChoice(tree.trees)
        break
      case 'repeat':
        this.unfoldRepeat(tree)
    }
  }

  private unfoldChoice(trees: readonly Tree[]): void {
    const ends = trees.map((tree, index) => {
      const split = this.split()
      this.unfold(tree)
      const end = this.split()
      split.second = index === trees.length - 1 ? split.first : this.program.length
      return end
    })
    this.leadHere(ends)
  }

  private unfoldRepeat({ tree, min, max, lazy }: Extract<Tree, { kind: 'repeat' }>): void {
    for (let count = 0; count < min; count++) this.unfold(tree)
    const exits: SplitStep[] = []
    const start = this.program.length
    for (let count = min; count < (max === Infinity ? min + 1 : max); count++) {
      exits.push(this.split())
      this.unfold(tree)
    }
    if (max === Infinity) Object.assign(this.split(), { first: start, second: start })
    for (const exit of exits) {
      if (lazy) Object.assign(exit, { first: this.program.length, second: exit.first })
      else exit.second = this.program.length
    }
  }

  /** A split that goes on at the step after it. */
  private split(): SplitStep {
    const next = this.program.length + 1
    return this.add({ kind: 'split', first: next, second: next })
  }

  private leadHere(splits: readonly SplitStep[]): void {
    for (const split of splits) split.first = split.second = this.program.length
  }
}

type SplitStep = Extract<Step, { kind: 'split' }>

function holdsAt(regex: RegExp, text: string, at: number): boolean {
  regex.lastIndex = at
  return regex.test(text)
}
