import { SyntaxProblem, type Token } from './lexer'

const TYPES: Readonly<Record<Token['type'], string>> = {
  text: 'text',
  begin: 'a tag',
  end: 'the end of the tag',
  name: 'a name',
  string: 'a text',
  number: 'a number',
  operator: 'an operator',
}

/** The tokens of a template, read from the left. */
export class TokenStream {
  readonly #tokens: readonly Token[]
  #at = 0

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens
  }

  /** The next token; `undefined` at the end. */
  get next(): Token | undefined {
    return this.#tokens[this.#at]
  }

  /** The line of the next token. There always is one before the end of a tag. */
  get line(): number {
    return (this.next as Token).line
  }

  /** Whether the next token is of the type, and one of the values if there are any. */
  isNext(type: Token['type'], ...values: readonly string[]): boolean {
    return this.#isAt(this.#at, type, values)
  }

  /** The same for the token after the next one. */
  isSecond(type: Token['type'], ...values: readonly string[]): boolean {
    return this.#isAt(this.#at + 1, type, values)
  }

  #isAt(index: number, type: Token['type'], values: readonly string[]): boolean {
    const token = this.#tokens[index]
    return token?.type === type && (values.length === 0 || values.includes(token.value))
  }

  /** Reads the next token if it is such a one. */
  take(type: Token['type'], ...values: readonly string[]): Token | undefined {
    if (!this.isNext(type, ...values)) return undefined
    return this.#tokens[this.#at++]
  }

  /** Reads such a token. @throws SyntaxProblem if the next one is another */
  expect(type: Token['type'], ...values: readonly string[]): Token {
    return (
      this.take(type, ...values) ??
      this.fail(
        `expected ${values.length > 0 ? values.map(each => `'${each}'`).join(' or ') : TYPES[type]}, not ${this.#shown}`,
      )
    )
  }

  /** Whether there was one of these words, or signs. */
  has(type: Token['type'], ...values: readonly string[]): boolean {
    return this.take(type, ...values) !== undefined
  }

  unexpected(): never {
    return this.fail(`unexpected ${this.#shown}`)
  }

  fail(message: string, line = this.line): never {
    throw new SyntaxProblem(message, line)
  }

  get #shown(): string {
    return `'${(this.next as Token).value}'`
  }
}
