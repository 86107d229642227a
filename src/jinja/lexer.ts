import { TemplateError } from './template-error'

/** A piece of a template: text, or what is between its delimiters. */
export interface Token {
  readonly type: 'text' | 'begin' | 'end' | 'name' | 'string' | 'number' | 'operator'
  readonly value: string
  /** Begins with 1. */
  readonly line: number
}

/** A mistake with the line that it is in. */
export class SyntaxProblem extends TemplateError {
  constructor(
    message: string,
    readonly line: number,
  ) {
    super(message)
  }
}

const OPEN = /\{([{%#])([-+]?)/g
const RAW = /\{%[-+]?\s*raw\s*([-+]?)%\}/y
const END_RAW = /\{%([-+]?)\s*endraw\s*([-+]?)%\}/g
const ENDS: Readonly<Record<string, RegExp>> = { '{{': /([-+]?)\}\}/y, '{%': /([-+]?)%\}/y, '{#': /([-+]?)#\}/g }
const PART =
  /(?<space>\s+)|(?<number>0[xX][\da-fA-F_]+|0[bB][01_]+|0[oO][0-7_]+|\d[\d_]*(?:\.\d+)?(?:[eE][+-]?\d+)?)|(?<name>[\p{L}_][\p{L}\p{N}_]*)|(?<string>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")|(?<operator>\*\*|\/\/|[=!<>]=|[-+*/%~<>=()[\]{}.,:|])/suy

/** Takes a template apart. Like Jinja, leaves out the last line end, and spaces beside a `-` of a delimiter. */
export class Lexer {
  readonly #source: string
  readonly #tokens: Token[] = []
  #at = 0
  #line = 1
  /** Whether the delimiter before has a `-`. */
  #trimsNext = false

  constructor(source: string) {
    this.#source = source.replace(/\r\n?/g, '\n').replace(/\n$/, '')
  }

  tokens(): Token[] {
    for (;;) {
      const found = this.#find(OPEN)
      this.#text(found?.index ?? this.#source.length, found?.[2])
      if (found === null) return this.#tokens
      if (found[1] === '#') this.#comment()
      else this.#code(`{${found[1]}`, found[0].length)
    }
  }

  #find(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at
    return pattern.exec(this.#source)
  }

  #advance(to: number): string {
    const passed = this.#source.slice(this.#at, to)
    this.#at = to
    this.#line += passed.split('\n').length - 1
    return passed
  }

  #text(end: number, sign: string | undefined): void {
    const line = this.#line
    const text = this.#advance(end)
    const left = this.#trimsNext ? text.trimStart() : text
    const value = sign === '-' ? left.trimEnd() : left
    this.#trimsNext = false
    if (value !== '') this.#tokens.push({ type: 'text', value, line })
  }

  #comment(): void {
    const end = this.#find(ENDS['{#'] as RegExp) ?? this.#fail('the comment {# has no end: #}')
    this.#advance(end.index + end[0].length)
    this.#trimsNext = end[1] === '-'
  }

  #code(begin: string, length: number): void {
    const raw = this.#find(RAW)
    if (raw !== null) return this.#raw(raw)
    this.#push('begin', begin)
    const start = this.#line
    this.#advance(this.#at + length)
    for (let depth = 0; ;) {
      const end = depth === 0 ? this.#find(ENDS[begin] as RegExp) : null
      if (end !== null) {
        this.#push('end', end[0].slice(-2))
        this.#advance(this.#at + end[0].length)
        this.#trimsNext = end[1] === '-'
        return
      }
      if (this.#at === this.#source.length)
        throw new SyntaxProblem(`${begin} has no end: ${begin === '{{' ? '}}' : '%}'}`, start)
      depth = Math.max(0, depth + this.#part())
    }
  }

  /** Reads one token. @returns 1 for an opening bracket, -1 for a closing one, else 0 */
  #part(): number {
    const found = this.#find(PART) ?? this.#fail(`unexpected ${JSON.stringify(this.#source[this.#at])}`)
    const isFound = (entry: readonly [string, string | undefined]): entry is [string, string] => entry[1] !== undefined
    const [type, value] = Object.entries(found.groups as object).find(isFound) as [string, string]
    if (type !== 'space') this.#push(type as Token['type'], value)
    this.#advance(this.#at + found[0].length)
    if (type !== 'operator') return 0
    return '([{'.includes(found[0]) ? 1 : ')]}'.includes(found[0]) ? -1 : 0
  }

  #raw(raw: RegExpExecArray): void {
    this.#advance(this.#at + raw[0].length)
    this.#trimsNext = raw[1] === '-'
    const end = this.#find(END_RAW) ?? this.#fail('{% raw %} has no end: {% endraw %}')
    this.#text(end.index, end[1])
    this.#advance(this.#at + end[0].length)
    this.#trimsNext = end[2] === '-'
  }

  #push(type: Token['type'], value: string): void {
    this.#tokens.push({ type, value, line: this.#line })
  }

  #fail(message: string): never {
    throw new SyntaxProblem(message, this.#line)
  }
}
