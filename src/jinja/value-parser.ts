import * as make from './expressions'
import type { CompiledArguments, Expression } from './expressions'
import { TokenStream } from './token-stream'

const CONSTANTS: Readonly<Record<string, unknown>> = {
  true: true,
  True: true,
  false: false,
  False: false,
  none: null,
  None: null,
}
const NO_ARGUMENTS: CompiledArguments = { positional: [], named: [] }
/** Words that end the argument of a test. */
const AFTER_TEST = ['and', 'or', 'not', 'if', 'else', 'is', 'in', 'recursive', 'ignore', 'with', 'without']

/** Reads values, with the attributes, calls, filters and tests behind them. */
export abstract class ValueParser extends TokenStream {
  /** The names that were read, to find out which of a macro's special names it uses. */
  names = new Set<string>()

  abstract expression(): Expression
  abstract tuple(): Expression

  protected primary(): Expression {
    const { next } = this
    if (next?.type === 'name') return this.#name()
    if (next?.type === 'number') return make.constant(numberOf(this.expect('number').value))
    if (next?.type === 'string') return this.#string()
    if (this.has('operator', '(')) return this.#parenthesis()
    if (this.has('operator', '[')) return make.list(this.#items(']', () => this.expression()))
    if (this.has('operator', '{')) return make.dictionary(this.#items('}', () => this.#entry()))
    return this.unexpected()
  }

  #name(): Expression {
    const { value } = this.expect('name')
    if (Object.hasOwn(CONSTANTS, value)) return make.constant(CONSTANTS[value], value)
    this.names.add(value)
    return make.variable(value)
  }

  #string(): Expression {
    let text = ''
    for (let token = this.take('string'); token !== undefined; token = this.take('string'))
      text += unescaped(token.value)
    return make.constant(text, `'${text}'`)
  }

  #parenthesis(): Expression {
    if (this.has('operator', ')')) return make.tuple([])
    const value = this.tuple()
    this.expect('operator', ')')
    return value
  }

  #items<T>(end: string, read: () => T): T[] {
    const items: T[] = []
    while (!this.has('operator', end)) {
      items.push(read())
      if (!this.isNext('operator', end)) this.expect('operator', ',')
    }
    return items
  }

  #entry(): [Expression, Expression] {
    const key = this.expression()
    this.expect('operator', ':')
    return [key, this.expression()]
  }

  /** Attributes, items and calls behind a value. */
  postfix(of: Expression): Expression {
    let value = of
    for (;;) {
      if (this.has('operator', '.')) value = this.#attribute(value)
      else if (this.has('operator', '[')) value = this.#subscript(value)
      else if (this.has('operator', '(')) value = make.call(value, this.arguments())
      else return value
    }
  }

  #attribute(of: Expression): Expression {
    const index = this.take('number')
    if (index !== undefined) return make.item(of, make.constant(Number(index.value)))
    return make.attribute(of, this.expect('name').value)
  }

  #subscript(of: Expression): Expression {
    const bounds: (Expression | undefined)[] = []
    const bound = () => (this.isNext('operator', ':', ']') ? undefined : this.expression())
    bounds.push(bound())
    while (this.has('operator', ':')) bounds.push(bound())
    this.expect('operator', ']')
    const [key] = bounds
    if (bounds.length > 1) return make.slice(of, bounds)
    return key === undefined ? this.fail('the brackets [] are empty') : make.item(of, key)
  }

  /** The arguments of a call, whose bracket is open. */
  arguments(): CompiledArguments {
    const positional: { value: Expression; isSpread: boolean }[] = []
    const named: { name: string | undefined; value: Expression }[] = []
    this.#items(')', () => {
      if (this.has('operator', '**')) return named.push({ name: undefined, value: this.expression() })
      if (this.has('operator', '*')) return positional.push({ value: this.expression(), isSpread: true })
      if (this.isNext('name') && this.isSecond('operator', '=')) {
        const { value: name } = this.expect('name')
        this.expect('operator', '=')
        return named.push({ name, value: this.expression() })
      }
      if (named.length > 0) this.fail('an argument without a name is behind one with a name')
      return positional.push({ value: this.expression(), isSpread: false })
    })
    return { positional, named }
  }

  /** Filters, tests and calls behind a value. */
  filters(of: Expression): Expression {
    let value = of
    for (;;) {
      if (this.has('operator', '|')) value = this.filter(value)
      else if (this.has('name', 'is')) value = this.#test(value)
      else if (this.has('operator', '(')) value = make.call(value, this.arguments())
      else return value
    }
  }

  /** A filter whose `|` was read. */
  filter(of: Expression): Expression {
    const name = this.#dotted()
    return make.applied('filter', name, of, this.has('operator', '(') ? this.arguments() : NO_ARGUMENTS)
  }

  #test(of: Expression): Expression {
    const isNegated = this.has('name', 'not')
    const name = this.#dotted()
    const test = make.applied('test', name, of, this.#testArguments())
    return isNegated ? make.not(test) : test
  }

  #testArguments(): CompiledArguments {
    if (this.has('operator', '(')) return this.arguments()
    const begins = this.isNext('string') || this.isNext('number') || this.isNext('operator', '[', '{')
    if (!begins && (!this.isNext('name') || this.isNext('name', ...AFTER_TEST))) return NO_ARGUMENTS
    return { positional: [{ value: this.postfix(this.primary()), isSpread: false }], named: [] }
  }

  #dotted(): string {
    let name = this.expect('name').value
    while (this.has('operator', '.')) name += `.${this.expect('name').value}`
    return name
  }
}

/** A whole number that JavaScript's numbers can't hold is a bigint. */
function numberOf(literal: string): number | bigint {
  const text = literal.replaceAll('_', '')
  const number = Number(text)
  return Number.isSafeInteger(number) || /^\d*[.eE]/.test(text) ? number : BigInt(text)
}

const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  '\\': '\\',
  "'": "'",
  '"': '"',
  '\n': '',
}

/** The text of a literal. As in Python, a `\` before any other character stays. */
function unescaped(literal: string): string {
  return literal
    .slice(1, -1)
    .replace(
      /\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|(.))/gs,
      (whole: string, byte?: string, unit?: string, character?: string) =>
        character === undefined
          ? String.fromCharCode(parseInt((byte ?? unit) as string, 16))
          : (ESCAPES[character] ?? whole),
    )
}
