import * as make from './expressions'
import type { Expression } from './expressions'
import { ValueParser } from './value-parser'

const COMPARED = ['==', '!=', '<', '<=', '>', '>=']

/** Reads expressions, in the order of Jinja's precedence. */
export class ExpressionParser extends ValueParser {
  /** One value, or several that commas separate. */
  tuple(read = () => this.expression()): Expression {
    const first = read()
    if (!this.isNext('operator', ',')) return first
    const items = [first]
    while (this.has('operator', ',') && !this.#endsTuple()) items.push(read())
    return make.tuple(items)
  }

  #endsTuple(): boolean {
    return this.isNext('end') || this.isNext('operator', ')', '=')
  }

  expression(): Expression {
    let value = this.#or()
    while (this.has('name', 'if')) {
      const condition = this.#or()
      const otherwise = this.has('name', 'else') ? this.expression() : make.constant(undefined)
      value = make.conditional(condition, value, otherwise)
    }
    return value
  }

  /** Without a condition behind it: what `{% for %}` goes through. */
  unconditional(): Expression {
    return this.tuple(() => this.#or())
  }

  #or(): Expression {
    let left = this.#and()
    while (this.has('name', 'or')) left = make.or(left, this.#and())
    return left
  }

  #and(): Expression {
    let left = this.#not()
    while (this.has('name', 'and')) left = make.and(left, this.#not())
    return left
  }

  #not(): Expression {
    return this.has('name', 'not') ? make.not(this.#not()) : this.#comparison()
  }

  #comparison(): Expression {
    const first = this.#sum()
    const others: { symbol: string; value: Expression }[] = []
    for (let symbol = this.#comparing(); symbol !== undefined; symbol = this.#comparing())
      others.push({ symbol, value: this.#sum() })
    return others.length === 0 ? first : make.comparison(first, others)
  }

  #comparing(): string | undefined {
    const symbol = this.take('operator', ...COMPARED) ?? this.take('name', 'in')
    if (symbol !== undefined) return symbol.value
    if (!this.isNext('name', 'not') || !this.isSecond('name', 'in')) return undefined
    this.take('name', 'not')
    this.take('name', 'in')
    return 'not in'
  }

  #sum(): Expression {
    return this.#chain(['+', '-'], () => this.#concatenation())
  }

  #concatenation(): Expression {
    const parts = [this.#product()]
    while (this.has('operator', '~')) parts.push(this.#product())
    const [only, ...others] = parts as [Expression, ...Expression[]]
    return others.length === 0 ? only : make.concatenation(parts)
  }

  #product(): Expression {
    return this.#chain(['*', '/', '//', '%'], () => this.#chain(['**'], () => this.#unary(true)))
  }

  #chain(symbols: readonly string[], operand: () => Expression): Expression {
    let left = operand()
    for (
      let symbol = this.take('operator', ...symbols);
      symbol !== undefined;
      symbol = this.take('operator', ...symbols)
    )
      left = make.operation(symbol.value, left, operand())
    return left
  }

  #unary(withFilters: boolean): Expression {
    const symbol = this.take('operator', '-', '+')
    const value = symbol === undefined ? this.postfix(this.primary()) : make.sign(symbol.value, this.#unary(false))
    return withFilters ? this.filters(value) : value
  }
}
