import { regexFlags, type One, type Tree } from './regex-tree'

/**
 * A step of a program. A split goes on at `first` and, if that fails, at `second`; every other step at the next one.
 */
export type Step =
  | Pick<One, 'kind' | 'accepts'>
  | { readonly kind: 'assertion'; readonly regex: RegExp }
  | { readonly kind: 'mark' }
  | { readonly kind: 'split'; first: number; second: number }
  | { readonly kind: 'end' }

type SplitStep = Extract<Step, { kind: 'split' }>

/** A regex with more steps than this matches texts that are longer than any URL. */
const MOST_STEPS = 2000

/**
 * Writes a regex as the steps of a program (Thompson's construction), which `LinearRegex` runs.
 *
 * @throws RangeError when the regex takes too many steps
 */
export function programOf(tree: Tree): readonly Step[] {
  return new ProgramWriter().write(tree)
}

class ProgramWriter {
  readonly #steps: Step[] = []

  write(tree: Tree): readonly Step[] {
    this.#unfold(tree)
    this.#add({ kind: 'end' })
    return this.#steps
  }

  #add<S extends Step>(step: S): S {
    if (this.#steps.push(step) <= MOST_STEPS) return step
    throw new RangeError(
      `it takes more than ${MOST_STEPS} steps to match without backtracking: make the counts in braces (or minlength ` +
        'and maxlength) smaller, or check the length in the view',
    )
  }

  /** Writes the steps of a tree. The last of them goes on at the step that is written next. */
  #unfold(tree: Tree): void {
    switch (tree.kind) {
      case 'one':
        this.#add(tree)
        break
      case 'assertion':
        this.#add({ kind: 'assertion', regex: new RegExp(tree.source, `${regexFlags}y`) })
        break
      case 'group':
        this.#add({ kind: 'mark' })
        this.#unfold(tree.tree)
        this.#add({ kind: 'mark' })
        break
      case 'sequence':
        for (const each of tree.trees) this.#unfold(each)
        break
      case 'choice':
        this.#unfoldChoice(tree.trees)
        break
      case 'repeat':
        this.#unfoldRepeat(tree)
    }
  }

  #unfoldChoice(trees: readonly Tree[]): void {
    const ends = trees.map((tree, index) => {
      const split = this.#split()
      this.#unfold(tree)
      const end = this.#split()
      split.second = index === trees.length - 1 ? split.first : this.#steps.length
      return end
    })
    this.#leadHere(ends)
  }

  #unfoldRepeat({ tree, min, max, lazy }: Extract<Tree, { kind: 'repeat' }>): void {
    for (let count = 0; count < min; count++) this.#unfold(tree)
    const exits: SplitStep[] = []
    const start = this.#steps.length
    for (let count = min; count < (max === Infinity ? min + 1 : max); count++) {
      exits.push(this.#split())
      this.#unfold(tree)
    }
    if (max === Infinity) Object.assign(this.#split(), { first: start, second: start })
    for (const exit of exits) {
      if (lazy) Object.assign(exit, { first: this.#steps.length, second: exit.first })
      else exit.second = this.#steps.length
    }
  }

  /** Adds a split whose two ways both go on at the next step, until the caller changes one. */
  #split(): SplitStep {
    const next = this.#steps.length + 1
    return this.#add({ kind: 'split', first: next, second: next })
  }

  /** Makes splits go on at the step that is written next. */
  #leadHere(splits: readonly SplitStep[]): void {
    for (const split of splits) split.first = split.second = this.#steps.length
  }
}
