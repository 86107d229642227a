import { programOf, type Step } from './linear-program'
import { backtracks, regexFlags, treeOf, type One, type Tree } from './regex-tree'

// `private` and `protected`, not `#`: on the path of each request, where `#` costs more.

/** The part of a regex that the router needs. A matcher compares whole texts, as with an anchor at both ends. */
export interface Matcher {
  readonly source: string
  /** The texts of the capture groups; `undefined` when the text does not match. */
  match(text: string): readonly string[] | undefined
  test(text: string): boolean
}

/** The places where capture groups begin and end, as a linked list with the latest place first. */
interface Marks {
  readonly at: number
  readonly earlier: Marks | undefined
}

/** One way to read the text: the step that it has reached, and the capture groups on the way. */
interface Thread {
  readonly step: number
  readonly marks: Marks | undefined
}

/**
 * A matcher for a regex, with JavaScript's meaning. A regex that could backtrack over the same text again and again, so
 * that a client could keep the server busy for hours, is run by `LinearRegex`, which reads each character once.
 *
 * @throws RangeError when `LinearRegex` needs too many steps
 */
export function matcherOf(source: string): Matcher {
  const tree = treeOf(source)
  if (backtracks(tree)) return new LinearRegex(source, tree)
  const repeated = repeatedIn(tree)
  return repeated === undefined ? new NativeRegex(source) : new RepeatedClass(source, repeated)
}

/** The class of characters that a regex like `(\d+)` repeats; `undefined` for any other regex. */
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

/**
 * A repeated class of characters, as in most variables, `<int:id>` and `<name>`. For a short text, a table of ASCII is
 * faster than a regex (1 %).
 */
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

/** The longest text that the table is faster for. */
const SHORT = 8

/**
 * A regex that follows all ways to read a text at the same time, the preferred ways first (Pike's machine). At each
 * character there are at most as many ways as the program has steps, so that the work grows linearly with the text.
 * JavaScript still checks lookarounds.
 */
export class LinearRegex implements Matcher {
  private readonly program: readonly Step[]

  constructor(
    readonly source: string,
    tree: Tree,
  ) {
    this.program = programOf(tree)
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

  /**
   * Adds to `threads` the steps that read the character at `at`. A thread that reaches a step second is dropped: the
   * first is preferred.
   */
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
}

function holdsAt(regex: RegExp, text: string, at: number): boolean {
  regex.lastIndex = at
  return regex.test(text)
}
