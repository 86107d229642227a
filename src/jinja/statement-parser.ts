import type { Expression } from './expressions'
import { ExpressionParser } from './expression-parser'
import type { Token } from './lexer'
import { asHtml } from './operators'
import { str } from './text'
import type { Block, Statement } from './scope'
import { located, type SourceText, type Unit } from './template-error'

/** Reads what is behind the name of a tag, up to the end of the tag or of its body. */
export type Tag = (parser: StatementParser, line: number) => Statement

/** Reads the text and the tags of a template. */
export class StatementParser extends ExpressionParser {
  readonly blocks: Block[] = []
  readonly #blockNames = new Set<string>()
  /** The parts of the template around what is being read; the last one is the innermost. */
  readonly #units: Unit[]
  readonly #tags: Readonly<Record<string, Tag>>

  constructor(
    tokens: readonly Token[],
    readonly text: SourceText,
    readonly escapes: boolean,
    tags: Readonly<Record<string, Tag>>,
  ) {
    super(tokens)
    this.#tags = tags
    this.#units = [{ label: `template ${text.name}`, text }]
  }

  /**
   * Reads as far as a tag of one of these names, whose name is read as well.
   *
   * @returns the statement, and the tag that ends it; without names, as far as the end of the template
   */
  body(opened: string, line: number, ...ends: readonly string[]): { readonly run: Statement; readonly end: string } {
    const statements: Statement[] = []
    for (;;) {
      if (this.next === undefined) {
        if (ends.length > 0) this.fail(`{% ${opened} %} has no end: {% ${ends.at(-1) as string} %}`, line)
        return { run: inTurn(statements), end: '' }
      }
      const text = this.take('text')
      if (text !== undefined) statements.push(this.shown(() => text.value))
      else if (this.has('begin', '{{')) statements.push(this.#output())
      else {
        this.expect('begin')
        const { value: name, line: at } = this.expect('name')
        if (ends.includes(name)) return { run: inTurn(statements), end: name }
        statements.push(this.#tag(name, at))
      }
    }
  }

  /** The same for a body that has one end, whose tag is read to its end. */
  bodyTo(end: string, opened: string, line: number): Statement {
    const { run } = this.body(opened, line, end)
    if (end === 'endblock') this.take('name', opened.replace('block ', ''))
    this.expect('end')
    return run
  }

  /** Notes the name of a block, before its body, which may not have a block of this name either. */
  nameBlock(name: string, line: number): void {
    if (this.#blockNames.has(name)) this.fail(`there are two blocks '${name}'`, line)
    this.#blockNames.add(name)
  }

  /** Reads a part whose text is not written where it stands, or that has a name of its own. */
  within<T>(label: string | undefined, read: () => T): T {
    this.#units.push(label === undefined ? this.unit : { label, text: this.text })
    const result = read()
    this.#units.pop()
    return result
  }

  /** The innermost part. */
  get unit(): Unit {
    return this.#units.at(-1) as Unit
  }

  /** A statement that is not run once the template extends another one, outside of its blocks. */
  shown(run: Statement): Statement {
    if (this.#units.length > 1) return run
    return scope => (scope.rendering.parent === undefined ? run(scope) : '')
  }

  #output(): Statement {
    const { line } = this
    const value: Expression = this.tuple()
    this.expect('end')
    return this.#at(
      line,
      this.shown(scope => (scope.escapes ? asHtml(value(scope)) : str(value(scope)))),
    )
  }

  #tag(name: string, line: number): Statement {
    const tag = Object.hasOwn(this.#tags, name) ? this.#tags[name] : undefined
    if (tag === undefined) {
      const isEnd = name.startsWith('end') || name === 'else' || name === 'elif'
      return this.fail(isEnd ? `{% ${name} %} has no beginning` : `there is no tag '${name}'`, line)
    }
    return this.#at(line, tag(this, line))
  }

  /** Notes on errors which line of the template they come from. */
  #at(line: number, run: Statement): Statement {
    const { unit } = this
    return scope => {
      try {
        return run(scope)
      } catch (error) {
        throw located(error, unit, line)
      }
    }
  }
}

function inTurn(statements: readonly Statement[]): Statement {
  return scope => {
    let text = ''
    for (const run of statements) text += run(scope)
    return text
  }
}
