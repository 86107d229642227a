/** The parsed form of a regex. A 'group' is a capture group; other brackets only give the tree its shape. */
export type Tree =
  | One
  | { readonly kind: 'assertion'; readonly source: string }
  | { readonly kind: 'group'; readonly tree: Tree }
  | { readonly kind: 'sequence'; readonly trees: readonly Tree[] }
  | { readonly kind: 'choice'; readonly trees: readonly Tree[] }
  | { readonly kind: 'repeat'; readonly tree: Tree; readonly min: number; readonly max: number; readonly lazy: boolean }

/** A part of a regex that matches one character. */
export interface One {
  readonly kind: 'one'
  /** The code of the character, if the part matches only one. */
  readonly literal: number | undefined
  accepts(code: number): boolean
}

/** `s`: a dot also matches a line break. `u`: a character beyond U+FFFF counts as one. */
export const regexFlags = 'su'

// One atom of a regex: a class in brackets, an escape, or a single character.
const atom =
  '\\[(?:\\\\.|[^\\]\\\\])*\\]|\\\\(?:x\\w\\w|u[dD][89abAB]\\w\\w\\\\u[dD][c-fC-F]\\w\\w|u\\{\\w+\\}|u\\w{4}|[pP]\\{[^}]*\\}|c\\w|.)|.'
const atoms = new RegExp(atom, 'gsu')
const tokens = new RegExp(`\\((?:\\?(?::|<?[=!]))?|(?:[*+?]|\\{\\d+(?:,\\d*)?\\})\\??|${atom}`, 'gsu')

/** The atoms of a regex and the characters of its syntax, one by one. */
export const atomsOf = (source: string): string[] => source.match(atoms) ?? []

/**
 * The same regex, except that its classes and escapes no longer match `character`, which the regex must not contain.
 */
export function withoutCharacter(source: string, character: string): string {
  return source.replace(atoms, atom => {
    if (atom.length === 1 || !new RegExp(`^${atom}$`, regexFlags).test(character)) return atom
    return atom.startsWith('[^') ? `[^${character}${atom.slice(2)}` : `(?:(?!${character})${atom})`
  })
}

/** Parses a regex. The source must be valid, and without back references and inline flags. */
export const treeOf = (source: string): Tree => new RegexParser(source.match(tokens) ?? []).choice()

class RegexParser {
  readonly #tokens: readonly string[]
  #at = 0

  constructor(tokens: readonly string[]) {
    this.#tokens = tokens
  }

  choice(): Tree {
    const trees = [this.#sequence()]
    while (this.#take('|')) trees.push(this.#sequence())
    return trees.length === 1 ? (trees[0] as Tree) : { kind: 'choice', trees }
  }

  #sequence(): Tree {
    const trees: Tree[] = []
    for (
      let token = this.#tokens[this.#at];
      token !== undefined && token !== '|' && token !== ')';
      token = this.#tokens[this.#at]
    )
      trees.push(this.#repeated(this.#single(token)))
    return trees.length === 1 ? (trees[0] as Tree) : { kind: 'sequence', trees }
  }

  #single(token: string): Tree {
    const start = this.#at++
    if (token === '(' || token === '(?:') {
      const tree = this.choice()
      this.#take(')')
      return token === '(' ? { kind: 'group', tree } : tree
    }
    if (token.startsWith('(')) {
      this.choice()
      this.#take(')')
      return { kind: 'assertion', source: this.#tokens.slice(start, this.#at).join('') }
    }
    return /^\\[bB]$/.test(token) ? { kind: 'assertion', source: token } : oneOf(token)
  }

  #repeated(tree: Tree): Tree {
    const [, sign, least, most, lazy] = /^(?:([*+?])|\{(\d+)(,\d*)?\})(\?)?$/.exec(this.#tokens[this.#at] ?? '') ?? []
    if (sign === undefined && least === undefined) return tree
    this.#at++
    const min = least === undefined ? Number(sign === '+') : Number(least)
    const max = sign === '?' ? 1 : least === undefined || most === ',' ? Infinity : Number(most?.slice(1) ?? least)
    return { kind: 'repeat', tree, min, max, lazy: lazy !== undefined }
  }

  #take(token: string): boolean {
    const isNext = this.#tokens[this.#at] === token
    if (isNext) this.#at++
    return isNext
  }
}

function oneOf(source: string): One {
  if (/^[^\\[.]/su.test(source)) {
    const literal = source.codePointAt(0) as number
    return { kind: 'one', literal, accepts: code => code === literal }
  }
  const regex = new RegExp(`^${source}$`, regexFlags)
  const accepts = (code: number) => regex.test(String.fromCodePoint(code))
  // A table for ASCII, since nearly all characters in URLs are.
  const ascii = Array.from({ length: 128 }, (_, code) => accepts(code))
  const literal = /^\\[^\w]$/.test(source) ? source.charCodeAt(1) : undefined
  return { kind: 'one', literal, accepts: code => ascii[code] ?? accepts(code) }
}

/**
 * Whether a backtracking search may take more than linear time: when two of the regex's choices can divide one text in
 * more than one way, or when a choice is repeated. In doubt the result is true.
 */
export const backtracks = (tree: Tree): boolean => choices(tree, undefined) > 1

/** The number of choices that a search can try again. `next` is the character that must follow the tree. */
function choices(tree: Tree, next: One | undefined): number {
  switch (tree.kind) {
    case 'one':
    case 'assertion':
      return 0
    case 'group':
      return choices(tree.tree, next)
    case 'sequence':
      return tree.trees.reduce((sum, each, index) => {
        const following = tree.trees[index + 1]
        return sum + choices(each, following === undefined ? next : firstOf(following))
      }, 0)
    case 'choice':
      return isOfDistinctWords(tree.trees) ? 0 : 2
    case 'repeat':
      if (tree.tree.kind !== 'one') return 2
      return tree.min === tree.max || (next !== undefined && areDistinct(tree.tree, next)) ? 0 : 1
  }
}

/** The part that matches the first character of a tree; `undefined` if there is no single such part. */
function firstOf(tree: Tree): One | undefined {
  if (tree.kind === 'one') return tree
  if (tree.kind === 'group' || (tree.kind === 'repeat' && tree.min > 0)) return firstOf(tree.tree)
  return tree.kind === 'sequence' && tree.trees[0] !== undefined ? firstOf(tree.trees[0]) : undefined
}

const areDistinct = (one: One, other: One): boolean =>
  other.literal === undefined ? one.literal !== undefined && !other.accepts(one.literal) : !one.accepts(other.literal)

/** Whether all trees are plain words and at most one of them can match at any place. */
function isOfDistinctWords(trees: readonly Tree[]): boolean {
  const words = trees.map(wordOf)
  return words.every(
    (word, index) => word !== undefined && words.every((other, at) => at === index || !other?.startsWith(word)),
  )
}

function wordOf(tree: Tree): string | undefined {
  const ones = tree.kind === 'sequence' ? tree.trees : [tree]
  const codes = ones.map(one => (one.kind === 'one' ? one.literal : undefined))
  return codes.some(code => code === undefined) ? undefined : String.fromCodePoint(...(codes as number[]))
}
